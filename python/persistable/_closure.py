"""The variables of an outer function that a function uses. No key has them."""

from __future__ import annotations

import functools
import types
from typing import Any, Callable


def refuse_values(function: Callable[..., Any], kinds_of_steps: tuple[type[Any], ...]) -> None:
    """Refuses a function whose closure holds a value: the key would be the same for another value.

    Functions in the closure are searched too. Functions, classes and modules are not values but code: the record of the
    step's code sees them and what they hold. `kinds_of_steps` are the types that functions have once they are steps.
    """
    pending, seen = [function], {id(function)}
    while pending:
        current = pending.pop()
        for name, held in _closed_over(current, function.__name__):
            inner = _function_in(held, kinds_of_steps)
            if inner is not None:
                if id(inner) not in seen:
                    seen.add(id(inner))
                    pending.append(inner)
            elif not _is_code(held):
                raise TypeError(
                    f"{function.__name__} uses the variable {name} (of type {type(held).__qualname__}) of the function "
                    "around it, and the key does not have it: make it a parameter, or give another version= for each "
                    "of its values"
                )


def _closed_over(function: Callable[..., Any], step_name: str) -> list[tuple[str, Any]]:
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    found = []
    for name, cell in zip(names, getattr(function, "__closure__", None) or ()):
        try:
            found.append((name, cell.cell_contents))
        except ValueError:  # Empty yet. Their own names are, if they call themselves.
            if name not in (step_name, function.__name__):
                raise TypeError(
                    f"{step_name} uses the variable {name} of the function around it, which has no value yet: assign "
                    "it before the step is defined, make it a parameter, or give another version= for each "
                    "of its values"
                ) from None
    return found


def _function_in(held: Any, kinds_of_steps: tuple[type[Any], ...]) -> Callable[..., Any] | None:
    """Returns the Python function that an object is, or that it does no more than wrap."""
    if isinstance(held, kinds_of_steps):
        held = held.function
    elif isinstance(held, functools._lru_cache_wrapper):
        held = held.__wrapped__
    elif isinstance(held, types.MethodType) and isinstance(held.__self__, type):
        held = held.__func__
    return held if isinstance(held, types.FunctionType) else None


def _is_code(held: Any) -> bool:
    if isinstance(held, types.BuiltinFunctionType):
        # The methods of an object come as functions of C, too.
        return held.__self__ is None or isinstance(held.__self__, (types.ModuleType, type))
    return isinstance(held, (type, types.ModuleType, types.MethodDescriptorType, types.WrapperDescriptorType))
