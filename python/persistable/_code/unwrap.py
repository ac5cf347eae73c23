"""What is inside of objects that do no more than wrap a function."""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["inner", "parts"]


def parts(value: Any) -> list[Any]:
    """Returns the functions in a wrapper; none where it is not a wrapper that is known."""
    if isinstance(value, functools._lru_cache_wrapper):
        return [value.__wrapped__]
    if isinstance(value, (staticmethod, classmethod)):
        return [value.__func__]
    if isinstance(value, property):
        return [each for each in (value.fget, value.fset, value.fdel) if each is not None]
    if isinstance(value, functools.cached_property):
        return [value.func]
    if isinstance(value, functools.singledispatchmethod):
        registry = value.dispatcher.registry
        return [value.func, *(registry[each] for each in sorted(registry, key=lambda each: each.__qualname__))]
    return []


def inner(value: Any) -> Any:
    """Returns the function that gives a wrapper its name."""
    found = parts(value)
    return found[0] if found else None
