"""Ctrl-C in a run: the first stops starting steps, and the second ends the run."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupts", "deaf_processes"]


class Interrupts:
    """Counts presses of Ctrl-C. The second one raises `KeyboardInterrupt`, and so ends what is under way.

    It takes the place of Python's own handler. If the program has a handler of its own, that one stays.
    """

    def __init__(self) -> None:
        """Makes one that counts when it is entered."""
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt


@contextlib.contextmanager
def deaf_processes() -> Iterator[None]:
    """Lets processes that start now ignore Ctrl-C, as this one does meanwhile.

    If an idle process of an executor died of it, the executor would kill those that run steps, too.
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
