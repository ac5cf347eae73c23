"""Imports that another thread has begun when this one forks: in the child nobody would ever finish them.

So the fork waits for them for a moment. What is half imported after that, the child drops, and imports it anew when it
needs it. The wait has an end: an import may wait for a lock that another handler of this fork has taken. `logging` has
such a handler.
"""

from __future__ import annotations

import sys
import threading
import time
from importlib import _bootstrap  # Python has no public way to wait for imports.
from typing import Any

_OURS = frozenset({"persistable", *getattr(sys, "stdlib_module_names", ())})
_longest_wait_seconds = 2.0
_PAUSE_SECONDS = 0.001


def finish() -> None:
    """Waits until no other thread is importing a module of this package, or one of the standard library."""
    locks: dict[str, Any] = getattr(_bootstrap, "_module_locks", {})
    end = time.monotonic() + _longest_wait_seconds
    while any(_is_ours(name) and _is_of_another_thread(lock()) for name, lock in list(locks.items())):
        if time.monotonic() >= end:
            return
        time.sleep(_PAUSE_SECONDS)


def forget_unfinished() -> None:
    """Forgets, in a forked child, what the other threads of its parent were importing."""
    locks: dict[str, Any] = getattr(_bootstrap, "_module_locks", {})
    own = set()
    for name, lock in list(locks.items()):
        if getattr(lock(), "owner", None) == threading.get_ident():
            own.add(name)
        elif _is_ours(name):
            # Its owner may be gone, and so may be a thread that was just looking at it.
            locks.pop(name, None)
    for name, module in list(sys.modules.items()):
        is_begun = _is_ours(name) and getattr(getattr(module, "__spec__", None), "_initializing", False)
        if is_begun and name not in own:
            sys.modules.pop(name, None)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _OURS


def _is_of_another_thread(lock: Any) -> bool:
    owner = getattr(lock, "owner", None)
    return owner is not None and owner != threading.get_ident()
