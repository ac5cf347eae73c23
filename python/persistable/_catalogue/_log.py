"""What happened in a store, as the log files of all its steps tell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import cut, html_table

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking

__all__ = ["Log", "LogEntry", "log"]

_MOST_CHARACTERS = 160


class LogEntry(NamedTuple):
    """Something that happened to an artifact."""

    at: datetime
    """When, in UTC."""
    level: str
    """How grave it is: `"debug"`, `"info"`, `"warning"` or `"error"`."""
    name: str
    """The payload name."""
    key: str
    """The first half of the key; empty if it is said of the step."""
    process: int
    """The number of the process."""
    what: str
    """What happened: `"generating"`, `"generated"`, `"persisted"`, `"loaded"`, `"missed"`, `"removed"`,
    `"quarantined"`, `"waited"`, `"failed"` or `"other"`."""
    message: str
    """What the log says."""

    def __str__(self) -> str:
        """Describes it in a line."""
        return "  ".join(self._cells())

    def _cells(self) -> list[str]:
        key = f"{self.name} {self.key[:8]}".rstrip()
        return [f"{self.at:%Y-%m-%d %H:%M:%S}", key, cut(self.message, _MOST_CHARACTERS)]


class Log(list[LogEntry]):
    """Entries of the log, in the order of time."""

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) if self else "the log has no such entry"

    def _repr_html_(self) -> str:
        return html_table("log", ["when", "step", ""], [entry._cells() for entry in self])


def log(
    asking: Asking,
    step: str | None,
    key: str | None,
    limit: int,
    level: str | None,
    age_seconds: float | None,
    text: str | None,
) -> Log:
    """Reads the last entries of the log."""
    steps = [] if step is None else [step]
    return Log(map(_entry, asking.answer("log", (steps, key, level, age_seconds, text), limit)))


def _entry(found: dict[str, Any]) -> LogEntry:
    return LogEntry(
        cast(datetime, moment_of(found["at"])),
        found["level"],
        found["name"],
        found["key"],
        found["process"],
        found["happening"]["what"],
        found["message"],
    )
