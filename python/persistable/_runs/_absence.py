"""Workers that are all gone: the user is told soon, and the run fails after a while."""

from __future__ import annotations

import math
import threading
import time
from typing import Callable

from persistable._core import shown_duration
from persistable._own_thread import OwnThread
from persistable.exceptions import PersistableError

__all__ = ["Absence", "WorkersGoneError"]

PAUSE_SECONDS = 1.0
TOLD_AFTER_SECONDS = 5.0
TOLD_AGAIN_AFTER_SECONDS = 60.0
MOST_SECONDS = 600.0
"""A run waits so long for a worker that nobody has asked for. One that was asked for may wait in a queue for days."""


class WorkersGoneError(PersistableError, RuntimeError):
    """No worker is left that could run a step."""

    kind = "run"


class Absence:
    """Looks again and again whether workers are there, on a thread of its own: the engine may take long to answer."""

    def __init__(
        self,
        what: str,
        attendance: Callable[[], tuple[int, bool]],
        tell: Callable[[str], object],
        give_up: Callable[[WorkersGoneError], object],
    ) -> None:
        """Takes what works, what tells how many are there and whether others may come, and whom to tell."""
        self._what, self._attendance, self._tell, self._give_up = what, attendance, tell, give_up
        self._is_over = threading.Event()
        self._is_stopping = False
        OwnThread(self._run, "workers").start()

    def _run(self) -> None:
        since: float | None = None
        told = 0.0
        while not self._is_over.wait(PAUSE_SECONDS):
            try:
                count, may_come = self._attendance()
            except WorkersGoneError as error:
                self._end(error)
                return
            except Exception:  # It can't be asked at present.
                count, may_come = 0, False
            now = time.monotonic()
            if count:
                if since is not None and told:
                    self._tell(f"{self._what} are there again")
                since, told = None, 0.0
                continue
            since = now if since is None else since
            if now - since >= TOLD_AFTER_SECONDS and (not told or now - told >= TOLD_AGAIN_AFTER_SECONDS):
                told = now
                self._tell(self._told(since, may_come))
            most = TOLD_AFTER_SECONDS if self._is_stopping else math.inf if may_come else MOST_SECONDS
            if now - since >= most:
                self._end(WorkersGoneError(f"there were no {self._what} for {shown_duration(most)}"))
                return

    def _told(self, since: float, may_come: bool) -> str:
        waiting = (
            f"there are no {self._what}. The run has waited for one for {shown_duration(time.monotonic() - since)}"
        )
        return waiting if may_come else f"{waiting}, and fails after {shown_duration(MOST_SECONDS)}"

    def _end(self, error: WorkersGoneError) -> None:
        if not self._is_over.is_set():
            self._give_up(error)

    def stop(self) -> None:
        """Waits for no worker any longer: the run starts nothing more."""
        self._is_stopping = True

    def close(self) -> None:
        """Looks no more."""
        self._is_over.set()
