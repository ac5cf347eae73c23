"""One step on a worker, wherever that is."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from persistable import _core
from persistable._runs._engine import Outcome, ensured
from persistable._runs._interrupts import Interrupts
from persistable._runs._report import brief_error
from persistable._runs._share import given
from persistable._runs._shell import opened

__all__ = ["RemoteError", "end_nested_executors", "paths", "run_shell", "run_shells", "with_cause"]

_REMOTE = "_persistable_remote_traceback"


class RemoteError(Exception):
    """An error of a step on a worker that could not be sent as it was. The message begins with its type and text."""


def run_shell(shell: bytes, key: str, regenerates_stale: bool, is_synced_later: bool) -> Outcome:
    """Makes sure that a step is persisted. What comes back has no payload."""
    return _run(lambda: opened(shell), key, regenerates_stale, is_synced_later)


def _run(
    open_step: Callable[[], Any], key: str, regenerates_stale: bool, is_synced_later: bool, copies: Any = None
) -> Outcome:
    begin, host = time.perf_counter(), socket.gethostname()
    try:
        step = open_step()
        found = _core.full_key(step)
        if found != key:
            raise RuntimeError(
                f"on the worker {host}, {step.payload_name} has the key {found}, and not {key}. Does the worker have "
                "other versions of the code or of its libraries? Or do the params change when they are pickled?"
            )
        outcome = ensured(step, is_synced_later, False, regenerates_stale, copies)
    except BaseException as error:  # SystemExit of a step is a failure of that step.
        outcome = Outcome("failed", time.perf_counter() - begin, host, error)
    return outcome if outcome.error is None else outcome._replace(error=_sendable(outcome.error))


def paths() -> tuple[str, ...]:
    """Returns where this process finds modules of its own: beside its script, and in `PYTHONPATH`."""
    installed = {os.path.realpath(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    entries = dict.fromkeys(os.path.realpath(entry) for entry in sys.path)
    return tuple(entry for entry in entries if not any(entry.startswith(prefix + os.sep) for prefix in installed))


def run_shells(
    jobs: list[tuple[bytes, str, bool]], needs: dict[str, float], paths: tuple[str, ...], copies: Any = None
) -> list[Outcome]:
    """Makes sure that some steps are persisted, one after the other, and makes them durable together.

    Each gets what the steps need. Their modules are looked for in `paths` too. `copies` is what workers tell each other
    of steps that kill them.
    """
    sys.path.extend(path for path in paths if path not in sys.path)
    # Ctrl-C goes to all processes of a terminal. The first one lets running steps end here, too.
    with Interrupts(), given(needs):
        return _run_all(jobs, copies)


def end_nested_executors() -> None:
    """Ends worker processes that joblib started here for steps. Else they outlive this process, or keep it alive."""
    for name in ("loky.reusable_executor", "joblib.externals.loky.reusable_executor"):
        executor = getattr(sys.modules.get(name), "_executor", None)
        if executor is not None:
            with contextlib.suppress(Exception):  # It may have ended, or be broken.
                executor.shutdown(wait=True, kill_workers=True)


def _run_all(jobs: list[tuple[bytes, str, bool]], copies: Any) -> list[Outcome]:
    if len(jobs) == 1:
        ((shell, key, again),) = jobs
        return [_run(lambda: opened(shell), key, again, False, copies)]
    opening = [_Opening(shell) for shell, *_ in jobs]
    sync = _sync_of(opening)
    count = sum(each.step is not None for each in opening)
    outcomes = []
    for each, (_, key, again) in zip(opening, jobs):
        outcomes.append(_run(each.take, key, again, sync is not None, copies))
        if isinstance(outcomes[-1].error, KeyboardInterrupt):
            raise outcomes[-1].error
    if sync is None:
        return outcomes
    try:
        sync.sync(list(range(count)))
    except Exception as error:
        failed = _sendable(error)
        persisted = ("generated", "found")
        return [each._replace(ending="failed", error=failed) if each.ending in persisted else each for each in outcomes]
    sync.finish()
    return outcomes


class _Opening:
    """A step that was opened, or why it could not be."""

    def __init__(self, shell: bytes) -> None:
        self.step: Any = None
        self._error: Exception | None = None
        try:
            self.step = opened(shell)
        except Exception as error:
            self._error = error

    def take(self) -> Any:
        """Returns the step, which is not kept here: its payload goes with it."""
        if self._error is not None:
            raise self._error
        step, self.step = self.step, None
        return step


def _sync_of(opening: list[_Opening]) -> Any:
    try:
        return _core.group_sync_of([each.step for each in opening if each.step is not None])
    except Exception:  # What is wrong with a store is told of its steps.
        return None


def _sendable(error: BaseException) -> BaseException:
    """Returns an error that can be pickled, with its traceback as a note."""
    told = _told(error)
    try:
        sent: BaseException = pickle.loads(pickle.dumps(error))
    except Exception:
        return _in_place_of(error, told)
    if type(sent) is not type(error):
        return _in_place_of(error, told)
    # A pickle of an exception has its attributes, and not its cause.
    sent.__dict__[_REMOTE] = told
    return sent


def _in_place_of(error: BaseException, told: str) -> RemoteError:
    """Returns an error for one that can't be pickled. Its first line says what it was: reports show no more."""
    return RemoteError(f"{brief_error(error)}\n\n{told}")


def _told(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def with_cause(error: BaseException | None) -> BaseException | None:
    """Returns an error that came from a worker, caused by its traceback there."""
    told: Any = None if error is None else error.__dict__.pop(_REMOTE, None)
    if error is not None and told is not None:
        error.__cause__ = RemoteError(told)
    return error
