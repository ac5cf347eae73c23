"""What is in order, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._catalogue._table import cut, html_table, text_table
from persistable._core import shown_size

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking, Selection

__all__ = ["Finding", "Status", "StepStatus", "status"]

_MOST_SHOWN = 10


class StepStatus(NamedTuple):
    """How the artifacts of a payload name are."""

    name: str
    """The payload name."""
    artifacts: int
    """How many artifacts were looked at."""
    size_bytes: int
    """The bytes of their payloads."""
    stale: int
    """So many were made by other code, or from other inputs or dependencies, than there are now."""
    damaged: int
    """So many have a manifest that can't be used."""
    untrusted: int
    """So many may run code when they are loaded, and are not trusted."""
    orphaned: int
    """So many were made from artifacts that are gone."""
    unreferenced: int
    """From so many nothing was made that is there."""
    pinned: int
    """So many are pinned."""


class Finding(NamedTuple):
    """An artifact that needs a look."""

    name: str
    """The payload name."""
    key: str
    """The key in hex."""
    short: str
    """The first digits of the key."""
    issues: tuple[str, ...]
    """What each is: `"unusable"`, `"untrusted"`, `"unreadable_labels"`, `"code_changed"`, `"input_changed"`,
    `"input_may_have_changed"`, `"dependency_changed"`, `"dependency_stale"` or `"dependency_gone"`."""
    reasons: tuple[str, ...]
    """The same in words."""


@dataclass(frozen=True, repr=False)
class Status:
    """How a store is. `print` it, or let a notebook show it."""

    steps: tuple[StepStatus, ...]
    """The steps, by name."""
    findings: tuple[Finding, ...]
    """The artifacts that need a look."""
    strays: tuple[str, ...] = ()
    """Files and folders with payloads that no manifest names: nothing loads them. They are looked for if the catalogue
    is not filtered."""

    def __str__(self) -> str:
        """Describes it as a table, and names the first artifacts that need a look."""
        lines = [text_table(*self._cells(), right=frozenset(range(1, 9)))]
        for finding in self.findings[:_MOST_SHOWN]:
            lines.append(f"{finding.name} {finding.short}: {cut('; '.join(finding.reasons), 200)}")
        if len(self.findings) > _MOST_SHOWN:
            lines.append(f"and {len(self.findings) - _MOST_SHOWN:,} more")
        if self.strays:
            number = "1 payload" if len(self.strays) == 1 else f"{len(self.strays):,} payloads"
            lines.append(f"{number} without a manifest, such as {cut(self.strays[0], 120)}: nothing loads them")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        number = len(self.findings)
        return html_table("status", *self._cells(), remark=f"{number:,} need a look" if number else "all is in order")

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        columns = ["step", "artifacts", "size", *StepStatus._fields[3:]]
        rows = [
            [step.name, f"{step.artifacts:,}", shown_size(step.size_bytes), *(f"{count:,}" for count in step[3:])]
            for step in self.steps
        ]
        return columns, rows


def status(asking: Asking, selection: Selection, inputs: bool) -> Status:
    """Looks at artifacts, but not at their payloads."""
    found = asking.answer("status", selection, bool(inputs))
    steps = (StepStatus(**{name: each[name] for name in StepStatus._fields}) for each in found["steps"])
    return Status(tuple(steps), tuple(map(_finding, found["findings"])), tuple(found["strays"]["payloads"]))


def _finding(found: dict[str, Any]) -> Finding:
    artifact, issues = found["artifact"], found["issues"]
    kinds = tuple(each["what"]["issue"] for each in issues)
    reasons = tuple(each["text"] for each in issues)
    return Finding(artifact["name"], artifact["key"], artifact["short"], kinds, reasons)
