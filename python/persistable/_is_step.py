"""Whether an object is a step, for modules below the class of steps."""

from __future__ import annotations

from typing import Any

__all__ = ["Step", "is_step", "is_step_class"]


class Step:
    """The base of the class of steps."""


def is_step_class(value: Any) -> bool:
    """Tells whether an object is a class of steps."""
    return isinstance(value, type) and issubclass(value, Step)


def is_step(value: Any) -> bool:
    """Tells whether an object is a step. Asks for nothing that would load or generate."""
    # An object may lie about its class, or raise when it is asked.
    return issubclass(type(value), Step)
