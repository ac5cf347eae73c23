"""Whether an object is a step, for modules below the class of steps."""

from __future__ import annotations

from typing import Any

__all__ = ["StepBase", "is_step", "is_step_class"]


class StepBase:
    """The base of the class of steps. Modules below that class know steps by it."""


def is_step_class(value: Any) -> bool:
    """Tells whether an object is a class of steps."""
    return issubclass(type(value), type) and issubclass(value, StepBase)


def is_step(value: Any) -> bool:
    """Tells whether an object is a step. Asks for nothing that would load or generate."""
    # An object may lie about its class, or raise when it is asked.
    return issubclass(type(value), StepBase)
