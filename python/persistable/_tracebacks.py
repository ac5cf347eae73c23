"""Tracebacks of a user's own errors, without the frames of this package."""

from __future__ import annotations

import contextlib
import os
from types import TracebackType
from typing import TYPE_CHECKING, Any

from persistable._is_step import is_step

if TYPE_CHECKING:
    from persistable._persistable import Persistable

__all__ = ["hide_our_frames", "note_generation"]

_OURS = __file__[: -len("_tracebacks.py")]
_MOST_NOTES = 10
_MOST_CAUSES = 20


def hide_our_frames(error: BaseException) -> None:
    """Takes the frames of this package out of the tracebacks of an error and of its causes.

    A traceback that ends in this package stays whole: the error is one of ours, and not of the user's code. With
    `PERSISTABLE_FULL_TRACEBACK=1` all stay whole.
    """
    pending: list[BaseException | None] = [error]
    for _ in range(_MOST_CAUSES):
        current = pending.pop() if pending else None
        if current is not None:
            current.__traceback__ = _users(current.__traceback__)
            pending += (current.__context__, current.__cause__)


def _users(traceback: TracebackType | None) -> TracebackType | None:
    if os.environ.get("PERSISTABLE_FULL_TRACEBACK", "0") not in ("", "0"):
        return traceback
    kept: list[TracebackType] = []
    entry, is_ours = traceback, True
    while entry is not None:
        is_ours = entry.tb_frame.f_code.co_filename.startswith(_OURS)
        if not is_ours:
            kept.append(entry)
        entry = entry.tb_next
    if is_ours:
        return traceback
    for before, after in zip(kept, kept[1:]):
        before.tb_next = after
    return kept[0]


def note_generation(error: Exception, step: Persistable[Any, Any]) -> None:
    """Adds a note that names the step. The log file of the step that failed first gets the traceback."""
    if isinstance(error, RecursionError):
        note_depth(error, step)
        return
    passed = getattr(error, "_persistable_steps", 0)
    with contextlib.suppress(Exception):
        error._persistable_steps = passed + 1  # type: ignore[attr-defined]
    if passed == 0:
        # `logging` can't be imported while the clock is wrong by centuries. The user's error is worth more than a line.
        with contextlib.suppress(Exception):
            from persistable.logging import log_traceback

            log_traceback(step, error, _users(error.__traceback__))
        used = getattr(error, "obj", None) if isinstance(error, AttributeError) else None
        if is_step(used):
            add_note(error, f"{used!r} is a step: .payload is its result")
    if passed <= _MOST_NOTES:
        add_note(error, f"while generating {step!r}" if passed < _MOST_NOTES else "while generating further steps")


def note_depth(error: RecursionError, step: Persistable[Any, Any]) -> None:
    """Notes at which step a chain was too deep: the first that the error came through."""
    with contextlib.suppress(Exception):
        if not hasattr(error, "_persistable_step"):
            error._persistable_step = step  # type: ignore[attr-defined]


def note_invalid(error: BaseException, step: Persistable[Any, Any]) -> None:
    """Adds a note that names the artifact that the validator refuses, and says what to do."""
    from persistable._whereabouts import artifact_of

    path = artifact_of(step)
    add_note(
        error,
        f"the validator of {step!r} refuses the payload that is persisted in {path}: call generate() to replace it, "
        "or remove(). If the validator is wrong, correct it. "
        "load(warn_if_validation_fails=True) loads it with a warning",
    )


def add_note(error: BaseException, note: str) -> None:
    """Adds a note. Notes came with Python 3.11."""
    with contextlib.suppress(Exception):
        error.add_note(note)
