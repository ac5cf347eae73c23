"""Copying artifacts from one store to another."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from persistable import _core
from persistable._core import shown_size

if TYPE_CHECKING:
    from persistable._persistable import Persistable
    from persistable._store import Store

__all__ = ["CopyProgress", "CopyReport", "copy"]

_MOST_NAMED = 3


class CopyProgress(NamedTuple):
    """How much of a copying is done."""

    artifacts_done: int
    """So many artifacts are done: copied, or found to be there, or failed."""
    artifacts: int
    """So many artifacts there are to be done."""
    bytes_done: int
    """So many bytes of payloads are done. An artifact that is done counts with its size, also if it was there."""
    bytes: int
    """So many bytes of payloads there are to be done."""


@dataclass(frozen=True)
class CopyReport:
    """What `Store.push` or `Store.pull` did. Artifacts are named as their files are: payload name and key."""

    copied: tuple[str, ...] = ()
    """These were copied, in the order in which they were complete."""
    skipped: tuple[str, ...] = ()
    """These were in the other store already."""
    missing: tuple[str, ...] = ()
    """These are in neither store. A dependency may have been removed; that is not an error."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """These may run code and are not trusted, and why. `persistable.trust` helps."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """These could not be copied, and why."""
    copied_bytes: int = 0
    """So many bytes of payloads were copied."""

    def __str__(self) -> str:
        """Describes it in a line."""
        copied = _counted(len(self.copied))
        parts = [f"{copied} copied ({shown_size(self.copied_bytes)})", f"{len(self.skipped):,} were there already"]
        for names, what in ((self.missing, "missing"), (self.refused, "refused"), (self.failed, "failed")):
            if names:
                more = ", …" if len(names) > _MOST_NAMED else ""
                parts.append(f"{len(names):,} {what}: {', '.join(list(names)[:_MOST_NAMED])}{more}")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"<CopyReport: {self}>"


def copy(
    origin: Store,
    target: Store,
    steps: Iterable[Persistable[Any, Any]] | Persistable[Any, Any] | None,
    dependencies: bool,
    progress: Callable[[CopyProgress], object] | None,
    caller: str,
) -> CopyReport:
    """Copies artifacts from one store to another. `Store.push` says how."""
    from persistable._steps import ids_of

    ids = ids_of(steps, caller)
    tell = None if progress is None else lambda *figures: progress(CopyProgress(*figures))
    copied, skipped, missing, refused, failed, copied_bytes, error = _core.copy_artifacts(
        origin._existing(), target._persistable_store, ids, bool(dependencies), tell
    )
    report = CopyReport(tuple(copied), tuple(skipped), tuple(missing), dict(refused), dict(failed), copied_bytes)
    if error is not None:
        error.report = report  # type: ignore[attr-defined]
        raise error
    logging.getLogger("persistable").info("from %s to %s: %s", origin.location, target.location, report)
    return report


def _counted(number: int) -> str:
    return "1 artifact" if number == 1 else f"{number:,} artifacts"
