"""Which step is being generated."""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any


class Generation:
    """A generation that is under way."""

    __slots__ = ("outer", "rng", "step", "uses")

    def __init__(self, step: Any, outer: Generation | None) -> None:
        """Takes the step, and the generation that asked for this one."""
        self.step = step
        self.outer = outer
        self.rng: Any = None
        """The step's random generator, once it was asked for."""
        self.uses: dict[int, Any] = {}
        """What is known of the payloads of dependencies that the step was given, by the dependency's `id`."""


_current: ContextVar[Generation | None] = ContextVar("persistable_generation", default=None)


class generating:  # noqa: N801
    """Says for the time of a `with` that a step is being generated, in this thread or task."""

    __slots__ = ("_step", "_token")

    def __init__(self, step: Any) -> None:
        """Takes the step."""
        self._step = step
        self._token: Token[Generation | None] | None = None

    def __enter__(self) -> Generation:
        generation = Generation(self._step, _current.get())
        self._token = _current.set(generation)
        return generation

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)


def current_generation() -> Generation | None:
    """Returns the innermost generation that is under way here, if there is one."""
    return _current.get()


def current_step() -> Any | None:
    """Returns the step that is being generated here, if there is one."""
    generation = _current.get()
    return None if generation is None else generation.step
