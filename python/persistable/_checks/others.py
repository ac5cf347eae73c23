"""Whether other threads of this process ran in the meantime."""

from __future__ import annotations

import threading
import time

from persistable._own_thread import OwnThread

__all__ = ["OtherThreads"]


class OtherThreads:
    """The threads of this process besides the present one, from now on. Those of this package draw no numbers."""

    def __init__(self) -> None:
        """Begins."""
        self._before = {thread: _seconds(thread) for thread in _others()}

    def have_run(self) -> bool:
        """Returns whether any of them has done something, or a new one has."""
        for thread in _others():
            before, now = self._before.get(thread, 0.0), _seconds(thread)
            if before is None or now is None or now > before:
                return True
        return False


def _others() -> list[threading.Thread]:
    present = threading.get_ident()
    return [thread for thread in threading.enumerate() if thread.ident != present and not isinstance(thread, OwnThread)]


def _seconds(thread: threading.Thread) -> float | None:
    """Returns how long a thread has run on a processor; `None` if the system does not tell."""
    if thread.ident is None:
        return 0.0
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    except (AttributeError, OSError):  # There is no such clock, or the thread has just ended.
        return None
