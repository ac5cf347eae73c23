"""A dry run: what is there, what is missing, and how long it will take."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable import _core
from persistable._core import shown_duration, shown_size
from persistable._repr import briefly_shown_step
from persistable._runs._overview import Overview, by_name, counted, listed
from persistable._runs._steps_given import MadeOfSteps, Steps, steps_of

if TYPE_CHECKING:
    import pandas as pd

    from persistable._persistable import Persistable

__all__ = ["Plan", "PlannedStep", "is_known", "plan"]


class PlannedStep(NamedTuple):
    """A step of a plan."""

    step: Persistable[Any, Any]
    payload_name: str
    key: str
    state: str
    """`"present"`, `"ready"`, or `"waiting"` for a step that is missing too."""
    seconds: float | None
    """How long it took, or takes by past durations of steps with its payload name; `None` if nothing is known."""
    is_target: bool
    """Whether it was asked for. Others are only needed by those."""
    size_bytes: int | None
    """How large the persisted payload is; `None` if it is missing."""
    stale: str | None
    """Why the persisted payload is stale: other code, inputs or dependencies made it. `None` if it is not."""


class Plan(MadeOfSteps):
    """What `run` would do. It has the steps that were asked for, and those below them that are needed."""

    def __init__(self, steps: Steps, regenerate_stale: bool = False) -> None:
        """Looks at the manifests of steps. Nothing is loaded or generated."""
        from persistable._adoption_listing import forget

        forget()
        self._core = _core.RunPlan(list(steps_of(steps)), is_known, regenerate_stale)

    @property
    def steps(self) -> list[PlannedStep]:
        """The steps: first those that were asked for, then those that these need."""
        found = zip(self._core.steps, self._core.rows(), self._core.sizes(), self._core.stale())
        return [PlannedStep(step, *row, size_bytes, stale) for step, row, size_bytes, stale in found]

    @property
    def present(self) -> int:
        """How many steps are persisted."""
        return self._core.counts()[0]

    @property
    def missing(self) -> int:
        """How many steps have to be generated."""
        return self._core.counts()[1]

    @property
    def stale(self) -> int:
        """How many of the persisted steps are stale: other code, inputs or dependencies made them."""
        return sum(stale is not None for stale in self._core.stale())

    @property
    def ready(self) -> int:
        """How many of the missing steps may begin at once."""
        return self._core.counts()[2]

    def expected_seconds(self, workers: int = 1) -> float:
        """How long the missing steps will take together, by past durations. An unknown step counts as one second."""
        return self._core.expected_seconds(workers)

    def to_frame(self) -> pd.DataFrame:
        """Returns a data frame with one row a step: its params, and what the plan says of it. It needs pandas."""
        from persistable._runs._frame import frame_of

        columns = PlannedStep._fields[1:]
        rows = self.steps
        return frame_of([row.step for row in rows], {name: [getattr(row, name) for row in rows] for name in columns})

    def __len__(self) -> int:
        return len(self._core)

    def __iter__(self) -> Iterator[PlannedStep]:
        return iter(self.steps)

    def __repr__(self) -> str:
        return self._overview().as_text()

    def _repr_html_(self) -> str:
        return self._overview().as_html()

    def _overview(self) -> Overview:
        steps = self.steps
        rows = []
        for name, group in by_name(steps).items():
            counts = [sum(step.state == state for step in group) for state in ("present", "ready", "waiting")]
            sizes = [step.size_bytes for step in group if step.size_bytes is not None]
            seconds = [step.seconds for step in group if step.seconds is not None]
            size = shown_size(sum(sizes)) if sizes else "-"
            each = shown_duration(statistics.median(seconds)) if seconds else "not known"
            rows.append((name, *map(str, counts), size, each))
        return Overview(
            self._headline(), ("name", "present", "ready", "waiting", "size", "each"), rows, self._sections()
        )

    def _headline(self) -> str:
        stale = f", {self.stale} stale" if self.stale else ""
        text = f"Plan of {counted(len(self))}: {self.present} present, {self.missing} missing{stale}"
        if not self.missing:
            return text
        unknown = sum(step.state != "present" and step.seconds is None for step in self.steps)
        work = f"about {shown_duration(self.expected_seconds())} of work"
        if unknown == self.missing:
            return f"{text}. How long they take is not known"
        return f"{text}, {work}" + (f" (an unknown step counts as 1 s: {unknown})" if unknown else "")

    def _sections(self) -> list[tuple[str, list[str]]]:
        steps = self.steps
        missing = [step for step in steps if step.state == "ready"]
        waiting = [(index, step) for index, step in enumerate(steps) if step.state == "waiting"]
        stale = [step for step in steps if step.stale is not None]
        sections = []
        if stale:
            told = listed(stale, lambda row: f"{briefly_shown_step(row.step)}: {row.stale}")
            sections.append(("stale", told))
        if missing:
            sections.append(("ready to start", listed(missing, lambda row: briefly_shown_step(row.step))))
        if waiting:
            sections.append(("waiting", listed(waiting, lambda row: self._waits_for(steps, *row))))
        return sections

    def _waits_for(self, steps: list[PlannedStep], index: int, waiting: PlannedStep) -> str:
        needed = [steps[below].step for below in self._core.needed_by(index) if steps[below].state != "present"]
        more = f" and {len(needed) - 1} more" if len(needed) > 1 else ""
        return f"{briefly_shown_step(waiting.step)} for {briefly_shown_step(needed[0])}{more}"


def plan(steps: Steps, *, regenerate_stale: bool = False) -> Plan:
    """Returns what `run(steps)` would do: what is there, what is missing, and how long it will take.

    `steps` are a step, or any nesting of lists, dicts and other iterables of steps. Nothing is loaded or generated. The
    plan also names the steps that are stale: other code, inputs or dependencies made them, or what they were made from.
    `regenerate_stale=True` counts these as missing, as `run` does. For steps in a store on a server, only then the
    steps below them are looked at too.
    """
    return Plan(steps, regenerate_stale)


def is_known(step: Persistable[Any, Any]) -> bool:
    """Tells whether the payload of a missing step is known already: in memory, or as an artifact of persistable 1.x."""
    if _core.is_pending(step):
        return True
    from persistable._adoption import find

    return find(step, is_sure=False) is not None
