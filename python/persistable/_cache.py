"""The cache folder that the processes of one user share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path | None:
    """Returns `PERSISTABLE_CACHE_DIR`, else a folder in the user's folder for caches; `None` if there is neither.

    An empty variable means that nothing is to be kept.
    """
    named = os.environ.get("PERSISTABLE_CACHE_DIR")
    if named is not None:
        return Path.cwd() / named if named else None
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not caches.is_absolute():  # The standard says to ignore a relative path.
        try:
            caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
        except RuntimeError:  # There is no home.
            return None
    return caches / "persistable"
