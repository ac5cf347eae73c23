"""Generates what is missing of some steps and of what they depend on, many steps at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from persistable._resources import checked_resources
from persistable._runs._drive import Event, Rules, drive
from persistable._runs._errors import RunInterrupted, error_of
from persistable._runs._executors import engine_of
from persistable._runs._plan import Plan
from persistable._runs._report import Report
from persistable._runs._shown import shown_for
from persistable._runs._steps_given import Steps

__all__ = ["run"]


def run(
    steps: Steps,
    executor: Any = "threads",
    *,
    workers: int | None = None,
    on_error: str = "stop",
    retries: int = 0,
    regenerate_stale: bool = False,
    offer: Mapping[str, float] | None = None,
    progress: bool = True,
    on_event: Callable[[Event], object] | None = None,
) -> Report:
    """Generates what is missing of some steps and of what they depend on. Returns what became of each step.

    ```python
    report = run(steps)                                           # threads; a progress bar in a terminal
    report = run(steps, executor="processes", workers=8, on_error="continue", retries=1)
    report = run(steps, executor=dask_client)                     # a dask.distributed.Client
    report = run(steps, executor="ray")                           # the cluster that this program is connected to
    report = run(steps, executor=executor)                        # any executor of concurrent.futures
    report = run(steps, executor="shared")                        # copies of this program share the work
    report.to_frame()                                             # one row a step
    ```

    - `steps`: a step, or any nesting of lists, dicts and other iterables of steps.
    - `executor`: `"threads"`, `"processes"`, `"loky"`, `"ray"`, a `dask.distributed.Client`, or an executor as in
      `concurrent.futures`, executorlib or submitit. `"shared"` is for a program that is started several times, on one
      machine or on many: each copy takes missing steps that no other copy has.
    - `workers`: how many steps run at the same time. Default: what the executor tells, and otherwise as many as the
      machine has cores. A copy of a shared run takes one step at a time.
    - `on_error`: `"stop"` starts nothing new after a failure, and lets running steps end. `"continue"` leaves out what
      depends on the failure.
    - `retries`: how often a step is started again that failed. If a worker process dies, its step is started again once
      anyway.
    - `regenerate_stale`: generates again what other code, inputs or dependencies made, and what was made from that. If
      a step gives the same payload as before, those above it stay.
    - `offer`: what steps share that run at the same time, as in `{"licenses": 2}`. Steps say what they need by their
      `resources`. On this machine, its memory and its graphics processors are offered, too.
    - `progress`: whether progress is shown: a bar in a terminal or a notebook, and otherwise a line every 30 seconds.
      The bar is one of tqdm or rich, if one of them is installed.
    - `on_event`: a function that gets each event: its `kind`, `step`, `state`, `error` and `progress`.

    A step that is persisted is not loaded, and nothing below it is generated. If a step that was asked for is stale,
    there is a warning, or an error, as when it is loaded. If another process generates a step, the
    run goes on with other steps and comes back. Payloads never travel: a worker loads what a step needs from the store.
    When this returns, everything is on the disk.

    If steps fail, raises one `RunError` that names all of them and has the report. After Ctrl-C, no further step is
    started. When the running ones have ended, this raises `RunInterrupted`, a `KeyboardInterrupt`. A second Ctrl-C ends
    worker processes at once. What was persisted stays, and the next run goes on from there.
    """
    if on_event is not None and not callable(on_event):
        raise TypeError(f"on_event must be a function that takes an event, not {on_event!r}")
    engine = engine_of(executor, _checked(workers))
    plan = Plan(steps, regenerate_stale)
    engine.regenerates_stale = regenerate_stale
    offered = engine.begin(plan._core, _checked_retries(retries))
    rules = Rules(on_error, retries, {**offered, **checked_resources(offer or {}, "offer")}, on_event)
    report, is_interrupted = drive(plan, engine, rules, shown_for(progress))
    if is_interrupted:
        interrupted = RunInterrupted(f"{report.headline}. What was persisted stays: the next run goes on from there")
        interrupted.report = report
        raise interrupted
    if report.failures:
        raise error_of(report)
    return report


def _checked(workers: int | None) -> int | None:
    if workers is None:
        return None
    if isinstance(workers, bool) or not isinstance(workers, int):
        raise TypeError(f"workers must be an int, not {workers!r}")
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    return workers


def _checked_retries(retries: int) -> int:
    if isinstance(retries, bool) or not isinstance(retries, int):
        raise TypeError(f"retries must be an int, not {retries!r}")
    if retries < 0:
        raise ValueError(f"retries must be 0 or more, not {retries}")
    return retries
