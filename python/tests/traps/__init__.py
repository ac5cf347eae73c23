"""Pairs of values that an identity must tell apart, or must take for the same, as tables of sentences."""

from __future__ import annotations

from traps import (
    arrays,
    arrow_,
    configs,
    containers,
    estimators,
    models,
    names,
    numbers,
    pandas_frames,
    pandas_indexes,
    pandas_offsets,
    polars_,
    sparse,
    text,
    times,
)
from traps.table import Trap

__all__ = ["TRAPS", "Trap"]

_ROOMS = (
    numbers,
    text,
    times,
    containers,
    models,
    names,
    arrays,
    pandas_frames,
    pandas_indexes,
    pandas_offsets,
    polars_,
    arrow_,
    estimators,
    sparse,
    configs,
)

TRAPS: list[Trap] = [trap for room in _ROOMS for trap in room.TRAPS]
