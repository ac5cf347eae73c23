"""A client of Dask."""

from __future__ import annotations

import contextlib
import threading
import uuid
from typing import Any

from persistable import _core
from persistable._runs._absence import WorkersGoneError
from persistable._runs._futures import Futures, Job
from persistable._runs._worker import paths, run_shells
from persistable._settings import _configured, configure

__all__ = ["Dask", "is_dask_client"]


_RESTART_SECONDS = 10.0


class Dask(Futures):
    """A `dask.distributed.Client`."""

    what_works = "workers of Dask"

    def __init__(self, client: Any, workers: int | None) -> None:
        """Takes the client. Each thread of a worker runs one step at a time."""
        super().__init__(workers or _threads(_workers(client)))
        self._is_counted = workers is None
        self._client = client
        self._run = uuid.uuid4().hex

    def begin(self, plan: Any, retries: int) -> dict[str, float]:
        """Lets workers of this terminal ignore Ctrl-C: the run says what becomes of their steps."""
        offered = super().begin(plan, retries)
        if self._is_of_this_terminal:
            self._client.register_plugin(_deaf_to_interrupts(), name=self._run)
        return offered

    def close(self, kill: bool) -> None:
        """Lets workers die of Ctrl-C again. The client is the caller's, and stays open."""
        busy: list[str] = []
        if kill and self._is_of_this_terminal:
            with contextlib.suppress(Exception):  # It may be about to close.
                ours = {future.key for future in tuple(self._futures)}
                busy = [worker for worker, tasks in self._client.processing().items() if ours.intersection(tasks)]
        super().close(kill)
        if busy:
            with contextlib.suppress(Exception):  # Workers that are threads of this process can't be ended.
                self._client.restart_workers(busy, timeout=_RESTART_SECONDS, raise_for_error=False)
        if self._is_of_this_terminal:
            with contextlib.suppress(Exception):  # It may be closed, or all workers may be gone.
                self._client.unregister_worker_plugin(self._run)

    @property
    def _is_of_this_terminal(self) -> bool:
        return type(self._client.cluster).__name__ == "LocalCluster" and self._client.status == "running"

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        # Dask keeps no result: a name of its own for each start, and no dependency between tasks.
        terms = self._in_its_terms(needs) or None
        return self._client.submit(_run_shells, jobs, needs, paths(), self._run, pure=False, retries=0, resources=terms)

    def _attendance(self) -> tuple[int, bool]:
        """Workers that a cluster was asked for may wait in a queue. Those of this machine do not."""
        cluster = self._client.cluster
        for each in (self._client, cluster):
            status = getattr(each, "status", None)
            if getattr(status, "name", status) in {"closing", "closed"}:
                kind = "client" if each is self._client else "cluster"
                raise WorkersGoneError(f"the {kind} of Dask was closed, and the run needs its workers")
        may_come = bool(getattr(cluster, "plan", ())) and type(cluster).__name__ != "LocalCluster"
        workers = _workers(self._client)
        if self._is_counted:  # A cluster grows and shrinks while a run is under way.
            self.workers = _threads(workers)
        return len(workers), may_come

    def _in_its_terms(self, needs: dict[str, float]) -> dict[str, float]:
        """Returns what workers are asked for. Dask limits cores and memory only where workers offer them by name."""
        if not needs:
            return {}
        offered = {name for worker in _workers(self._client) for name in worker["resources"]}
        terms = {_name(name, offered): amount for name, amount in needs.items() if amount > 0}
        return {name: amount for name, amount in terms.items() if name in offered or name not in _OF_EACH_WORKER}

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Dask waits for ever for a worker that offers what none has."""
        workers = _workers(self._client)
        if not workers or any(_offers(worker, needs) for worker in workers):
            return None
        wanted = ", ".join(f"{name} {amount:g}" for name, amount in sorted(needs.items()))
        return (
            f"it needs {wanted}, and none of the {len(workers)} workers of Dask offers that. Start one with "
            "--resources, --nthreads or --memory-limit"
        )


def _deaf_to_interrupts() -> Any:
    import distributed

    class DeafToInterrupts(distributed.WorkerPlugin):
        """Each worker process has it. A worker in the program's own process leaves the program's handler alone."""

        before: Any = None

        def setup(self, worker: Any) -> None:
            import signal
            import threading

            is_own_process = worker.nanny is not None and threading.current_thread() is threading.main_thread()
            if is_own_process:
                self.before = signal.signal(signal.SIGINT, signal.SIG_IGN)

        def teardown(self, worker: Any) -> None:
            import signal

            if self.before is not None:
                signal.signal(signal.SIGINT, self.before)

    return DeafToInterrupts()


def _run_shells(jobs: list[Job], needs: dict[str, float], paths: tuple[str, ...], run: str) -> Any:
    # Dask starts a lost task again, and tells nobody. The store tells the next worker which step was lost. A note for
    # each of many small steps would take longer than they do.
    copies = _core.RunCopies.of_run(run) if len(jobs) == 1 else None
    with _UNSEEDED:
        return run_shells(jobs, needs, paths, copies)


class _Unseeded:
    """Lets numbers of global generators pass, as long as one thread is in here.

    Dask's own threads draw some, which can't be told from those of a step.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._before = ""

    def __enter__(self) -> None:
        with self._lock:
            if not self._count:
                self._before = _configured["unseeded"]
                configure(unseeded="ignore")
            self._count += 1

    def __exit__(self, *raised: object) -> None:
        with self._lock:
            self._count -= 1
            if not self._count:
                configure(unseeded=self._before)


_UNSEEDED = _Unseeded()


_OF_EACH_WORKER = frozenset({"cores", "memory", "minutes"})
"""What a worker has without saying so, or what Dask has no word for."""


def _workers(client: Any) -> list[dict[str, Any]]:
    return list(client.scheduler_info(n_workers=-1)["workers"].values())


def _threads(workers: list[dict[str, Any]]) -> int:
    return max(sum(int(worker["nthreads"]) for worker in workers), 1)


def _name(name: str, offered: Any) -> str:
    """Returns the name under which workers offer something: by a habit of Dask's users, `GPU` and not `gpus`."""
    names = (name, name.upper(), name.rstrip("s").upper())
    return next((each for each in names if each in offered), name)


def _offers(worker: dict[str, Any], needs: dict[str, float]) -> bool:
    offered = worker["resources"]
    unsaid = {"cores": worker["nthreads"], "memory": worker["memory_limit"] or float("inf"), "minutes": float("inf")}
    return all(offered.get(_name(name, offered), unsaid.get(name, 0.0)) >= amount for name, amount in needs.items())


def is_dask_client(value: Any) -> bool:
    """Tells whether a value is a client of Dask, without importing Dask."""
    return any(kind.__module__.startswith("distributed.") and kind.__name__ == "Client" for kind in type(value).__mro__)
