"""Paths among the constants: those beside the code are the same wherever a project was checked out."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from persistable._code.rows import NamedTuple

__all__ = ["Folder", "folder_of"]

# A folder with fewer parts, such as `/home`, is nobody's project.
_MIN_PARTS = 3


class Folder(NamedTuple):
    """The folder of a module, and that of the project around it."""

    own: str
    project: str
    home: str

    def told(self, path: str) -> str | None:
        """Returns a path as seen from the module or the home folder; `None` if it lies elsewhere."""
        if _is_below(path, self.project):
            return PurePath(os.path.relpath(path, self.own)).as_posix()
        if _is_below(path, self.home):
            return f"~/{PurePath(os.path.relpath(path, self.home)).as_posix()}"
        return None


def folder_of(file: str | None, module: str | None) -> Folder:
    """Returns the folder of a module. That of a notebook, which has no file, is the current one."""
    try:
        own = Path.cwd() if file is None else Path(file).absolute().parent
        project = own
        # The folder around the package, and that around `src`.
        for _ in range((module or "").count(".") + 1):
            if file is not None and len(project.parent.parts) >= _MIN_PARTS:
                project = project.parent
        return Folder(str(own), str(project), str(Path.home()))
    except (OSError, RuntimeError):  # There may be no current folder any more, or no home.
        return Folder("\0", "\0", "\0")


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder) and (len(path) == len(folder) or path[len(folder)] in "/\\")
