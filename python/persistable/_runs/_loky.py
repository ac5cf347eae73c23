"""Loky: processes that joblib and scikit-learn use too."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

from persistable._runs._futures import Foreign, Job
from persistable._runs._worker import paths, run_shells

__all__ = ["Loky", "is_loky"]


class Loky(Foreign):
    """The reusable executor of loky, or of the loky that joblib has. If a process dies, there is a new executor."""

    def __init__(self, executor: Any, workers: int | None) -> None:
        """Takes an executor, or `"loky"` for the one that this process has."""
        self._of_executor = _module(executor).get_reusable_executor
        super().__init__(self._of_executor(max_workers=workers) if isinstance(executor, str) else executor, workers)

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        if self._executor._flags.broken is not None or self._executor._flags.shutdown:
            self._executor = self._of_executor(max_workers=self.workers)
        with _deaf_processes():
            return self._executor.submit(run_shells, jobs, needs, paths())

    def close(self, kill: bool) -> None:
        """Ends the processes that still run steps, if `kill`. Whoever needs some gets new ones."""
        is_running = bool(self._futures)
        super().close(kill)
        if kill and is_running:
            self._executor.shutdown(wait=False, kill_workers=True)


@contextlib.contextmanager
def _deaf_processes() -> Iterator[None]:
    """Lets processes that start now ignore Ctrl-C, as this one does meanwhile.

    If an idle process of loky died of it, loky would kill those that run steps, too.
    """
    can_be_put_back = signal.getsignal(signal.SIGINT) is not None
    if threading.current_thread() is not threading.main_thread() or not can_be_put_back:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
