"""The steps of a run, in whatever way they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from persistable._dependencies import told
from persistable._is_step import is_step

__all__ = ["MadeOfSteps", "Steps", "steps_of"]

Steps = Any
"""A step, or any nesting of iterables and mappings of steps."""


class MadeOfSteps:
    """A plan of steps. It is not given in place of the steps."""


def steps_of(steps: Steps) -> Iterator[Any]:
    """Iterates over steps, in whatever way they were given."""
    if isinstance(steps, MadeOfSteps):
        raise TypeError("steps are wanted here, not their plan: pass the steps that the plan was made of")
    if is_step(steps):
        yield steps
    elif isinstance(steps, Mapping):
        yield from steps_of(list(steps.values()))
    elif isinstance(steps, Iterable) and not isinstance(steps, (str, bytes)):
        for given in steps:
            yield from steps_of(given)
    else:
        raise TypeError(f"steps are wanted here, not {told(steps)}")
