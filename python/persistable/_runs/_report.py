"""What became of the steps of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._core import shown_duration
from persistable._repr import briefly_shown_step
from persistable._runs._overview import Overview, by_name, counted, listed

if TYPE_CHECKING:
    import pandas as pd

    from persistable._persistable import Persistable

__all__ = ["Report", "StepReport", "brief_error"]


class StepReport(NamedTuple):
    """What became of one step."""

    step: Persistable[Any, Any]
    payload_name: str
    key: str
    state: str
    """`"present"` before the run, `"generated"` by it, `"found"` since another process generated it, `"failed"`,
    `"blocked"` by a failure below it, or `"not_started"`."""
    seconds: float | None
    host: str | None
    error: BaseException | None
    blocked_by: str | None
    """The key of the step that failed, if this one was left out for it."""
    restarts: int
    """How often it was started again after a failure."""
    is_target: bool
    """Whether it was asked for. Others are only needed by those."""


class Report:
    """What became of each step of a run."""

    def __init__(self, steps: list[StepReport], seconds: float) -> None:
        """Takes the steps in the order of the plan, and how long the run took."""
        self.steps = steps
        self.seconds = seconds

    @property
    def failures(self) -> list[StepReport]:
        """The steps that failed."""
        return [step for step in self.steps if step.state == "failed"]

    def count(self, state: str) -> int:
        """How many steps ended in a state."""
        if state not in _STATES:
            raise ValueError(f"{state!r} is no state of a step: the states are {', '.join(_STATES)}")
        return sum(step.state == state for step in self.steps)

    def to_frame(self) -> pd.DataFrame:
        """Returns a data frame with one row a step: its params, and what became of it. It needs pandas."""
        from persistable._runs._frame import frame_of

        columns = {name: [getattr(step, name) for step in self.steps] for name in StepReport._fields[1:]}
        return frame_of([step.step for step in self.steps], columns)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[StepReport]:
        return iter(self.steps)

    def __repr__(self) -> str:
        return self._overview().as_text()

    def _repr_html_(self) -> str:
        return self._overview().as_html()

    @property
    def headline(self) -> str:
        """One line: how many steps ended in which state, and how long the run took."""
        counts = [f"{self.count(state)} {_told(state)}" for state in _STATES if self.count(state)]
        return f"Report of {counted(len(self))} in {shown_duration(self.seconds)}: {', '.join(counts) or 'none'}"

    def _overview(self) -> Overview:
        states = [state for state in _STATES if self.count(state)]
        rows = []
        for name, group in by_name(self.steps).items():
            counts = [str(sum(step.state == state for step in group)) for state in states]
            seconds = [step.seconds for step in group if step.seconds is not None]
            work = [shown_duration(sum(seconds)), shown_duration(max(seconds))] if seconds else ["-", "-"]
            rows.append((name, *counts, *work))
        return Overview(self.headline, ("name", *map(_told, states), "work", "longest"), rows, self._sections())

    def _sections(self) -> list[tuple[str, list[str]]]:
        by_key = {step.key: step.step for step in self.steps}
        blocked = [step for step in self.steps if step.state == "blocked"]
        sections = []
        if self.failures:
            sections.append(("failed", listed(self.failures, _told_failure)))
        if blocked:
            told = listed(
                blocked,
                lambda row: f"{briefly_shown_step(row.step)} by {briefly_shown_step(by_key.get(row.blocked_by))}",
            )
            sections.append(("blocked", told))
        return sections


_STATES = ("present", "generated", "found", "failed", "blocked", "not_started")
_LONGEST_LINE = 500


def _told(state: str) -> str:
    return state.replace("_", " ")


def _told_failure(row: StepReport) -> str:
    return f"{briefly_shown_step(row.step)}: {'no error is known' if row.error is None else brief_error(row.error)}"


def brief_error(error: BaseException) -> str:
    """Returns the type and the first line of an error."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else ""
    text = text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
