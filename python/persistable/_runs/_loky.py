"""Loky: processes that joblib and scikit-learn use too."""

from __future__ import annotations

from typing import Any

from persistable._runs._engine import Outcome
from persistable._runs._futures import Foreign, Job, is_loss
from persistable._runs._interrupts import deaf_processes
from persistable._runs._worker import end_nested_executors, paths, run_shells

__all__ = ["Loky", "is_loky"]


class Loky(Foreign):
    """The reusable executor of loky, or of the loky that joblib has. If a process dies, there is a new executor."""

    def __init__(self, executor: Any, workers: int | None) -> None:
        """Takes an executor, or `"loky"` for the one that this process has."""
        self._of_executor = _module(executor).get_reusable_executor
        super().__init__(self._of_executor(max_workers=workers) if isinstance(executor, str) else executor, workers)

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        try:
            return self._submit_to_this_one(jobs, needs)
        except Exception as error:
            if not (is_loss(error) or self._executor._flags.shutdown):
                raise
            self._executor = self._of_executor(max_workers=self.workers)
            return self._submit_to_this_one(jobs, needs)

    def _submit_to_this_one(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        with deaf_processes():
            return self._executor.submit(_run_shells, jobs, needs, paths())

    def close(self, kill: bool) -> None:
        """Ends the processes that still run steps, if `kill`. Whoever needs some gets new ones."""
        is_running = bool(self._futures)
        super().close(kill)
        if kill and is_running:
            self._executor.shutdown(wait=False, kill_workers=True)


def _run_shells(jobs: list[Job], needs: dict[str, float], paths: tuple[str, ...]) -> list[Outcome]:
    """Runs steps on a worker, and ends what they started by joblib: loky would wait for that for ever."""
    try:
        return run_shells(jobs, needs, paths)
    finally:
        end_nested_executors()


def _module(executor: Any) -> Any:
    import importlib

    if not isinstance(executor, str):
        return importlib.import_module(type(executor).__module__)
    try:
        return importlib.import_module("loky")
    except ImportError:
        return importlib.import_module("joblib.externals.loky")


def is_loky(value: Any) -> bool:
    """Tells whether a value is `"loky"` or its reusable executor, without importing loky."""
    return value == "loky" if isinstance(value, str) else type(value).__name__ == "_ReusablePoolExecutor"
