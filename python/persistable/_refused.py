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
    """Refuses objects that are not functions, and functions whose result can't be persisted."""
    if not inspect.isfunction(function) and not inspect.isbuiltin(function):
        if isinstance(function, (staticmethod, classmethod)):
            name = type(function).__name__
            raise TypeError(f"@step is above @{name}: put it below, next to the function")
        if isinstance(function, type):
            name = function.__qualname__
            raise TypeError(f"step decorates functions, but {name} is a class: derive it from Persistable instead")
        kind = type(function).__qualname__
        if isinstance(function, (str, os.PathLike)):
            raise TypeError(f"step decorates functions, not data folders: write @Store({str(function)!r}).step")
        raise TypeError(f"step decorates functions, not an object of type {kind}")
    for is_kind, kind in _KINDS:
        if is_kind(function):
            raise TypeError(f"{function.__name__} returns {kind}")


def refuse_method(function: Callable[..., Any], signature: Signature) -> None:
    """Refuses methods: the attributes of `self` would not be in the key."""
    owner, _, name = function.__qualname__.rpartition(".")
    first = next(iter(signature.parameters), None)
    if owner and not owner.endswith("<locals>") and first in ("self", "cls"):
        raise TypeError(
            f"{name} is a method of {owner}, but a step needs a function without {first}: move it out of the class, "
            f"and make the attributes of {first} that it uses its parameters. Or derive a class from Persistable"
        )
