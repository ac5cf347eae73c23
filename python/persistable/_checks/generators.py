"""The global generators of Python and NumPy: their states, and whether somebody seeded them."""

from __future__ import annotations

import functools
import os
import random
import sys
import threading
from typing import Any, Callable

from persistable._checks.mersenne import WORDS, State

# NumPy keeps the words of a Mersenne Twister as `uint32_t key[624]`, and behind them the position as `int pos`.
_RAW_BYTES = 4 * WORDS + 4


class PythonGenerator:
    """Python's global generator. While it is watched, `random.seed` counts its calls."""

    name = "Python's global random generator"
    seeding = "random.seed"

    # A finalizer that runs while a thread has the lock may ask for a payload, and fork.
    _lock = threading.RLock()
    _watchers = 0
    _calls = 0
    _original: Callable[..., Any] = random.seed
    _counting: Callable[..., Any] | None = None

    def __init__(self) -> None:
        """Begins to count."""
        kind = PythonGenerator
        with kind._lock:
            kind._watchers += 1
            if kind._watchers == 1:
                kind._install()
        self._calls_before = kind._calls

    def mark(self) -> None:
        """Forgets that it was seeded."""
        self._calls_before = PythonGenerator._calls

    def state(self) -> State:
        """Returns the present state."""
        _, words, spare = random.getstate()
        return State(words[:WORDS], words[WORDS], spare)

    def was_seeded(self) -> bool:
        """Returns whether it was seeded since the mark."""
        return PythonGenerator._calls != self._calls_before

    def end(self) -> None:
        """Ends counting."""
        kind = PythonGenerator
        with kind._lock:
            kind._watchers -= 1
            # Somebody else may have put a function there meanwhile, which calls this one.
            if kind._watchers == 0 and random.seed is kind._counting:
                random.seed = kind._original

    @classmethod
    def _install(cls) -> None:
        original = random.seed
        if original is cls._counting:
            return

        @functools.wraps(original)
        def seed(*args: Any, **kwargs: Any) -> None:
            cls._calls += 1
            original(*args, **kwargs)

        cls._original = original
        cls._counting = random.seed = seed


if hasattr(os, "register_at_fork"):
    # No fork comes between two steps of a thread that has the lock: that thread does not live in the child, which would
    # have a lock that nobody releases, and watchers without the function that counts.
    os.register_at_fork(
        before=PythonGenerator._lock.acquire,
        after_in_parent=PythonGenerator._lock.release,
        after_in_child=PythonGenerator._lock.release,
    )


class NumpyGenerator:
    """NumPy's global generator.

    Seeding it takes away its seed sequence. One that has none gets another as a mark, which changes nothing of what it
    draws.
    """

    name = "NumPy's global random generator"
    seeding = "np.random.seed"
    # The last state without a spare number: its bytes in memory, the generator that has it, and the state.
    _known: tuple[bytes, Any, State] | None = None

    def __init__(self, bits: Any, numpy_random: Any) -> None:
        """Takes the bit generator of the global one."""
        self._bits = bits
        self._numpy_random = numpy_random
        self._first_seed = bits._seed_seq
        self.mark()
        if bits._seed_seq is None:
            raise TypeError("this NumPy does not let itself be watched")

    def mark(self) -> None:
        """Forgets that it was seeded."""
        bits = self._bits
        if bits._seed_seq is None:
            NumpyGenerator._known = None  # Seeding may have left a spare number.
            with bits.lock:
                bits.__setstate__((bits.state, self._numpy_random.SeedSequence(0)))

    @classmethod
    def if_there(cls) -> NumpyGenerator | None:
        """Returns it where NumPy is imported, and its generator is the usual one."""
        numpy_random: Any = sys.modules.get("numpy.random")
        try:
            bits = numpy_random.mtrand._rand._bit_generator
            return cls(bits, numpy_random) if isinstance(bits, numpy_random.MT19937) else None
        except Exception:  # An older NumPy, or one that is just being imported.
            return None

    def first_state(self) -> State | None:
        """Returns the state in which NumPy made it; `None` if it was seeded before it was watched."""
        if self._first_seed is None:
            return None
        return _state_of(self._numpy_random.RandomState(self._numpy_random.MT19937(self._first_seed)))

    def state(self) -> State:
        """Returns the present state."""
        raw, known = self._raw(), NumpyGenerator._known
        if known is not None and raw is not None and raw == known[0] and self._bits is known[1]:
            return known[2]
        state = _state_of(self._numpy_random)
        # A spare number that is drawn leaves the bytes as they are.
        is_of_bits = self._numpy_random.mtrand._rand._bit_generator is self._bits
        if raw is not None and raw == self._raw() and state.spare is None and is_of_bits:
            NumpyGenerator._known = raw, self._bits, state
        return state

    def _raw(self) -> bytes | None:
        """Returns the words and the position as they lie in memory, which takes a hundredth of the time."""
        try:
            import ctypes

            return ctypes.string_at(self._bits.ctypes.state_address, _RAW_BYTES)
        except Exception:  # This NumPy does not tell where they are.
            return None

    def was_seeded(self) -> bool:
        """Returns whether it was seeded since the mark, or replaced."""
        is_same = self._numpy_random.mtrand._rand._bit_generator is self._bits
        return not is_same or self._bits._seed_seq is None

    def end(self) -> None:
        """Does nothing: the mark does not disturb anybody."""


def _state_of(generator: Any) -> State:
    """Returns the state of NumPy's global generator, which its module shows, or of another one of its kind."""
    whole = generator.get_state(legacy=False)
    words = whole["state"]["key"]
    spare = whole["gauss"] if whole["has_gauss"] else None
    return State(tuple(words.tolist()), int(whole["state"]["pos"]), spare)
