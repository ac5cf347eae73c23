"""Whether anybody listens to a step's default logger beside its log file."""

from __future__ import annotations

import logging

_package = logging.getLogger("persistable")


def default_level(verbose: bool) -> int:
    """Returns the lowest level that the console or the package's logger wants."""
    console = logging.INFO if verbose else logging.WARNING
    return min(console, _package.getEffectiveLevel())
