"""What `audit()` returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._audit._lineage import ChangedDependency

if TYPE_CHECKING:
    from persistable._reproduce import Reproduction

__all__ = ["FAILED", "SKIPPED", "Audit", "AuditedStep"]

FAILED = "failed"
SKIPPED = "skipped"


class AuditedStep(NamedTuple):
    """One step of an audit."""

    step: str
    """The step: its payload name and the first half of its key."""
    verdict: str
    """That of its reproduction, `"failed"` or `"skipped"`."""
    why: str
    """Why it was skipped or failed; what differs first."""
    generation_seconds: float | None
    """How long its generation took, where that is recorded."""
    reproduction: Reproduction | None = None
    """What became of generating it again."""

    def __str__(self) -> str:
        return f"{self.step}: {self.verdict}{f' ({self.why})' if self.why else ''}"


@dataclass(frozen=True)
class Audit:
    """What an audit found. `print` it."""

    steps: tuple[AuditedStep, ...]
    """Each step, those that were generated again first."""
    changed_dependencies: tuple[ChangedDependency, ...]
    """Which artifacts depend on one that was made from another payload than is persisted now."""

    @property
    def counts(self) -> dict[str, int]:
        """How many steps there are of each verdict."""
        return dict(Counter(step.verdict for step in self.steps))

    @property
    def is_clean(self) -> bool:
        """Whether what was generated again is the same, and all was made from what is there now."""
        is_same = all(step.reproduction.is_same for step in self.steps if step.reproduction is not None)
        return is_same and FAILED not in self.counts and not self.changed_dependencies

    def to_frame(self) -> Any:
        """Returns a pandas frame with a row for each step."""
        import pandas

        columns = ("step", "verdict", "why", "generation_seconds")
        rows = [[getattr(step, column) for column in columns] for step in self.steps]
        frame = pandas.DataFrame(rows, columns=list(columns))
        for name in ("seconds", "largest_absolute_error", "largest_relative_error"):
            frame[name] = [getattr(step.reproduction, name, None) for step in self.steps]
        return frame

    def __str__(self) -> str:
        lines = list(map(str, self.steps))
        lines.extend(map(str, self.changed_dependencies))
        counted = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        lines.append(f"{len(self.steps)} steps: {counted}" if self.steps else "no steps")
        if not self.changed_dependencies:
            lines.append("all were made from what is persisted of their dependencies now, as far as is recorded")
        return "\n".join(lines)
