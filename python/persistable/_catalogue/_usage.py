"""What takes the space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._catalogue._table import html_table, shown_value, text_table
from persistable._core import shown_duration, shown_size

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking, Selection

__all__ = ["Usage", "Usages", "usages"]


class Usage(NamedTuple):
    """What shares a step, or a value of a param, and the space that it takes."""

    name: str
    """The payload name."""
    param: str | None
    """The param, if it is counted by one."""
    value: Any
    """Its value."""
    artifacts: int
    """How many artifacts."""
    size_bytes: int
    """The bytes of their payloads."""
    generation_seconds: float
    """The seconds that their generation took."""


class Usages(list[Usage]):
    """What takes the space, the largest first."""

    def __repr__(self) -> str:
        return text_table(*self._cells(), right=frozenset((0, 1, 2, 3))) if self else "there is nothing to count"

    def _repr_html_(self) -> str:
        return html_table("what takes the space", *self._cells())

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        has_params = any(usage.param is not None for usage in self)
        # By several params, each artifact is counted once for each of them.
        of_param: dict[tuple[str, str | None], int] = {}
        for usage in self:
            of_param[usage.name, usage.param] = of_param.get((usage.name, usage.param), 0) + usage.size_bytes
        of_step: dict[str, int] = {}
        for (name, _), size in of_param.items():
            of_step[name] = max(of_step.get(name, 0), size)
        total = sum(of_step.values())
        rows = []
        for usage in self:
            cells = [
                shown_size(usage.size_bytes),
                f"{usage.size_bytes / max(total, 1):.0%}",
                f"{usage.artifacts:,}",
                shown_duration(usage.generation_seconds),
                usage.name,
            ]
            rows.append([*cells, f"{usage.param} = {shown_value(usage.value)}"] if has_params else cells)
        columns = ["size", "share", "artifacts", "took", "step"]
        return ([*columns, "param"] if has_params else columns), rows


def usages(asking: Asking, selection: Selection, by: str | bool | None) -> Usages:
    """Counts what takes the space."""
    named = "" if by is True else (by or None)
    found = asking.answer("usage", selection, named)
    return Usages(Usage(**{name: each[name] for name in Usage._fields}) for each in found)
