"""Whether a Mersenne Twister came from one state to another by drawing numbers alone.

Python and NumPy share the algorithm. A state is 624 words and a position among them. When they are used up, the next
624 are made of them. Each drawn word is a tempered word of the state. So the drawn words show the state.
"""

from __future__ import annotations

import random
import struct
import sys
import time
from typing import Any, Callable, NamedTuple

WORDS = 624
_BLOCK_BYTES = WORDS * 4
_BLOCKS_AT_ONCE = 64
# Enough of a block to know it by.
_KNOWN_WORDS = 4


class State(NamedTuple):
    """The state of a generator."""

    words: tuple[int, ...]
    position: int
    """The number of words that were drawn of these."""
    spare: float | None
    """The second of a pair of normal deviates, whose first was drawn."""


def was_drawn_from(before: State, after: State, budget_seconds: float) -> bool:
    """Returns whether drawing leads from one state to the other. Gives up with `False` when the time is used up."""
    if after.words == before.words:
        return after.position > before.position or (after.position == before.position and before != after)
    target = struct.pack(f"<{_KNOWN_WORDS}I", *map(_tempered, after.words[:_KNOWN_WORDS]))
    draw = _drawer(before)
    if before.position < WORDS:
        draw(4 * (WORDS - before.position))
    deadline = time.perf_counter() + budget_seconds
    blocks = 1
    while True:
        drawn = draw(blocks * _BLOCK_BYTES)
        if any(drawn.startswith(target, at) for at in range(0, len(drawn), _BLOCK_BYTES)):
            return True
        if time.perf_counter() >= deadline:
            return False
        blocks = _BLOCKS_AT_ONCE


def words_between(before: State, after: State) -> int:
    """Returns how many words were drawn, at least, if drawing leads from one state to the other."""
    wrapped = 0 if after.words == before.words else WORDS
    return wrapped + after.position - before.position


def _drawer(state: State) -> Callable[[int], bytes]:
    """Returns what draws so many bytes from a state on."""
    numpy: Any = sys.modules.get("numpy")
    numpy_random: Any = getattr(numpy, "random", None)
    if numpy_random is not None and sys.byteorder == "little":
        # Five times as fast.
        generator = numpy_random.RandomState(0)
        generator.set_state(("MT19937", numpy.array(state.words, dtype="u4"), state.position))
        draw: Callable[[int], bytes] = generator.bytes
        return draw
    plain = random.Random(0)
    plain.setstate((3, (*state.words, state.position), None))
    return plain.randbytes


def _tempered(word: int) -> int:
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C5680
    word ^= word << 15 & 0xEFC60000
    return (word ^ word >> 18) & 0xFFFFFFFF
