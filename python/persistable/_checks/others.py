"""Whether other threads of this process ran in the meantime."""

from __future__ import annotations

import sys
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
    if thread.native_id is None:
        return 0.0
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime(_clock_of(thread.native_id))
    except OSError:  # The thread has just ended.
        return None


def _clock_of(native_id: int) -> int:
    """Returns Linux's clock of the time that a thread runs, as in `include/linux/posix-timers.h`.

    `time.pthread_getcpuclockid` gives the same one, but looks into the thread. If that has just ended, the process
    crashes.
    """
    return (~native_id << _BITS_OF_KIND) | _OF_SCHEDULER | _OF_ONE_THREAD


_BITS_OF_KIND, _OF_SCHEDULER, _OF_ONE_THREAD = 3, 2, 4
