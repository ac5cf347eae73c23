"""The one error of a run."""

from __future__ import annotations

from persistable._runs._report import Report
from persistable.exceptions import PersistableError

__all__ = ["RunError", "RunInterrupted", "error_of"]

_MOST_NAMED = 10


class RunError(PersistableError, RuntimeError):
    """Steps of a run failed. `report` tells what became of each step. The cause is the error of the first failure."""

    kind = "run"
    report: Report

    def __reduce__(self) -> tuple[type[RunError], tuple[str]]:
        return RunError, (str(self),)


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C stopped a run. What was persisted stays, and the next run goes on from there."""

    report: Report


def error_of(report: Report) -> RunError:
    """Returns the error that names all failures."""
    failures = report.failures
    named = ", ".join(f"{step.payload_name}({step.key[:32]})" for step in failures[:_MOST_NAMED])
    more = f", and {len(failures) - _MOST_NAMED} more" if len(failures) > _MOST_NAMED else ""
    parts = [f"{len(failures)} of {len(report)} steps failed: {named}{more}"]
    if failures and failures[0].error is not None:
        parts.append(f"the first with {type(failures[0].error).__name__}: {failures[0].error}")
    for state, what in (("blocked", "depend on a step that failed"), ("not_started", "were not started")):
        if report.count(state):
            parts.append(f"{report.count(state)} {what}")
    error = RunError("; ".join(parts))
    error.report = report
    if failures:
        error.__cause__ = failures[0].error
    return error
