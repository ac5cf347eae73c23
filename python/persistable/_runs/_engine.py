"""What starts the steps of a run: threads, processes, or an executor of the user's."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from typing import Any, NamedTuple

from persistable import _core
from persistable._resources import of_this_machine

__all__ = ["Engine", "Outcome", "Queued", "Threads", "ensured"]


class Outcome(NamedTuple):
    """How a step ended that was started."""

    ending: str
    """`"generated"`, `"found"`, `"taken"`, `"failed"` or `"lost"`."""
    seconds: float
    host: str
    error: BaseException | None = None
    process: int = 0


class Engine:
    """Starts steps. It puts what became of each into `done`, with its position in the plan."""

    workers: int
    """How many steps may run at the same time."""

    is_of_this_machine = False
    """Whether what a step persists can be made durable from here."""

    is_this_process = False
    """Whether steps run in this process."""

    takes_payloads = False
    """Whether payloads that a step leaves in memory are in the memory of this process."""

    regenerates_stale = False
    """Whether a step that is there is generated again if it is stale."""

    first = 0
    """At which of equally urgent steps it begins."""

    has_room = True
    """Whether it takes a further step now."""

    gone: BaseException | None = None
    """Why no worker will run a further step; `None` as long as one may."""

    def __init__(self) -> None:
        """Makes one that has started nothing."""
        self.news: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step."""
        raise NotImplementedError

    def begin(self, plan: Any, retries: int) -> dict[str, float]:
        """Gets to know the plan before the first step starts. Returns what steps share that run at the same time."""
        return {"cores": float(self.workers), **(of_this_machine() if self.is_of_this_machine else {})}

    def hand_over(self) -> None:
        """Learns that no further step may start at present. What was held back is sent off now."""

    def stop(self) -> None:
        """Learns that nothing more will start, because of Ctrl-C. What runs may end."""

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Tells why no worker can offer what a step needs; `None` if one can, or if the run limits it itself."""
        return None

    def failed_elsewhere(self) -> tuple[int, BaseException] | None:
        """Returns a step that failed in another copy of this program, with its error."""
        return None

    def close(self, kill: bool) -> None:
        """Ends what this engine has started itself. `kill` says not to wait for running steps."""


def ensured(
    step: Any, is_synced_later: bool, adopts: bool, regenerates_stale: bool = False, copies: Any = None
) -> Outcome:
    """Makes sure that a step is persisted, on this thread."""
    begin, host = time.perf_counter(), socket.gethostname()
    try:
        ending = _core.ensure(step, is_synced_later, adopts, regenerates_stale, copies)
    except (Exception, RecursionError) as error:
        return Outcome("failed", time.perf_counter() - begin, host, error)
    return Outcome(ending, time.perf_counter() - begin, host, None, os.getpid())


class Queued(Engine):
    """Threads of the run's own, which take one step after the other. A subclass says what they do with it."""

    is_of_this_machine = True

    def __init__(self, workers: int) -> None:
        """Starts each thread when there is a step for it."""
        super().__init__()
        self.workers = workers
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._lock = threading.Lock()

    def _put(self, job: tuple[Any, ...]) -> None:
        """Hands a step to a thread. A job begins with the position of its step."""
        with self._lock:
            is_new = self._idle == 0 and len(self._threads) < self.workers
            self._idle -= not is_new
        self._jobs.put(job)
        if is_new:
            # A thread that hangs in a step must not keep the program from ending.
            name = f"persistable-run-{len(self._threads)}"
            thread = threading.Thread(target=self._serve, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        """Takes steps until there is a `None`."""
        raise NotImplementedError

    def _ended(self, index: int, outcome: Outcome) -> None:
        with self._lock:
            self._idle += 1
        self.done.put((index, outcome))

    def close(self, kill: bool) -> None:
        """Ends the threads. One that runs a step ends after it."""
        for _ in self._threads:
            self._jobs.put(None)
        if not kill:
            for thread in self._threads:
                thread.join()


class Threads(Queued):
    """Threads of this process. The steps of the caller themselves are generated."""

    is_this_process = True
    takes_payloads = True
    _copies: Any = None

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step."""
        self._put((index, step, is_synced_later))

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            index, step, is_synced_later = job
            try:
                outcome = ensured(step, is_synced_later, False, self.regenerates_stale, self._copies)
            except BaseException as error:  # SystemExit of a step is a failure of that step.
                outcome = Outcome("failed", 0.0, socket.gethostname(), error)
            self._ended(index, outcome)
            del job, step
