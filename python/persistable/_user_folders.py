"""The folders of this account for what belongs to no store."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache_folder", "log_folder"]


def cache_folder() -> Path | None:
    """Returns the folder for payloads that were downloaded; `None` if this account has no home."""
    return _folder("XDG_CACHE_HOME", ".cache", "persistable")


def log_folder() -> Path | None:
    """Returns the folder for logs of steps in stores that are not folders; `None` if this account has no home."""
    return _folder("XDG_STATE_HOME", ".local/state", "persistable/logs")


def _folder(variable: str, in_home: str, name: str) -> Path | None:
    given = Path(os.environ.get(variable, ""))
    if given.is_absolute():  # Others are to be ignored, says the specification of these variables.
        return given / name
    try:
        home = Path.home()
        # After `sudo`, the home may be that of the account which called it.
        is_own = home.stat().st_uid == os.geteuid()
    except (OSError, RuntimeError):
        return None
    return home / in_home / name if is_own else None
