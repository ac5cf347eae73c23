"""What happened to a step, as the console says it."""

from __future__ import annotations

from typing import Any

from persistable._core import shown_duration, shown_size
from persistable._repr import briefly_shown_step

__all__ = ["LineForPeople"]

_Figures = tuple["float | None", "float | None", "int | None"]


class LineForPeople:
    """A line that names the step as its repr does, and rounds the figures. It is made when it is asked for."""

    __slots__ = ("_done", "_figures", "_message", "_step")

    def __init__(self, step: Any, message: str, done: str | None, figures: _Figures) -> None:
        """Takes what the log file says. `figures` are the time, the time without the dependencies, and the size."""
        self._step = step
        self._message = message
        self._done = done
        self._figures = figures

    def __str__(self) -> str:
        return f"{briefly_shown_step(self._step)}: {self._message if self._done is None else self._with_figures()}"

    def __reduce__(self) -> Any:
        # A record that goes to another process does not take the step along.
        return str, (str(self),)

    def _with_figures(self) -> str:
        took, own, size_bytes = self._figures
        size = "" if size_bytes is None else f" {shown_size(size_bytes)}"
        if took is None:
            return f"{self._done}{size}"
        if own is None or shown_duration(own) == shown_duration(took):
            return f"{self._done}{size} in {shown_duration(took)}"
        return f"{self._done}{size} in {shown_duration(own)}, {shown_duration(took)} with its dependencies"
