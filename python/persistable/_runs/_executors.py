"""Executors that a user already has: any of `concurrent.futures`, and Dask."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from persistable._runs._engine import Engine, Outcome
from persistable._runs._shell import shell_of
from persistable._runs._worker import run_shell, with_cause

__all__ = ["Dask", "Foreign", "is_dask_client"]

_PER_WORKER = 2
"""So many steps are handed over for each worker: while it begins the next one, this process learns of the last one."""


class Foreign(Engine):
    """An executor as in `concurrent.futures`. It stays open."""

    def __init__(self, executor: Any, workers: int | None) -> None:
        """Takes the executor, and how many workers it has, if it does not tell."""
        super().__init__()
        self._executor = executor
        self.is_this_process = isinstance(executor, ThreadPoolExecutor)
        count = workers or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        self.workers = _PER_WORKER * count

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step."""
        self._watch(index, self._executor.submit(run_shell, shell_of(step), key, is_synced_later))

    def _watch(self, index: int, future: Any) -> None:
        future.add_done_callback(lambda done: self.done.put((index, self._outcome(done))))

    def _outcome(self, future: Any) -> Outcome:
        try:
            outcome = future.result()
        except Exception as error:
            return Outcome("lost" if _is_loss(error) else "failed", 0.0, "", error)
        except BaseException as error:  # A future that was cancelled.
            return Outcome("failed", 0.0, "", error)
        return Outcome(*outcome)._replace(error=with_cause(outcome[3]))


class Dask(Foreign):
    """A `dask.distributed.Client`."""

    def __init__(self, client: Any, workers: int | None) -> None:
        """Takes the client."""
        threads = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
        super().__init__(client, workers or max(threads, 1))

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step. Dask keeps no result: a name of its own for each start, and no dependency between tasks."""
        resources = {name: amount for name, amount in step.resources.items() if name not in _OWN_TERMS}
        future = self._executor.submit(
            _run_list, [shell_of(step), key, is_synced_later], pure=False, retries=0, resources=resources or None
        )
        self._watch(index, future)

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Dask waits for ever for a worker that offers what none has."""
        wanted = {name: amount for name, amount in needs.items() if name not in _OWN_TERMS}
        offers = [worker["resources"] for worker in self._executor.scheduler_info(n_workers=-1)["workers"].values()]
        if not wanted or any(all(offer.get(name, 0) >= wanted[name] for name in wanted) for offer in offers):
            return None
        return f"no worker of Dask offers {wanted}. Start one with --resources"


def _run_list(arguments: list[Any]) -> Outcome:
    # Dask takes a text among the arguments for the key of a task if there is one of that name, but not inside of bytes.
    return run_shell(*arguments)


_OWN_TERMS = frozenset({"cores", "memory", "minutes"})
"""What Dask has other words for, or none."""


def is_dask_client(value: Any) -> bool:
    """Tells whether a value is a client of Dask, without importing Dask."""
    return any(kind.__module__.startswith("distributed.") and kind.__name__ == "Client" for kind in type(value).__mro__)


def _is_loss(error: BaseException) -> bool:
    """Tells whether an error says that a worker was lost."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"BrokenExecutor", "KilledWorker", "TerminatedWorkerError", "WorkerCrashedError"})
