"""What is a step, for functions that take steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from persistable import _core
from persistable._bound import BoundStepFunction
from persistable._decorator import StepFunction
from persistable._persistable import Persistable

__all__ = ["ids_of", "refuse_all_but_steps"]


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


def ids_of(
    steps: Iterable[Persistable[Any, Any]] | Persistable[Any, Any] | None, caller: str
) -> list[tuple[str, str]] | None:
    """Returns the payload names and keys of a step or of steps; `None` for all artifacts of a store."""
    if steps is None:
        return None
    given: list[Any]
    # A text or a mapping yields what the caller did not mean.
    if isinstance(steps, (Persistable, str, bytes, Mapping)) or not isinstance(steps, Iterable):
        given = [steps]
    else:
        given = list(steps)
    for step in given:
        refuse_all_but_steps(step, caller)
    return [(step.payload_name, _core.full_key(step)) for step in given]
