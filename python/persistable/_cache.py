"""The folder in which processes of one user remember what they found out."""

from __future__ import annotations

import os
import sys

__all__ = ["cache_folder"]


def cache_folder() -> str | None:
    """Returns `PERSISTABLE_CACHE_DIR`, else a folder in the user's folder for caches; `None` where there is neither.

    An empty variable means that nothing is to be kept.
    """
    named = os.environ.get("PERSISTABLE_CACHE_DIR")
    if named is not None:
        return os.path.abspath(named) if named else None
    caches = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(caches):  # The standard says to ignore a relative path.
        home = os.path.expanduser("~")
        if not os.path.isabs(home):
            return None
        caches = os.path.join(home, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",)))
    return os.path.join(caches, "persistable")
