"""The record of the code that made a payload.

`record_of` walks from a step's function through all code of the user's own that it may run. The compiled module calls
it, keeps what it returns, and looks on each hit whether that still holds.
"""

from __future__ import annotations

from typing import Any

from persistable._code.record import Item, Record
from persistable._code.runtime import State
from persistable._code.walk import Walk

__all__ = ["Item", "Record", "record_of"]

_MAX_WALKS = 3


def record_of(definition: Any, params: tuple[Any, ...] = ()) -> Record:
    """Returns the record of a step's code. Never raises.

    `definition` is a class of steps, or what the decorator `step` made. `params` are classes and functions that the
    step's params consist of. What can't be seen is listed in the record.
    """
    function = getattr(definition, "function", None)
    root = definition if isinstance(definition, type) or function is None else function
    track, untracked = _names_of(definition, "code_track"), _names_of(definition, "code_untracked")
    own_module = str(getattr(root, "__module__", ""))
    walk = Walk(own_module, track, frozenset(untracked))
    try:
        walk.run([root], params)
        for _ in range(_MAX_WALKS):
            # What is state is known once all functions were met. Some may have been met in what is state.
            state = State(walk.met, walk.shown)
            if state.told() == walk.state.told():
                break
            if not state.concerns(walk.keys()):
                walk.state = state  # For what is filled later.
                break
            walk = Walk(own_module, track, frozenset(untracked), state)
            walk.run([root], params)
        record = Record(walk, walk.constants)
        record.quick()
    except Exception as error:
        import logging

        logging.getLogger(__name__).debug("the code of %r could not be walked", definition, exc_info=True)
        walk = Walk(walk.own_module)
        walk.unseen[f"all of it: {type(error).__name__}: {error}"] = None
        record = Record(walk, [])
    return record


def _names_of(definition: Any, setting: str) -> tuple[str, ...]:
    """Returns the names that a step's `code_track` or `code_untracked` consists of."""
    names = getattr(definition, setting, None) or ()
    try:
        each = (names,) if isinstance(names, str) else tuple(names)
        return tuple(name if isinstance(name, str) else str(name.__name__) for name in each)
    except Exception:
        return ()
