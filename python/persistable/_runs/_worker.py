"""One step on a worker, wherever that is."""

from __future__ import annotations

import pickle
import socket
import time
from typing import Any

from persistable import _core
from persistable._runs._engine import Outcome, ensured
from persistable._runs._shell import opened

__all__ = ["RemoteError", "run_shell", "with_cause"]

_REMOTE = "_persistable_remote_traceback"


class RemoteError(Exception):
    """An error of a step on a worker that could not be sent as it was. The message has its type and its traceback."""


def run_shell(shell: bytes, key: str, is_synced_later: bool) -> Outcome:
    """Makes sure that a step is persisted. What comes back has no payload."""
    begin, host = time.perf_counter(), socket.gethostname()
    try:
        step = opened(shell)
        found = _core.full_key(step)
        if found != key:
            raise RuntimeError(
                f"on the worker {host}, {step.payload_name} has the key {found}, and not {key}. Does the worker have "
                "other versions of the code or of its libraries? Or do the params change when they are pickled?"
            )
        outcome = ensured(step, is_synced_later, adopts=False)
    except Exception as error:
        outcome = Outcome("failed", time.perf_counter() - begin, host, error)
    except BaseException as error:  # SystemExit of a step is a failure of that step.
        outcome = Outcome("failed", time.perf_counter() - begin, host, RemoteError(_told(error)))
    return outcome if outcome.error is None else outcome._replace(error=_sendable(outcome.error))


def _sendable(error: BaseException) -> BaseException:
    """Returns an error that can be pickled, with its traceback as a note."""
    told = _told(error)
    try:
        sent: BaseException = pickle.loads(pickle.dumps(error))
    except Exception:
        return RemoteError(told)
    if type(sent) is not type(error):
        return RemoteError(told)
    # A pickle of an exception has its attributes, and not its cause.
    sent.__dict__[_REMOTE] = told
    return sent


def _told(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def with_cause(error: BaseException | None) -> BaseException | None:
    """Returns an error that came from a worker, caused by its traceback there."""
    told: Any = None if error is None else error.__dict__.pop(_REMOTE, None)
    if error is not None and told is not None:
        error.__cause__ = RemoteError(told)
    return error
