"""What `audit()` returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._audit._lineage import ChangedDependency
from persistable._html import table

if TYPE_CHECKING:
    from persistable._reproduce import Reproduction

__all__ = ["FAILED", "SKIPPED", "Audit", "AuditedStep"]

_MOST_ROWS = 100

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

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Audit:
    """What an audit found. `print` it, or let a notebook show it."""

    steps: tuple[AuditedStep, ...]
    """Each step, those that were generated again first."""
    changed_dependencies: tuple[ChangedDependency, ...]
    """Which artifacts depend on one that was made from another payload than is persisted now."""

    @property
    def counts(self) -> dict[str, int]:
        """How many steps there are of each verdict."""
        return dict(Counter(step.verdict for step in self.steps))

    @property
    def stale(self) -> tuple[str, ...]:
        """The artifacts that are made, themselves or below, from another payload than is persisted now."""
        return tuple(dict.fromkeys(each.step for each in self.changed_dependencies))

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
        lines = [str(step) for step in self.steps if step.verdict != SKIPPED]
        lines.extend(f"skipped, {why}: {steps}" for why, steps in self._skipped())
        lines.extend(f"{root} was generated again. Stale because of it: {stale}" for root, stale in self._roots())
        lines.append(self._summary())
        if self.steps and not self.changed_dependencies:
            lines.append("as far as is recorded, all were made from the present payloads of their dependencies")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = [
            (step.step, [f"{step.verdict}{f': {step.why}' if step.why else ''}"]) for step in self.steps[:_MOST_ROWS]
        ]
        if len(self.steps) > _MOST_ROWS:
            rows.append((f"{len(self.steps) - _MOST_ROWS} more", ["see .steps"]))
        roots = [(f"{root} was generated again", [f"stale because of it: {stale}"]) for root, stale in self._roots()]
        return table(self._summary(), [*roots, *rows])

    def _summary(self) -> str:
        if not self.steps:
            return "no steps"
        counted = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        stale = f"; {len(self.stale)} of them stale" if self.stale else ""
        return f"{len(self.steps)} step{'s' if len(self.steps) > 1 else ''}: {counted}{stale}"

    def _skipped(self) -> list[tuple[str, str]]:
        """Returns why steps were skipped, with the first of them."""
        by_reason: dict[str, list[str]] = {}
        for step in self.steps:
            if step.verdict == SKIPPED:
                by_reason.setdefault(step.why, []).append(step.step)
        return [(why, _listed(steps)) for why, steps in by_reason.items()]

    def _roots(self) -> list[tuple[str, str]]:
        """Returns the dependencies that have another payload now, with what is stale because of them."""
        by_root: dict[str, list[str]] = {}
        for change in self.changed_dependencies:
            stale = by_root.setdefault(change.dependency, [])
            if change.step not in stale:
                stale.append(change.step)
        return [(root, _listed(_short_names(stale), most=_MOST_ROWS)) for root, stale in by_root.items()]


def _short_names(steps: list[str]) -> list[str]:
    """Returns payload names without the keys, where those are of different names."""
    names = [step.partition("(")[0] for step in steps]
    return names if len(set(names)) == len(names) else steps


def _listed(steps: list[str], most: int = 5) -> str:
    more = [f"and {len(steps) - most} more"] if len(steps) > most else []
    return ", ".join([*steps[:most], *more])
