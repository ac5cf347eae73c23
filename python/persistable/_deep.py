"""Chains of steps that are deeper than Python's recursion goes."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

from persistable._tree import dependencies_of

__all__ = ["After", "call_in_parts", "steps_before"]

_SPACING = 30
"""A pickle or a deep copy comes to a step of its own accord by at most about so many others."""

_MOST_KNOWN = 100_000
_known: dict[int, tuple[weakref.ref[Any], Any, int]] = {}
_under_way = threading.local()


class After:
    """A handle in a pickle or a deep copy, after steps that have to come before what its step depends on."""

    __slots__ = ("handle", "steps")

    def __init__(self, steps: list[Any], handle: Any) -> None:
        """Takes steps, and the handle that is left of this in the copy."""
        self.steps = steps
        self.handle = handle

    def __reduce__(self) -> Any:
        return _handle, (self.steps, self.handle)


def _handle(_: list[Any], handle: Any) -> Any:
    return handle


def steps_before(step: Any) -> list[Any]:
    """Returns steps far below a step. If they are copied first, in this order, no copy nests deeply."""
    depth = _depth(step)
    if depth <= _SPACING:
        return []
    lowest = _SPACING if depth % _SPACING == 0 else depth - depth % _SPACING
    found: dict[int, Any] = {}
    seen: set[int] = set()
    pending = list(dependencies_of(step))
    while pending:
        below = pending.pop()
        depth = _depth(below)
        if id(below) in seen or depth < lowest:
            continue
        seen.add(id(below))
        if depth % _SPACING == 0:
            found[id(below)] = below
        pending.extend(dependencies_of(below))
    return sorted(found.values(), key=_depth)


def _depth(step: Any) -> int:
    """Returns how many steps are below a step on the longest way down."""
    known = _known_depth(step)
    if known is not None:
        return known
    pending, on_path = [step], {id(step)}
    while pending:
        current = pending[-1]
        below = list(dependencies_of(current))
        unknown = [each for each in below if _known_depth(each) is None and id(each) not in on_path]
        if unknown:
            pending.extend(unknown[:1])
            on_path.add(id(unknown[0]))
            continue
        _note_depth(current, 1 + max(((_known_depth(each) or 0) for each in below), default=-1))
        pending.pop()
    return _known_depth(step) or 0


def _known_depth(step: Any) -> int | None:
    known = _known.get(id(step))
    there: Any = None if known is None else known[0]()
    if known is None or there is not step:
        return None
    held = there.tracked_persistable_dependencies
    return known[2] if known[1] is held else None


def _note_depth(step: Any, depth: int) -> None:
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[id(step)] = weakref.ref(step), step.tracked_persistable_dependencies, depth


def call_in_parts(method: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], error: Any) -> Any:
    """Calls a method again that used up the stack. Before that, generates the step at which the stack ended."""
    active: set[int] = _under_way.__dict__.setdefault("steps", set())
    while True:
        step = getattr(error, "_persistable_step", None)
        if step is None or id(step) in active or (args and step is args[0]):
            raise error  # Not for the chain: that step was called from here.
        active.add(id(step))
        try:
            step.payload  # noqa: B018  # It may come to the end of the stack itself, further down.
            return method(*args, **options)
        except RecursionError as again:
            if getattr(again, "_persistable_step", None) is step:
                raise
            error = again
        finally:
            active.discard(id(step))
