"""Artifacts as one file: exporting and importing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from persistable._core import shown_size

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking, Selection

__all__ = ["Exported", "Imported", "export", "import_file"]

_MOST_NAMED = 10


@dataclass(frozen=True, repr=False)
class Exported:
    """What was written into a file. Artifacts are named as their files are."""

    file: Path
    """The file."""
    artifacts: tuple[str, ...]
    """These are in it."""
    size_bytes: int
    """The bytes of their payloads."""
    missing: tuple[str, ...]
    """From these, some were made, and they are gone."""
    failed: dict[str, str]
    """These could not be exported, and why."""

    def __str__(self) -> str:
        """Describes it in some lines."""
        lines = [f"{_counted(len(self.artifacts))} in {self.file}, {shown_size(self.size_bytes)}"]
        if self.missing:
            lines[0] += f"; {len(self.missing):,} of what they were made from are gone"
        return "\n".join([*lines, *_failures(self.failed)])

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Imported:
    """What was read from a file. Artifacts are named as their files are."""

    copied: tuple[str, ...]
    """These are new in the store."""
    copied_bytes: int
    """The bytes of their payloads."""
    present: tuple[str, ...]
    """These were there before, and stay as they are."""
    failed: dict[str, str]
    """These were not imported, and why."""

    def __str__(self) -> str:
        """Describes it in some lines."""
        head = f"{_counted(len(self.copied))} imported, {shown_size(self.copied_bytes)}"
        if self.present:
            head += f"; {len(self.present):,} there already"
        return "\n".join([head, *_failures(self.failed)])

    def __repr__(self) -> str:
        return str(self)


def export(
    asking: Asking,
    selection: Selection,
    file: str | os.PathLike[str],
    progress: Callable[[int, int], object] | None,
) -> Exported:
    """Writes what is selected into one file, with what it was made from."""
    path = Path(file).expanduser()
    found = asking.answer("export", selection, path, progress)
    return Exported(
        path, tuple(found["artifacts"]), found["size_bytes"], tuple(found["missing"]), dict(found["failed"])
    )


def import_file(
    asking: Asking, file: str | os.PathLike[str], progress: Callable[[int, int], object] | None
) -> Imported:
    """Reads the artifacts of a file."""
    found = asking.answer("import_file", Path(file).expanduser(), progress)
    return Imported(tuple(found["copied"]), found["copied_bytes"], tuple(found["present"]), dict(found["failed"]))


def _failures(failed: dict[str, str]) -> list[str]:
    lines = [f"  {stem} failed: {why}" for stem, why in list(failed.items())[:_MOST_NAMED]]
    more = len(failed) - len(lines)
    return [*lines, f"  and {more:,} more"] if more else lines


def _counted(number: int) -> str:
    return "1 artifact" if number == 1 else f"{number:,} artifacts"
