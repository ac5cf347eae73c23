"""Executors that give a future for each task. Small steps are sent together."""

from __future__ import annotations

import contextlib
import math
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, NamedTuple

from persistable import _core
from persistable._runs._absence import Absence, WorkersGoneError
from persistable._runs._engine import Engine, Outcome
from persistable._runs._interrupts import deaf_processes
from persistable._runs._plan import is_known
from persistable._runs._shell import shell_of
from persistable._runs._worker import paths, run_shells, with_cause

__all__ = ["Foreign", "Futures", "Job", "is_loss"]

_SPARE_TASKS = 1
"""So many tasks wait at the executor: a worker that ends one begins the next at once."""
_MOST_IN_A_BUNDLE = 1000
_NEWEST = 0.5
"""How much the last task tells about the next one."""

Job = tuple[bytes, str, bool]
"""A step for a worker, its key, and whether it is generated again if it is stale."""


class _Started(NamedTuple):
    place: int
    step: Any
    job: Job
    name: str


class _Task(NamedTuple):
    steps: list[_Started]
    needs: dict[str, float]


class Futures(Engine):
    """An executor with workers of its own. It stays open.

    Some executors lose all their tasks if one worker dies. Then nobody knows which task it was. The lost tasks run
    again, one at a time, while nothing else runs.
    """

    what_works: str | None = None
    """What its workers are called, if it tells whether any are there."""

    bundle_seconds = 0.1
    """Steps are sent together until they take so long by past durations: then what a task costs does not matter."""

    def __init__(self, workers: int) -> None:
        """Takes how many tasks run at the same time."""
        super().__init__()
        self.workers = workers
        self._tasks = 0
        self._lock = threading.Lock()
        self._bundle: list[_Started] = []
        self._bundle_needs: dict[str, float] = {}
        self._bundle_seconds = 0.0
        self._bundles = True
        self._waiting: list[_Task] = []
        self._seconds: dict[str, float] = {}
        self._futures: dict[Any, _Task] = {}
        self._suspects: list[_Task] = []
        self._alone: _Task | None = None
        self._killers: set[int] = set()
        self._is_stopping = False
        self._absence: Absence | None = None
        self._plan: Any = None
        self._rows: list[Any] = []

    def begin(self, plan: Any, retries: int) -> dict[str, float]:
        """Gets to know what steps need, and how long they take by past durations."""
        self._plan = plan
        self._rows = plan.rows()
        if self.what_works is not None:
            self._absence = Absence(self.what_works, self._attendance, self.news.put, self._give_up)
        return self._offer([plan.needs(index) for index, row in enumerate(self._rows) if row[2] != "present"])

    def _offer(self, needs: list[dict[str, float]]) -> dict[str, float]:
        """Returns what the run itself limits. The engine limits what it has terms for."""
        return dict.fromkeys({"cores", *(name for each in needs for name in each)}, math.inf)

    @property
    def has_room(self) -> bool:  # type: ignore[override]
        """Whether a worker is free, or the last task is not full."""
        has_workers = self.gone is None and not self._is_looking_for_killers
        return has_workers and self._tasks < self.workers + _SPARE_TASKS

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step, alone or together with others that need the same."""
        needs, name = self._plan.needs(index), self._rows[index][0]
        started = _Started(index, step, (shell_of(step), key, self.regenerates_stale), name)
        if index in self._killers:
            with self._lock:
                self._tasks += 1
                self._suspects.append(_Task([started], needs))
            return
        if needs != self._bundle_needs:
            self._close_bundle()
        self._bundle.append(started)
        self._bundle_needs = needs
        self._bundle_seconds += self._expected(index, name)
        is_full = self._bundle_seconds >= self.bundle_seconds or len(self._bundle) >= _MOST_IN_A_BUNDLE
        if is_full or not self._bundles:
            self._close_bundle()
        self._send_waiting()

    def _expected(self, index: int, name: str) -> float:
        """Returns how long a step takes: by this run, or by past ones. One of which nothing is known goes alone."""
        known = self._seconds.get(name)
        if known is None:
            known = self._rows[index][3]
        return self.bundle_seconds if known is None else known

    def hand_over(self) -> None:
        """Sends what was held back. As long as some tasks may have killed a worker, it sends one of these alone."""
        with self._lock:
            suspect = None
            if self._suspects and not self._futures and self._alone is None:
                suspect = self._alone = self._suspects.pop(0)
        if suspect is not None:
            self._send(suspect)
        self._close_bundle()
        self._send_waiting()

    def _close_bundle(self) -> None:
        if self._bundle:
            self._waiting.append(_Task(self._bundle, self._bundle_needs))
            self._bundle, self._bundle_seconds = [], 0.0
            with self._lock:
                self._tasks += 1

    def _send_waiting(self) -> None:
        while self._waiting and not self._is_looking_for_killers:
            self._send(self._waiting.pop(0))

    @property
    def _is_looking_for_killers(self) -> bool:
        return self._alone is not None or bool(self._suspects)

    def _send(self, task: _Task) -> None:
        try:
            if self.gone is not None:
                raise self.gone
            future = self._submit([started.job for started in task.steps], task.needs)
        except Exception as error:
            # It took no step, so that none can have killed a worker.
            if is_loss(error) and self.gone is None:
                broken = WorkersGoneError(_BROKEN)
                broken.__cause__ = error
                self._give_up(broken)
            self._ended(task, _failed(task, self.gone or error))
        else:
            with self._lock:
                self._futures[future] = task
            if self.gone is not None:  # The others were given up while this one was sent off.
                self._give_up_one(future, self.gone)
            future.add_done_callback(self._take)

    def _take(self, future: Any) -> None:
        with self._lock:
            task = self._futures.pop(future, None)
            was_alone = task is self._alone or not (self._futures or self._suspects)
        if task is None:
            return
        outcomes = self._outcomes(task.steps, future)
        killers = {started.place for started, one in zip(task.steps, outcomes) if _took_all(one)}
        if killers and not was_alone and not self._is_stopping:
            with self._lock:
                self._suspects.append(task)
            return
        self._killers |= killers
        self._ended(task, outcomes)

    def _attendance(self) -> tuple[int, bool]:
        """Returns how many workers are there, and whether the engine waits for others that were asked for.

        Raises `WorkersGoneError` if there will never be one.
        """
        raise NotImplementedError

    def _give_up(self, error: BaseException) -> None:
        """Lets all steps fail that wait for a worker. None will ever come."""
        self.gone = error
        with self._lock:
            suspects, self._suspects = self._suspects, []
        for future in tuple(self._futures):
            self._give_up_one(future, error)
        for task in suspects:
            self._ended(task, _failed(task, error))

    def _give_up_one(self, future: Any, error: BaseException) -> None:
        with self._lock:
            task = self._futures.pop(future, None)
        if task is not None:
            with contextlib.suppress(Exception):  # There may be nobody left to ask.
                future.cancel()
            self._ended(task, _failed(task, error))

    def stop(self) -> None:
        """Waits no longer for workers, if all are gone, and runs no suspect again."""
        self._is_stopping = True
        with self._lock:
            suspects, self._suspects = self._suspects, []
        for task in suspects:
            self._ended(task, [Outcome("lost", 0.0, "") for _ in task.steps])
        if self._absence is not None:
            self._absence.stop()

    def close(self, kill: bool) -> None:
        """Cancels what has not begun, if `kill`. The executor is the caller's, and stays open."""
        if self._absence is not None:
            self._absence.close()
        if kill:
            for future in tuple(self._futures):
                with contextlib.suppress(Exception):  # There may be nobody left to ask.
                    future.cancel()

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        """Lets a worker call `run_shells`. Returns the future of its result."""
        raise NotImplementedError

    def _ended(self, task: _Task, outcomes: list[Outcome]) -> None:
        with self._lock:
            self._tasks -= 1
            self._alone = None if self._alone is task else self._alone
        for started, outcome in zip(task.steps, outcomes):
            if outcome.ending == "generated":
                before = self._seconds.get(started.name, outcome.seconds)
                self._seconds[started.name] = before + _NEWEST * (outcome.seconds - before)
            self.done.put((started.place, outcome))

    def _outcomes(self, bundle: list[_Started], future: Any) -> list[Outcome]:
        try:
            outcomes = future.result()
        except BaseException as error:
            if is_cancelled(error):
                self.gone = self.gone or WorkersGoneError(_CANCELLED)
                self.gone.__cause__ = error
                return [_failure(self.gone) for _ in bundle]
            return self._lost(bundle, error) if is_loss(error) else [_failure(error) for _ in bundle]
        return [Outcome(*outcome)._replace(error=with_cause(outcome[3])) for outcome in outcomes]

    def _lost(self, bundle: list[_Started], error: BaseException) -> list[Outcome]:
        """A worker runs one step of a task after the other. It was lost with the first one that is not there."""
        innocent = Outcome("taken", 0.0, "")
        if len(bundle) == 1:
            return [Outcome("lost", 0.0, "", error)]
        outcomes = []
        is_found = False
        for started in bundle:
            is_guilty = not is_found and not _is_there(started.step, self.regenerates_stale)
            is_found |= is_guilty
            outcomes.append(Outcome("lost", 0.0, "", error) if is_guilty else innocent)
        return outcomes


def _is_there(step: Any, regenerates_stale: bool) -> bool:
    try:
        rows = _core.RunPlan([step], is_known, regenerates_stale).rows()
        return all(row[2] == "present" for row in rows if row[4])
    except Exception:  # The run says so if the store fails.
        return False


def _failed(task: _Task, error: BaseException) -> list[Outcome]:
    return [_failure(error) for _ in task.steps]


def _failure(error: BaseException) -> Outcome:
    return Outcome("failed", 0.0, "", error)


def _took_all(outcome: Outcome) -> bool:
    """Tells whether a task was lost in such a way that its executor lost all others, too."""
    return outcome.ending == "lost" and "BrokenExecutor" in {kind.__name__ for kind in type(outcome.error).__mro__}


class Foreign(Futures):
    """An executor as in `concurrent.futures`. It has no terms for what steps need, so that the run limits it."""

    def __init__(self, executor: Any, workers: int | None) -> None:
        """Takes the executor, and how many workers it has, if it does not tell."""
        own = (getattr(executor, name, None) for name in ("_max_workers", "num_workers", "max_workers"))
        told = next((count for count in own if isinstance(count, int) and count > 0), None)
        super().__init__(workers or told or os.cpu_count() or 1)
        self._executor = executor
        self.is_this_process = isinstance(executor, ThreadPoolExecutor)
        self._has_processes = isinstance(executor, ProcessPoolExecutor)

    def _offer(self, needs: list[dict[str, float]]) -> dict[str, float]:
        if all(each.get("cores", 1.0) <= 1.0 for each in needs):
            return {"cores": math.inf}
        self._bundles = False
        return {"cores": float(self.workers)}

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        with deaf_processes() if self._has_processes else contextlib.nullcontext():
            return self._executor.submit(run_shells, jobs, {} if self.is_this_process else needs, paths())

    def close(self, kill: bool) -> None:
        """Ends the processes of a `ProcessPoolExecutor`, if `kill`."""
        is_running = bool(self._futures)
        super().close(kill)
        if kill and is_running and self._has_processes:
            for process in tuple((self._executor._processes or {}).values()):
                process.kill()


_LOSSES = frozenset(
    {
        "BrokenExecutor",
        "KilledWorker",
        "NodeDiedError",
        "OutOfMemoryError",
        "RayActorError",
        "TerminatedWorkerError",
        "UncompletedJobError",
        "WorkerCrashedError",
    }
)


_BROKEN = (
    'a worker process died, and its executor takes no further step. Make a new executor, or use "processes" or '
    '"loky", which start new processes'
)
_CANCELLED = "the tasks of the run were cancelled. Was the executor closed or restarted?"


def is_cancelled(error: BaseException) -> bool:
    """Tells whether an error says that a task was cancelled."""
    return any(kind.__name__ in {"CancelledError", "FutureCancelledError"} for kind in type(error).__mro__)


def is_loss(error: BaseException) -> bool:
    """Tells whether an error says that a worker was lost."""
    return not _LOSSES.isdisjoint(kind.__name__ for kind in type(error).__mro__)
