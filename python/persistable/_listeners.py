"""Whether anybody listens to a step's default logger beside its log file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

# The numbers of `logging`, which takes longer to import than a large payload to load.
_INFO = 20
_WARNING = 30

_package: logging.Logger | None = None


def default_level(verbose: bool) -> int:
    """Returns the lowest level that the console or the package's logger wants."""
    global _package
    console = _INFO if verbose else _WARNING
    if _package is None:
        # Nobody can have set a level before it was imported; while it is, its functions may be missing yet.
        get_logger = getattr(sys.modules.get("logging"), "getLogger", None)
        if get_logger is None:
            return console
        _package = get_logger("persistable")
    return min(console, _package.getEffectiveLevel())
