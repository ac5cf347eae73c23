"""What is a step, for functions that take steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from persistable import _core
from persistable._bound import BoundStepFunction
from persistable._decorator import StepFunction
from persistable._persistable import Persistable

__all__ = ["ids_of_steps", "refuse_all_but_steps"]


def ids_of_steps(given: Any, caller: str) -> list[tuple[str, str]]:
    """Returns the payload names and keys of a step, or of several. Raises `TypeError` for all else."""
    # A mapping or a text is iterable, but what it yields is not what the caller gave.
    is_several = isinstance(given, Iterable) and not isinstance(given, (Persistable, str, bytes, dict))
    steps = list(given) if is_several else [given]
    for step in steps:
        refuse_all_but_steps(step, caller)
    return [(step.payload_name, _core.full_key(step)) for step in steps]


def refuse_all_but_steps(value: object, caller: str) -> None:
    """Raises `TypeError` for what is not a step, and says how to make one of what makes steps."""
    if isinstance(value, Persistable):
        return
    name = getattr(value, "__name__", type(value).__qualname__)
    if isinstance(value, BoundStepFunction):
        raise TypeError(f"{caller}() takes a step, but {name} makes steps: call it first, as in {name}(…)")
    if isinstance(value, StepFunction) or (isinstance(value, type) and issubclass(value, Persistable)):
        raise TypeError(
            f"{caller}() takes a step, but {name} makes steps: call it with a data folder first, "
            f'as in {name}("data", …)'
        )
    raise TypeError(f"{caller}() takes a step, not an object of type {type(value).__qualname__}")
