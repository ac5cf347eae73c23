"""Whether an object is a step, for modules below the class of steps."""

from __future__ import annotations

from typing import Any

__all__ = ["is_step", "is_step_class"]


def is_step_class(value: Any) -> bool:
    """Tells whether an object is a class of steps."""
    return isinstance(value, type) and hasattr(value, "tracked_persistable_dependencies")


def is_step(value: Any) -> bool:
    """Tells whether an object is a step. Asks for nothing that would load or generate."""
    return hasattr(type(value), "tracked_persistable_dependencies")
