"""Artifacts of persistable 1.x: finding them by their names, and reading them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]


class Adopted(NamedTuple):
    """A payload of 1.x; in a box, since `None` is a payload."""

    payload: Any


def find(step: Step, is_sure: bool = True) -> Path | None:
    """Returns the file that 1.x persisted for the step's present params, if there is one that can be adopted.

    Warns about one that is there and can't be. Without `is_sure`, a file that came a moment ago may be overlooked.
    """
    from persistable._adoption_listing import may_have

    folder = _core.folder_of(step)
    # 1.x knew only folders. Nearly every step that is missing has no such file: that is found out first.
    if folder is None or not may_have(folder, step.payload_name, is_sure):
        return None
    from persistable._adoption_name import name_of

    name = name_of(step)
    if name is None:
        return None
    path = Path(folder) / f"{name.stem}{step.payload_file_suffix}"
    if not _is_there(path):
        return None
    reason = name.doubt or _distrust(step, path)
    if reason is not None:
        _warn(step, path, reason)
        return None
    return path


def _is_there(path: str | Path) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def adopt(step: Step, is_sure: bool) -> Adopted | None:
    """Returns the payload of the file that `find` finds, if it can be loaded."""
    path = find(step, is_sure)
    return None if path is None else load(step, path)


def load(step: Step, path: Path) -> Adopted | None:
    """Returns the payload of a file that `find` found. If it can't be loaded, warns and returns `None`."""
    try:
        with _held_open(step, path) as descriptor_path:
            # Before loading: code that loading runs could hide the warning.
            step.logger.warning(
                "adopting %s of persistable 1.x. It has no manifest, so it is not known where it was written", path
            )
            return Adopted(step.payload_io.load(descriptor_path))
    except MemoryError:
        raise
    except Exception as error:
        _warn(step, path, f"it can't be loaded, {type(error).__name__}: {error}")
        return None


def _warn(step: Step, path: Path, reason: str) -> None:
    import logging
    import warnings

    message = f"{path} of persistable 1.x is not adopted: {reason}"
    # The console has it from the warning.
    level = logging.INFO
    try:
        warnings.warn(message, UserWarning, stacklevel=2)
    except UserWarning:  # Warnings are errors. What is not adopted can be generated, so this one must not be.
        level = logging.WARNING
    step.logger.log(level, "%s", message)


def _is_trusting(step: Step) -> bool:
    return bool(getattr(step.payload_io, "trust", False))


def _runs_code(step: Step) -> bool:
    return bool(getattr(step.payload_io, "loading_runs_code", False))


def _distrust(step: Step, path: Path) -> str | None:
    """Says why a payload must not be loaded: a pickle runs code, and anybody may have put it there."""
    if _is_trusting(step):
        return None
    if _runs_code(step) and _core.has_signing_key(step.payload_io):
        return (
            "loading it may run code, you use a signing key, and files of 1.x have no signature. "
            "If you trust it, use a payload IO with trust=True"
        )
    return _or_trust(_core.distrust(path))


def _or_trust(reason: str | None) -> str | None:
    return None if reason is None else f"{reason}, or use a payload IO with trust=True"


@contextmanager
def _held_open(step: Step, path: Path) -> Iterator[Path]:
    """Yields a path to what was found trustworthy, whatever takes its place in the meantime."""
    descriptors = Path("/dev/fd")
    # A format of the user's own may go by the name of the file, or read a folder.
    if _is_trusting(step) or not _runs_code(step) or not descriptors.is_dir():
        yield path
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        reason = _or_trust(_core.distrust_of(path, found.st_mode, found.st_uid, found.st_gid))
        if reason is not None:
            raise PermissionError(reason)
        yield descriptors / str(descriptor)
    finally:
        os.close(descriptor)
