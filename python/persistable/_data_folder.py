"""What the texts and paths name that people pass as a data folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from persistable import _core

__all__ = ["checked", "named", "shown_url"]


def named(given: Any) -> Path | str:
    """Returns the path of a folder, or the URL of another store.

    In a path, the home folder is in place of `~`. A `Path` is returned as it is: the core opens the folder of one
    object once.
    """
    if isinstance(given, str) and "://" in given:
        is_url, in_url = _core.url_of(given)
        if is_url:
            return given if in_url is None else Path(in_url)
    path = given if isinstance(given, Path) else Path(checked(given))
    parts = path.parts
    if not parts:
        return path
    if ":" in parts[0]:
        _core.url_of(str(path))  # Refuses what was meant as a URL.
    return _in_home(path) if parts[0].startswith("~") else path


def _in_home(path: Path) -> Path:
    """Returns a path with the home folder in place of `~`.

    Earlier versions took `~` for the name of a folder. If such a folder has artifacts, it is used as before.
    """
    try:
        in_home = path.expanduser()
    except RuntimeError:  # There is no user of this name.
        return path
    if not any(path.glob("*(*)*.json")):
        return in_home
    from persistable._stale import issue

    message = (
        f"{path.absolute()} has artifacts, so it is used as before, and `~` is not the home folder. To keep it "
        f"without this warning, write its whole path. To use the home folder, move its files to {in_home}"
    )
    issue([(UserWarning, message, None)])
    return path


def shown_url(text: str) -> str:
    """Returns a text for a message. If it is a URL, user, password and query are left out, since they may be secret."""
    return re.sub(r"^(\w+://)(?:[^/?#]*@)?([^?#]*).*", r"\1\2", text, flags=re.DOTALL)


def checked(path: Any) -> Any:
    """Refuses what can't name a folder."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"a data folder must be a str, a Path or a Store, not an object of type {type(path).__qualname__}"
        )
    return path
