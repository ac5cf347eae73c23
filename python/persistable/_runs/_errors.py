"""The one error of a run."""

from __future__ import annotations

from persistable._repr import briefly_shown_step
from persistable._runs._overview import counted
from persistable._runs._report import Report, brief_error
from persistable.exceptions import PersistableError

__all__ = ["NotDurableError", "OtherCodeError", "RunError", "RunInterrupted", "error_of"]

_MOST_NAMED = 20


class RunError(PersistableError, RuntimeError):
    """Steps of a run failed. `report` tells what became of each step. The cause is the error of the first failure."""

    kind = "run"
    report: Report

    def __reduce__(self) -> tuple[type[RunError], tuple[str]]:
        return RunError, (str(self),)


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C stopped a run. What was persisted stays, and the next run goes on from there."""

    report: Report


class NotDurableError(PersistableError, OSError):
    """What a run persisted could not be made durable."""

    kind = "run"


class OtherCodeError(PersistableError, RuntimeError):
    """A worker generates with other code than the program that started the run."""

    kind = "run"


for _kind in (RunError, RunInterrupted):
    _kind.__module__ = "persistable"  # Where users find them: tracebacks name it.


def error_of(report: Report) -> RunError:
    """Returns the error that names all failures."""
    failures = report.failures
    lines = [f"{len(failures)} of {counted(len(report))} failed"]
    for state, what in (("blocked", "blocked by these"), ("not_started", "not started")):
        if report.count(state):
            lines[0] += f", {report.count(state)} {what}"
    lines[0] += ":"
    for step in failures[:_MOST_NAMED]:
        what = "for an unknown reason" if step.error is None else brief_error(step.error)
        lines.append(f"  {briefly_shown_step(step.step)}: {what}")
    if len(failures) > _MOST_NAMED:
        lines.append(f"  … and {len(failures) - _MOST_NAMED} more: see report.failures of this error")
    error = RunError("\n".join(lines))
    error.report = report
    if failures:
        error.__cause__ = failures[0].error
    return error
