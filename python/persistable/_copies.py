"""What a copy of a step gets of what the step has in memory."""

from __future__ import annotations

import copy
from typing import Any, Callable

from persistable import _core

__all__ = ["HANDLE", "with_handle"]

HANDLE = "_persistable_handle"
"""The one name that a step's object has for what this package keeps of it."""


def with_handle(reduced: Any, change: Callable[[_core.Handle], Any] = copy.copy) -> Any:
    """Returns what ``__reduce_ex__`` returned, with another handle: by default a copy, since two steps share none."""
    if not isinstance(reduced, tuple) or len(reduced) < 3:
        return reduced  # The class reduces itself in its own way.
    make, arguments, state, *rest = reduced
    if isinstance(state, tuple) and len(state) == 2:  # With slots.
        return (make, arguments, (_changed(state[0], change), state[1]), *rest)
    return (make, arguments, _changed(state, change), *rest)


def _changed(attributes: Any, change: Callable[[_core.Handle], Any]) -> Any:
    handle = attributes.get(HANDLE) if isinstance(attributes, dict) else None
    # It comes first: it may bring along what the others would come to only far down.
    if not isinstance(handle, _core.Handle):
        return attributes
    others = {name: value for name, value in attributes.items() if name != HANDLE}
    return {HANDLE: change(handle), **others}
