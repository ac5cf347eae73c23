"""Artifacts of persistable 1.x in a folder: what they are, and what can be done."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import cut, html_table, shown_age, text_table
from persistable._units import shown_size

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking

__all__ = ["Former", "Formers", "formers"]


class Former(NamedTuple):
    """An artifact that persistable 1.x persisted."""

    name: str
    """The payload name."""
    digest: str
    """The digest in its file names."""
    file: Path
    """Its payload."""
    size_bytes: int
    """The payload's size."""
    modified_at: datetime
    """When it was written, in UTC."""
    params: dict[str, Any]
    """Its params, as its file with params tells them."""
    is_certain: bool
    """Whether its params prove that 1.x wrote it."""
    advice: str
    """What can be done: `"load"`, `"distrusted"` or `"adopted"`."""
    reason: str
    """The same in words."""


class Formers(list[Former]):
    """What persistable 1.x left in a folder, by name."""

    def __repr__(self) -> str:
        return text_table(*self._cells(), right=frozenset((1,))) if self else "persistable 1.x left nothing here"

    def _repr_html_(self) -> str:
        return html_table("artifacts of persistable 1.x", *self._cells())

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = [
            [
                each.name,
                shown_size(each.size_bytes),
                shown_age(each.modified_at),
                each.reason,
                cut(json.dumps(each.params)),
            ]
            for each in self
        ]
        return ["step", "size", "age", "what can be done", "params"], rows


def formers(asking: Asking) -> Formers:
    """Lists what persistable 1.x left in a folder."""
    return Formers(_former(found, reason) for found, reason in asking.answer("former"))


def _former(found: dict[str, Any], reason: str) -> Former:
    return Former(
        found["name"],
        found["digest"],
        Path(found["file"]),
        found["size_bytes"],
        cast(datetime, moment_of(found["modified"])),
        found["params"],
        found["is_certain"],
        found["advice"]["advice"],
        reason,
    )
