"""Threads of this package that run nobody else's code."""

from __future__ import annotations

import threading
from typing import Callable

__all__ = ["OwnThread"]


class OwnThread(threading.Thread):
    """A thread that runs code of this package alone, so that nothing that happens in it is a step's doing.

    It is a daemon: what nobody waits for must not keep a program from ending.
    """

    def __init__(self, run: Callable[[], object], what: str) -> None:
        """Takes what to run, and what the thread is for, which is in its name."""
        super().__init__(target=run, name=f"persistable-{what}", daemon=True)
