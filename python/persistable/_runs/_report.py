"""What became of the steps of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from persistable._persistable import Persistable

__all__ = ["Report", "StepReport"]


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
        states = ("present", "generated", "found", "failed", "blocked", "not_started")
        counts = [f"{self.count(state)} {state.replace('_', ' ')}" for state in states if self.count(state)]
        return f"<Report of {len(self)} steps in {self.seconds:.3g} s: {', '.join(counts) or 'none'}>"
