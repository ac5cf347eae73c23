"""Warnings about payloads that may be stale, told where the user's own code asked for the payload."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from persistable.exceptions import StalePayloadWarning

_PACKAGE = str(Path(__file__).parent)


def warn(category: type[StalePayloadWarning], message: str) -> None:
    """Issues a warning at the nearest line outside of this package. A filter may turn it into an exception."""
    warnings.warn(message, category, stacklevel=_level())


def _level() -> int:
    level = 2
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level
