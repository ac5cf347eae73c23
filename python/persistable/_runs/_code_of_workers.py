"""Whether workers have the code of the program that started the run."""

from __future__ import annotations

import warnings
from typing import Any

from persistable import _core
from persistable._repr import briefly_shown_step
from persistable._runs._engine import Outcome
from persistable._runs._errors import OtherCodeError
from persistable._runs._plan import is_known
from persistable.exceptions import CodeChangedWarning

__all__ = ["CodeOfWorkers"]


class CodeOfWorkers:
    """Compares one result of each kind of step from each worker with the program's code.

    A worker that began before a module was edited has the old code, and keeps it.
    """

    def __init__(self, regenerates_stale: bool) -> None:
        """Takes whether the run has to leave nothing stale."""
        self._regenerates_stale = regenerates_stale
        self._seen: dict[tuple[str, str, int], BaseException | None] = {}

    def compared(self, step: Any, outcome: Outcome) -> Outcome:
        """Returns how a step ended. It has failed if other code made it, and the user wants no such result."""
        is_made = outcome.ending == "generated" or (outcome.ending == "found" and self._regenerates_stale)
        if not is_made:
            return outcome
        worker = (step.payload_name, outcome.host, outcome.process)
        if worker not in self._seen:
            self._seen[worker] = self._error_of(step, outcome) if _has_other_code(step) else None
        error = self._seen[worker]
        return outcome if error is None else outcome._replace(ending="failed", error=error)

    def _error_of(self, step: Any, outcome: Outcome) -> BaseException | None:
        """Warns that a worker has other code; returns an error if that is not allowed."""
        told = (
            f"{briefly_shown_step(step)}: the worker {outcome.host}, process {outcome.process}, has other code than "
            "this program, as one that began before a module was edited. Restart the workers, and run again with "
            "regenerate_stale=True"
        )
        try:
            _core.check_fresh(step)
        except Exception as refused:
            error = OtherCodeError(told)
            error.__cause__ = refused
            return error
        if self._regenerates_stale:
            return OtherCodeError(told)
        warnings.warn(told, CodeChangedWarning, stacklevel=2)
        return None


def _has_other_code(step: Any) -> bool:
    """Tells whether other code made the step itself. No worker is to blame for what it was made from."""
    try:
        plan = _core.RunPlan([step], is_known, False)
        told = next(stale for stale, row in zip(plan.stale(), plan.rows()) if row[4])
    except Exception:  # The run says so if the store fails.
        return False
    return told is not None and told.startswith("other code made it")
