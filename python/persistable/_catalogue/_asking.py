"""Asking the core's catalogue, and naming artifacts to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

from persistable import _core
from persistable._persistable import Persistable

if TYPE_CHECKING:
    from persistable._bound import BoundStepFunction
    from persistable._catalogue._entry import Entry
    from persistable._decorator import StepFunction

    Artifact = Union[str, "Entry", Persistable[Any, Any]]

__all__ = ["Asking", "Row", "Selection", "payload_name_of", "stem_of"]

Selection = tuple[Optional[str], Optional[str], Optional[list[str]]]
"""Which artifacts: a payload name, a filter, and the stems of the only ones."""


class Row(NamedTuple):
    """An artifact, as the core lists it."""

    stem: str
    name: str
    key: str
    short: str
    state: str
    size_bytes: int | None
    persisted_milliseconds: int | None
    generation_seconds: float | None
    tags: list[str]
    pinned: bool
    problem: str | None
    values: dict[str, Any]


class Listed(NamedTuple):
    """A list of artifacts."""

    columns: list[str]
    rows: list[Row]
    selected: int
    """So many were selected; there may be fewer rows."""
    size_bytes: int
    hints: list[str]


class Asking:
    """An open catalogue, with the store that it is of."""

    def __init__(self, store: Any, index: Any) -> None:
        """Opens the catalogue of a `Store`, with its index in a folder or without one."""
        self.store = store
        self.core = _core.Catalogue.open(store._existing(), index)

    def rows(
        self,
        selection: Selection,
        columns: list[str] | None = None,
        *,
        varying: bool = False,
        sort: tuple[str, bool] | None = None,
        limit: int | None = None,
    ) -> Listed:
        """Lists artifacts. Without columns, with all params or those that vary."""
        name, is_descending = sort or (None, False)
        found = self.core.rows(selection, (columns, varying, name, is_descending, limit))
        columns, rows, selected, size_bytes, hints = found
        return Listed(columns, [Row(*row) for row in rows], selected, size_bytes, hints)

    def answer(self, method: str, *arguments: Any) -> Any:
        """Returns what JSON says that a method of the core answers."""
        return json.loads(getattr(self.core, method)(*arguments))

    def find(self, artifact: Artifact) -> str:
        """Returns the stem of an artifact that is in the store, or was."""
        return self.core.find(stem_of(artifact))


def payload_name_of(step: str | StepFunction[Any, Any] | BoundStepFunction[Any, Any]) -> str:
    """Returns the payload name of a step, which may be given by its function."""
    if isinstance(step, str):
        return step
    from persistable._bound import BoundStepFunction
    from persistable._decorator import StepFunction

    definition = step.definition if isinstance(step, BoundStepFunction) else step
    if isinstance(definition, StepFunction) and definition.payload_name is not None:
        return str(definition.payload_name)
    raise TypeError(f"step is a payload name or a step function, not of type {type(step).__qualname__}")


def stem_of(artifact: Artifact) -> str:
    """Returns how an artifact is named: the first digits of its key, as they are given, or its stem."""
    if isinstance(artifact, str):
        return artifact
    if isinstance(artifact, Persistable):
        return f"{artifact.payload_name}({artifact.persist_hash})"
    stem = getattr(artifact, "stem", None)
    if isinstance(stem, str):
        return stem
    kind = type(artifact).__qualname__
    raise TypeError(f"an artifact is a step, an entry of a catalogue, or the first digits of a key, not of type {kind}")
