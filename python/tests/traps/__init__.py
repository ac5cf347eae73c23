"""Pairs of values that an identity must tell apart, or must take for the same, as tables of sentences."""

from __future__ import annotations

from traps import (
    arrays,
    arrow_,
    containers,
    models,
    names,
    numbers,
    pandas_frames,
    pandas_indexes,
    polars_,
    text,
    times,
)
from traps.table import Trap

__all__ = ["TRAPS", "Trap"]

_ROOMS = (numbers, text, times, containers, models, names, arrays, pandas_frames, pandas_indexes, polars_, arrow_)

TRAPS: list[Trap] = [trap for room in _ROOMS for trap in room.TRAPS]
