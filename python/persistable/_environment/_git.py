"""The revision of the program's source, and whether its tree has changes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

__all__ = ["answer", "ask", "folders"]

_TIMEOUT_SECONDS = 10.0

# Submodules are looked at as far as the commit that is checked out goes. A monitor that the repository's own
# configuration names would be a program that runs without being asked for.
_COMMAND = (
    "git",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "status",
    "--porcelain=v2",
    "--branch",
    "--untracked-files=no",
    "--ignore-submodules=dirty",
)


def folders() -> list[str]:
    """Returns the folder of the program that runs and the current one: where its source may be."""
    found = []
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    if isinstance(path, str):
        found.append(os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120
    with contextlib.suppress(OSError):  # It may have been removed.
        found.append(os.getcwd())  # noqa: PTH109
    return found


def ask(candidates: list[str]) -> Any | None:
    """Starts git in the first folder that is in a work tree; `None` if none is, or there is no git."""
    folder = next((folder for folder in candidates if _is_in_work_tree(folder)), None)
    if folder is None:
        return None
    import subprocess

    # Within a hook of git these name the repository of the hook.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        return subprocess.Popen(
            _COMMAND,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None


def answer(process: Any) -> dict[str, Any] | None:
    """Returns what git says: `revision`, `None` before the first commit, and whether the tree is `dirty`.

    As for `git describe --dirty`, files that are not tracked do not make it dirty.
    """
    import subprocess

    with process:
        try:
            out, _ = process.communicate(timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    return None if process.returncode else _parsed(out.decode("utf-8", "replace"))


def _parsed(status: str) -> dict[str, Any] | None:
    revision, dirty = None, False
    for line in status.splitlines():
        if line.startswith("# branch.oid "):
            revision = line.rpartition(" ")[2]
        elif not line.startswith("#"):
            dirty = True
    if revision is None:
        return None
    return {"revision": None if revision == "(initial)" else revision, "dirty": dirty}


def _is_in_work_tree(folder: str) -> bool:
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
            return True
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return False
        folder = parent
