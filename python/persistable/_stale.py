"""Warnings about payloads that may be stale, told where the user's own code asked for the payload."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from persistable.exceptions import (
    CodeChangedWarning,
    DependencyChangedWarning,
    InputChangedWarning,
    InvalidPayloadWarning,
    StalePayloadWarning,
    UndeclaredDependencyWarning,
)

_OF_KIND: dict[str, type[StalePayloadWarning]] = {
    "code_changed": CodeChangedWarning,
    "input_changed": InputChangedWarning,
    "dependency_changed": DependencyChangedWarning,
    "undeclared_dependency": UndeclaredDependencyWarning,
}
"""The kinds of the core."""

_PACKAGE = str(Path(__file__).parent)

Warnings = list[tuple[type[Warning], str, Any]]


_put_off: ContextVar[Warnings | None] = ContextVar("persistable_warnings", default=None)


@contextmanager
def putting_off() -> Iterator[Warnings]:
    """Collects what `warn` is to issue meanwhile: a warning may become an exception, and must not cost the payload.

    Hand what was collected to `issue` once the payload is kept.
    """
    collected: Warnings = []
    token = _put_off.set(collected)
    try:
        yield collected
    finally:
        _put_off.reset(token)


def warn(category: type[StalePayloadWarning], message: str, step: Any = None) -> None:
    """Issues a warning at the nearest line outside of this package. A filter may turn it into an exception.

    It stands in the log of ``step`` as well.
    """
    collected = _put_off.get()
    if collected is None:
        issue([(category, message, step)])
    else:
        collected.append((category, message, step))


def issue(collected: Warnings) -> None:
    """Issues warnings. Of several that become exceptions, the first is raised."""
    for _, message, step in collected:
        logger = getattr(step, "logger", None)
        if logger is not None:
            logger.warning("%s", message, extra={"is_warned": True})
    for category, message, _ in collected:
        warnings.warn(message, category, stacklevel=_level())


def warn_of(kind: str, message: str) -> None:
    """Issues a warning of the core. The core has already written it to the log."""
    if kind == "undeclared_dependency":
        from persistable._core import UNDECLARED_ADVICE

        message += UNDECLARED_ADVICE
    warnings.warn(message, _OF_KIND.get(kind, StalePayloadWarning), stacklevel=_level())


def warn_of_invalid(payload_name: str, done: str, refusal: Exception) -> None:
    """Warns of a payload that is loaded or persisted although the validator refuses it."""
    message = f"{payload_name} is {done}, although its validator refuses it: {refusal}"
    warnings.warn(message, InvalidPayloadWarning, stacklevel=_level())


def _level() -> int:
    level = 2
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level
