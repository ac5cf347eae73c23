"""The payloads of steps as columns of a data frame."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from typing import Any

from persistable import _core
from persistable.exceptions import MissingPayloadError

__all__ = ["scalars_of"]

_SCALARS = (bool, int, float, complex, str, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal)


def scalars_of(steps: list[Any], payloads: Any, name: str) -> dict[str, list[Any]]:
    """Returns the payloads as columns: one, or one an entry if they are dicts. `payloads` makes a scalar from each."""
    if payloads is not True and not callable(payloads):
        raise TypeError(f"payloads must be True, False, or a function of a payload, not {payloads!r}")
    rows = [_row_of(step, payloads, name) for step in steps]
    names = dict.fromkeys(entry for row in rows if row is not None for entry in row)
    return {entry: [None if row is None else row.get(entry) for row in rows] for entry in names or (name,)}


def _row_of(step: Any, payloads: Any, name: str) -> dict[str, Any] | None:
    was_in_memory = _core.has_in_memory(step)
    if not was_in_memory or not _core.is_in_memory_current(step):
        try:
            step.load()
        except MissingPayloadError:
            return None
    payload = step._payload
    if not was_in_memory:
        step.reset_payload()
    value = payload if payloads is True else payloads(payload)
    row = dict(value) if isinstance(value, Mapping) else {name: value}
    for entry, member in row.items():
        if not _is_scalar(member):
            kind = type(member).__qualname__
            where = f"under {entry!r}, " if isinstance(value, Mapping) else ""
            what = "the payload" if payloads is True else "what payloads() makes of the payload"
            raise TypeError(
                f"{step!r}: {where}{what} is of type {kind}, which does not fit into a cell. Give a function that "
                "makes a number or a text of it: payloads=lambda payload: payload.mean()"
            )
    return {str(entry): member for entry, member in row.items()}


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, _SCALARS) or getattr(value, "shape", None) == ()
