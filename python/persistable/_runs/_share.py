"""What a step gets of a worker's machine: threads of numeric libraries, and graphics processors."""

from __future__ import annotations

import contextlib
import math
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from persistable.io._require import import_if_there

__all__ = ["given"]

_VISIBLE = "CUDA_VISIBLE_DEVICES"
_OF_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""A library reads its variable when it is loaded, and a child process when it starts."""


@contextlib.contextmanager
def given(needs: dict[str, float]) -> Iterator[None]:
    """Gives what steps declare that run now, until they have ended. What they don't declare stays as it is."""
    with contextlib.ExitStack() as stack:
        if needs.get("cores"):
            stack.enter_context(_threads.limited(max(math.floor(needs["cores"]), 1)))
        if needs.get("gpus", 0.0) >= 1.0:
            stack.enter_context(_devices.chosen(math.ceil(needs["gpus"])))
        yield


class _Threads:
    """How many threads numeric libraries use. All steps of a process share that, so the one with most cores decides."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[int] = []
        self._before: dict[str, str | None] = {}
        self._limits: Any = None

    @contextlib.contextmanager
    def limited(self, cores: int) -> Iterator[None]:
        with self._lock:
            if not self._running:
                self._before = {name: os.environ.get(name) for name in _OF_THREADS}
            self._running.append(cores)
            self._set()
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(cores)
                self._set()

    def _set(self) -> None:
        most = max(self._running, default=None)
        for name in _OF_THREADS:
            _set_variable(name, self._before[name] if most is None else str(most))
        library = import_if_there("threadpoolctl")
        if library is None:
            return
        if most is not None:
            limits = library.threadpool_limits(limits=most)
            self._limits = self._limits or limits
        elif self._limits is not None:
            self._limits.restore_original_limits()
            self._limits = None


class _Devices:
    """Which graphics processors this process shows to a step. Processes of a machine agree on them by locks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: list[str] = []

    @contextlib.contextmanager
    def chosen(self, count: int) -> Iterator[None]:
        visible = _visible()
        # Where the engine has chosen, there are as many as the step needs. The variable is one for all threads.
        if len(visible) <= count or not self._lock.acquire(blocking=False):
            yield
            return
        before = os.environ.get(_VISIBLE)
        try:
            with contextlib.ExitStack() as locks:
                # A process that has used a processor can't change to another one.
                order = sorted(visible, key=lambda name: name not in self._last)
                free: list[str] = []
                for name in order:
                    if len(free) < count and locks.enter_context(_locked(name)):
                        free.append(name)
                if len(free) == count:
                    self._last = free
                    os.environ[_VISIBLE] = ",".join(free)
                yield
        finally:
            _set_variable(_VISIBLE, before)
            self._lock.release()


def _visible() -> list[str]:
    named = os.environ.get(_VISIBLE)
    if named is not None:
        return [name.strip() for name in named.split(",") if name.strip() not in ("", "-1")]
    try:
        found = (re.fullmatch(r"nvidia(\d+)", entry.name) for entry in Path("/dev").iterdir())
        return sorted((each[1] for each in found if each is not None), key=int)
    except OSError:
        return []


@contextlib.contextmanager
def _locked(name: str) -> Iterator[bool]:
    """Takes the lock of a processor until the end, unless another process of this account has it."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks.
        yield False
        return
    path = Path(tempfile.gettempdir()) / f"persistable-gpu-{os.getuid()}-{re.sub('[^0-9A-Za-z-]', '_', name)}"
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_locked = True
    except OSError:
        is_locked = False
    try:
        yield is_locked
    finally:
        os.close(file)


def _set_variable(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


_threads = _Threads()
_devices = _Devices()
