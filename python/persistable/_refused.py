"""Functions that can't be steps."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from persistable._signature import Signature

__all__ = ["refuse_kind", "refuse_method"]

_KINDS = (
    (
        inspect.iscoroutinefunction,
        "a coroutine, which a step does not await: call asyncio.run(...) in a plain function",
    ),
    (inspect.isasyncgenfunction, "an asynchronous generator, which can't be persisted: return a list"),
    (inspect.isgeneratorfunction, "a generator, which can't be persisted: return a list"),
)


def refuse_kind(function: Any) -> None:
    """Refuses what is not a function, and functions whose result can't be persisted."""
    if not inspect.isfunction(function) and not inspect.isbuiltin(function):
        if isinstance(function, (staticmethod, classmethod)):
            name = type(function).__name__
            raise TypeError(f"@step is above @{name}: let it be below, next to the function")
        if isinstance(function, type):
            name = function.__qualname__
            raise TypeError(f"step decorates functions, and {name} is a class: derive it from Persistable instead")
        kind = type(function).__qualname__
        if isinstance(function, (str, os.PathLike)):
            raise TypeError(f"step decorates functions, and takes no data folder: write @Store({str(function)!r}).step")
        raise TypeError(f"step decorates functions, and not an object of type {kind}")
    for is_kind, kind in _KINDS:
        if is_kind(function):
            raise TypeError(f"{function.__name__} gives {kind}")


def refuse_method(function: Callable[..., Any], signature: Signature) -> None:
    """Refuses a function in the body of a class that takes the object, whose attributes would not be in the key."""
    owner, _, name = function.__qualname__.rpartition(".")
    first = next(iter(signature.parameters), None)
    if owner and not owner.endswith("<locals>") and first in ("self", "cls"):
        raise TypeError(
            f"{name} is a method of {owner}, and a step is made of a function without {first}: move it out of the "
            f"class and make what it uses of {first} its parameters, or derive a class from Persistable"
        )
