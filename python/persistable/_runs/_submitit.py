"""Executors of submitit: each task is a job of SLURM, or a process of this machine."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import Any

from persistable._runs._futures import Futures, Job
from persistable._runs._worker import paths, run_shells

__all__ = ["Submitit"]

_JOBS = 64
"""So many jobs are submitted at a time, if nobody says more."""
_LOCAL_CLUSTERS = ("local", "debug")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Submitit(Futures):
    """An executor of submitit. It asks for the same resources for each of its jobs."""

    def __init__(self, executor: Any, workers: int | None) -> None:
        """Takes the executor."""
        self._executor = executor
        self._is_local = getattr(executor, "cluster", None) in _LOCAL_CLUSTERS or hasattr(executor, "tasks_per_node")
        super().__init__(workers or ((os.cpu_count() or 1) if self._is_local else _JOBS))
        # A job of a cluster waits in a queue first.
        self.bundle_seconds = 1.0 if self._is_local else 60.0
        self._pause = 0.05 if self._is_local else 1.0
        self._open: list[tuple[Any, Future[Any]]] = []
        self._watcher: threading.Thread | None = None
        self._is_closed = threading.Event()

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        future: Future[Any] = Future()
        with self._lock:
            self._open.append((self._executor.submit(run_shells, jobs, needs, paths()), future))
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="persistable-submitit", daemon=True)
            self._watcher.start()
        return future

    def _watch(self) -> None:
        """Looks at the jobs again and again: submitit tells nobody when one ends."""
        while not self._is_closed.wait(self._pause):
            with self._lock:
                watched = list(self._open)
            over = [(job, future) for job, future in watched if job.done()]
            with self._lock:
                self._open = [each for each in self._open if each not in over]
            for job, future in over:
                try:
                    result = job.result()
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)

    def close(self, kill: bool) -> None:
        """Ends the watching. `kill` cancels the jobs."""
        self._is_closed.set()
        if self._watcher is not None:
            self._watcher.join()
        if kill:
            for job, _ in self._open:
                job.cancel()

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Each job has what the executor is set to."""
        has = _terms(getattr(self._executor, "_executor", self._executor).parameters)
        if self._is_local:
            has["cores"] = float("inf")
        lacking = [name for name, amount in needs.items() if has.get(name, 0.0) < amount]
        if not lacking:
            return None
        name = lacking[0]
        if name not in has:
            return f"it needs {needs[name]:g} of {name!r}, and submitit has no word for that"
        return (
            f"it needs {needs[name]:g} of {name!r}, and each job of submitit has {has[name]:g}. Set more with the "
            "executor's update_parameters()"
        )


def _terms(parameters: dict[str, Any]) -> dict[str, float]:
    minutes = parameters.get("time", parameters.get("timeout_min"))
    memory = parameters.get("mem")
    return {
        "cores": float(parameters.get("cpus_per_task") or 1),
        "gpus": float(parameters.get("gpus_per_node") or 0),
        "memory": float("inf") if memory is None else _bytes(str(memory)),
        "minutes": float("inf") if minutes is None else float(minutes),
    }


def _bytes(text: str) -> float:
    number = text.rstrip("Bb")
    unit = _UNITS.get(number[-1:].upper())
    return float(number) * _UNITS["M"] if unit is None else float(number[:-1]) * unit
