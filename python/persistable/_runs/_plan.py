"""A dry run: what is there, what is missing, and how long it will take."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable import _core
from persistable._runs._steps_given import Steps, steps_of

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


class Plan:
    """What `run` would do. It has the steps that were asked for, and those below them that are needed."""

    def __init__(self, steps: Steps) -> None:
        """Looks at the manifests of steps. Nothing is loaded or generated."""
        self._core = _core.RunPlan(list(steps_of(steps)), is_known)

    @property
    def steps(self) -> list[PlannedStep]:
        """The steps: first those that were asked for, then those that these need."""
        return [PlannedStep(step, *row) for step, row in zip(self._core.steps, self._core.rows())]

    @property
    def present(self) -> int:
        """How many steps are persisted."""
        return self._core.counts()[0]

    @property
    def missing(self) -> int:
        """How many steps have to be generated."""
        return self._core.counts()[1]

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

        columns = ("payload_name", "key", "state", "seconds", "is_target")
        rows = self.steps
        return frame_of([row.step for row in rows], {name: [getattr(row, name) for row in rows] for name in columns})

    def __len__(self) -> int:
        return len(self._core)

    def __iter__(self) -> Iterator[PlannedStep]:
        return iter(self.steps)

    def __repr__(self) -> str:
        present, missing, ready = self._core.counts()
        return f"<Plan of {len(self)} steps: {present} are there, {missing} are missing, of which {ready} are ready>"


def plan(steps: Steps) -> Plan:
    """Returns what `run(steps)` would do: what is there, what is missing, and how long it will take.

    `steps` are a step, or any nesting of lists, dicts and other iterables of steps. Nothing is loaded or generated.
    """
    return Plan(steps)


def is_known(step: Persistable[Any, Any]) -> bool:
    """Tells whether the payload of a missing step is known already: in memory, or as an artifact of persistable 1.x."""
    if _core.is_pending(step):
        return True
    if not _may_be_adopted(_core.folder_of(step), step.payload_file_suffix):
        return False
    from persistable._adoption import find

    return find(step) is not None


_seen: dict[tuple[str, str], tuple[int, bool]] = {}


def _may_be_adopted(folder: str | None, suffix: str) -> bool:
    """Tells whether a folder has payloads without a manifest, as persistable 1.x leaves them."""
    if folder is None:  # A store that is not a folder has none.
        return False
    try:
        changed = os.stat(folder)  # noqa: PTH116
    except OSError:
        return False
    if not stat.S_ISDIR(changed.st_mode):
        return False
    place = (os.fspath(folder), suffix)
    known = _seen.get(place)
    if known is not None and known[0] == changed.st_mtime_ns:
        return known[1]
    names = {entry.name for entry in os.scandir(folder)}
    ends = f"){suffix}"
    may_be = any(name.endswith(ends) and f"{name[: -len(suffix)]}.manifest.json" not in names for name in names)
    if len(_seen) > 1000:
        _seen.clear()
    _seen[place] = (changed.st_mtime_ns, may_be)
    return may_be
