"""Warns if a step drew numbers from a global generator without seeding it."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any, Union

from persistable._checks.generators import NumpyGenerator, PythonGenerator
from persistable._checks.mersenne import State, was_drawn_from, words_between
from persistable._checks.others import OtherThreads

# Finding out takes about half as long as drawing did. It is hardly ever needed where all is well: only where a step set
# a generator's state, rather than seeding it.
_BUDGET_SECONDS = 0.05
_BUDGET_SHARE = 0.5
_MAX_BUDGET_SECONDS = 2.0
# Threads of libraries draw a few words now and then, such as for the pause before they connect again.
_FEW_WORDS = 64

Generator = Union[PythonGenerator, NumpyGenerator]
_watches = threading.local()


class RandomWatch:
    """Watches the global generators of Python and NumPy while a step generates its payload.

    ```python
    with RandomWatch(step):
        payload = step._generate_payload()
    ```

    At the end it issues an `UnseededRandomnessWarning` for a generator that drew numbers and was not seeded in the
    meantime. It warns only when it has proved that, in a time that is bounded by a share of the generation's: a
    generator whose state was set is seeded. What steps drew that were generated meanwhile is theirs.

    Other generators of NumPy without a seed, and generators of other libraries, are not noticed. What other threads
    draw meanwhile can't be told from what the step draws. So if other threads ran, a few numbers are no proof.
    """

    def __init__(self, step: Any) -> None:
        """Takes the step whose generation is watched."""
        self._step = step
        self._watched: list[_Watched] = []
        self._outer: RandomWatch | None = None
        self._begin = 0.0
        self._is_on = False
        self._others: OtherThreads | None = None
        self._others_ran = False

    def __enter__(self) -> RandomWatch:
        """Begins, and lets the watch of the generation around this one pause."""
        from persistable._settings import setting_of

        self._outer = getattr(_watches, "current", None)
        if self._outer is not None:
            self._outer._pause()
        _watches.current = self
        self._is_on = setting_of(self._step, "unseeded") != "ignore"
        self._begin = time.perf_counter()
        self._resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ends. Nothing is said of a generation that failed."""
        seconds = time.perf_counter() - self._begin
        self._pause()
        _watches.current = self._outer
        for watched in self._watched:
            watched.generator.end()
        if self._outer is not None:
            self._outer._resume()
        if kind is None:
            for watched in self._watched:
                if self._others_ran and watched.drew_few():
                    continue
                if watched.is_unseeded(min(_BUDGET_SECONDS + _BUDGET_SHARE * seconds, _MAX_BUDGET_SECONDS)):
                    self._warn(watched.generator)

    def _resume(self) -> None:
        if not self._is_on:
            return
        if not self._watched:
            self._watched.append(_Watched(PythonGenerator()))
        if len(self._watched) == 1:  # NumPy may have been imported meanwhile.
            numpy = NumpyGenerator.if_there()
            if numpy is not None:
                self._watched.append(_Watched(numpy))
        self._others = OtherThreads()
        for watched in self._watched:
            watched.resume()

    def _pause(self) -> None:
        if self._is_on and len(self._watched) == 1:
            numpy = NumpyGenerator.if_there()  # It was imported since: the step may be what first asked for it.
            begin = None if numpy is None else numpy.first_state()
            if numpy is not None and begin is not None:
                self._watched.append(_Watched(numpy, begin))
        for watched in self._watched:
            watched.pause()
        if self._others is not None:
            self._others_ran = self._others_ran or self._others.have_run()

    def _warn(self, generator: Generator) -> None:
        from persistable._stale import warn
        from persistable.exceptions import UnseededRandomnessWarning

        name = self._step.payload_name
        warn(
            UnseededRandomnessWarning,
            f"{name} drew from {generator.name} without a seed, so each generation gives another payload. "
            f"Draw from `self.rng` or `persistable.current_rng()`, call {generator.seeding} with a param first, or "
            "pass random_state= to the library that draws",
            self._step,
        )


class _Watched:
    """A generator, with the states between which the step itself ran."""

    def __init__(self, generator: Generator, begin: State | None = None) -> None:
        self.generator = generator
        self._begin = begin
        self._runs: list[tuple[State, State]] = []
        self._is_seeded = False

    def resume(self) -> None:
        if not self._is_seeded:
            self.generator.mark()
            self._begin = self.generator.state()

    def pause(self) -> None:
        begin, self._begin = self._begin, None
        if begin is None:
            return
        if self.generator.was_seeded():
            self._is_seeded = True
            return
        end = self.generator.state()
        if end != begin:
            self._runs.append((begin, end))

    def drew_few(self) -> bool:
        """Returns whether only a few words were drawn."""
        return sum(words_between(begin, end) for begin, end in self._runs) <= _FEW_WORDS

    def is_unseeded(self, budget_seconds: float) -> bool:
        """Returns whether numbers were drawn before the generator was seeded."""
        return any(was_drawn_from(begin, end, budget_seconds) for begin, end in self._runs[:8])
