"""Mends what a step on a worker needs, and could not load."""

from __future__ import annotations

from typing import Any

from persistable import _core
from persistable._runs._engine import Outcome
from persistable._tree import dependencies_of
from persistable.exceptions import DamagedPayloadError, MissingPayloadError

__all__ = ["lacks_a_dependency", "mended"]


def lacks_a_dependency(outcome: Outcome) -> bool:
    """Tells whether a step failed since the payload of a dependency is damaged, or was removed meanwhile."""
    return outcome.ending == "failed" and isinstance(outcome.error, (DamagedPayloadError, MissingPayloadError))


def mended(step: Any, outcome: Outcome) -> Outcome:
    """Loads the dependencies of a step that failed in such a way, and generates again what can't be loaded.

    A worker has no more than the keys of what its dependencies depend on. So this process does it. Returns what became
    of the step: it may start again.
    """
    for below in dependencies_of(step):
        was_in_memory = _core.has_in_memory(below)
        try:
            below.load_generate()
        except Exception:  # What the worker met tells more.
            return outcome
        finally:
            if not was_in_memory:
                _core.forget(below)
    return outcome._replace(ending="taken", error=None)
