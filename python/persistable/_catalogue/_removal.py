"""Removing artifacts: first a plan, then its execution."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, NamedTuple

from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import html_table, shown_age, text_table
from persistable._units import shown_size

if TYPE_CHECKING:
    from persistable import _core
    from persistable._catalogue._asking import Asking, Selection

__all__ = ["Planned", "Removal", "RemovalPlan", "plan_of"]

_MOST_SHOWN = 20


class Planned(NamedTuple):
    """An artifact that is to go."""

    name: str
    key: str
    short: str
    size_bytes: int | None
    reason: str
    """Why it is to go. Its record of removal says so, too."""


@dataclass(frozen=True)
class Removal:
    """What was removed. Artifacts are named as their files are."""

    removed: tuple[str, ...]
    """These were removed."""
    freed_bytes: int
    """So many bytes became free."""
    kept: dict[str, str]
    """These stayed, and why."""

    def __str__(self) -> str:
        """Describes it in some lines."""
        lines = [f"removed {_counted(len(self.removed))}, which frees {shown_size(self.freed_bytes)}"]
        lines += [f"  {stem} stays: {why}" for stem, why in list(self.kept.items())[:_MOST_SHOWN]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


class RemovalPlan:
    """What would be removed, and why. Nothing is removed before you call `apply()`."""

    def __init__(self, asking: Asking, plan: _core.RemovalPlan) -> None:
        """Catalogues make plans."""
        self._asking = asking
        self._plan = plan
        found = json.loads(plan.to_json())
        self._rows = found["removed"]
        self.artifacts: tuple[Planned, ...] = tuple(
            Planned(each["name"], each["key"], each["short"], each["size_bytes"], each["reason"]) for each in self._rows
        )
        """The artifacts that go, in this order."""
        self.freed_bytes: int = found["freed_bytes"]
        """The bytes that become free."""
        self.kept: int = found["kept"]
        """How many of those that were selected stay."""
        self.kept_bytes: int = found["kept_bytes"]
        """The bytes that stay."""
        self.orphaned: int = found["orphaned"]
        """How many artifacts of the store stay, though they were made from what goes."""
        self.pinned: tuple[str, ...] = tuple(each["short"] for each in found["pinned"])
        """The keys, shortened, of those that would go if they were not pinned."""

    def apply(self, progress: Callable[[int, int], object] | None = None) -> Removal:
        """Removes what was planned. `progress` is told how many are done, and of how many.

        An artifact stays if it was pinned or generated again since the plan was made, or if a process uses it. Of each
        that is removed, the store keeps a record. So `why` knows when it was removed, and why.
        """
        found = json.loads(self._asking.core.remove(self._plan, progress))
        return Removal(tuple(found["removed"]), found["freed_bytes"], dict(found["kept"]))

    def __len__(self) -> int:
        return len(self.artifacts)

    def __repr__(self) -> str:
        if not self.artifacts:
            return f"nothing to remove{self._pins()}"
        lines = [text_table(*self._cells(), right=frozenset((2,)))]
        if len(self) > _MOST_SHOWN:
            lines.append(f"and {len(self) - _MOST_SHOWN:,} more")
        return "\n".join([*lines, self._summary()])

    def _repr_html_(self) -> str:
        return html_table("would be removed", *self._cells(), remark=self._summary())

    def _summary(self) -> str:
        kept = f"left of the selection: {_counted(self.kept)}, {shown_size(self.kept_bytes)}"
        freed = f"frees {shown_size(self.freed_bytes)}; {kept}{self._pins()}"
        orphaned = f". {_counted(self.orphaned)} that stay were made from these" if self.orphaned else ""
        return f"apply() removes {_counted(len(self))}, and {freed}{orphaned}"

    def _pins(self) -> str:
        return f", {len(self.pinned):,} of them only because pinned" if self.pinned else ""

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        rows = []
        for each in self._rows[:_MOST_SHOWN]:
            when = moment_of(each["persisted"])
            size = "" if each["size_bytes"] is None else shown_size(each["size_bytes"])
            rows.append([each["name"], each["short"], size, shown_age(when) if when else "", each["reason"]])
        return ["step", "key", "size", "age", "because"], rows


def plan_of(
    asking: Asking,
    selection: Selection,
    *,
    is_all: bool = False,
    most_bytes: int | None = None,
    longest_age_seconds: float | None = None,
    longest_unused_seconds: float | None = None,
    damaged: bool = False,
    stale: bool = False,
) -> RemovalPlan:
    """Plans what to remove."""
    limits = most_bytes, longest_age_seconds, longest_unused_seconds
    plan = asking.core.plan_removal(selection, is_all, limits, damaged, stale)
    return RemovalPlan(asking, plan)


def _counted(number: int) -> str:
    return "1 artifact" if number == 1 else f"{number:,} artifacts"
