"""Copies of one program that share the work of a run by the leases of the store. Nobody coordinates them."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from persistable._runs._engine import Threads
from persistable.exceptions import PersistableError

__all__ = ["JOB_VARIABLE", "Shared"]

JOB_VARIABLE = "PERSISTABLE_JOB"
"""Has the same text in all copies of a program, and another one when they are started anew."""


_SHORTEST_PAUSE = 2.0
_PAUSES = 50.0
"""It waits so many times longer than it asks."""


class Shared(Threads):
    """This copy: it takes missing steps that are free, and learns from the store what the others did."""

    _plan: Any = None
    _next_look = 0.0

    def begin(self, plan: Any, retries: int) -> dict[str, float]:
        """Reads which steps failed before. Each copy begins at another step, so that few ask for the same one."""
        self._plan, self._copies = plan, plan.copies(_job(), retries)
        # A generator of its own: the numbers of the program's stay what they are without this.
        self.first = random.SystemRandom().randrange(max(len(plan), 1))
        return super().begin(plan, retries)

    def failed_elsewhere(self) -> tuple[int, BaseException] | None:
        """Asks the store now and then."""
        begin = time.monotonic()
        if begin < self._next_look:
            return None
        try:
            failed: tuple[int, BaseException] | None = self._plan.failed_elsewhere(self._copies)
        except PersistableError:  # This copy learns it when it comes to that step.
            failed = None
        now = time.monotonic()
        self._next_look = now + max(_SHORTEST_PAUSE, _PAUSES * (now - begin))
        return failed


def _job() -> str | None:
    """Returns what all copies have in common that were started together; `None` if nothing tells."""
    named = os.environ.get(JOB_VARIABLE)
    if named:
        return named
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    if array:
        return f"slurm {array}"
    # A shell, a script or a notebook in a job starts programs one after the other. Only srun starts copies together.
    job, step = os.environ.get("SLURM_JOB_ID"), os.environ.get("SLURM_STEP_ID")
    return f"slurm {job}.{step}" if job and step and os.environ.get("SLURM_STEP_NUM_TASKS", "1") != "1" else None
