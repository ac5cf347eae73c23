"""NumPy's numbers and small arrays as the numbers and lists of Python."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["ELEMENTS", "as_plain"]

ELEMENTS = 10_000
"""Larger arrays are left as they are: as text they take several times their size."""

# What nests deeper is refused by the formats, and so is what holds itself.
_DEPTH = 130


def as_plain(value: Any) -> Any:
    """Returns a value with Python's numbers in place of NumPy's, and lists in place of small arrays.

    What holds none of them is the same object.
    """
    numpy: Any = sys.modules.get("numpy")
    return value if numpy is None else _plain(numpy, value, _DEPTH)


def _plain(numpy: Any, value: Any, depth: int) -> Any:
    kind = type(value)
    if kind in (str, int, float, bool) or value is None or depth == 0:
        return value
    if kind is list:
        made = [_plain(numpy, item, depth - 1) for item in value]
        return value if all(new is old for new, old in zip(made, value)) else made
    if kind is dict:
        entries = [(_plain(numpy, key, 0 if type(key) is str else 1), held) for key, held in value.items()]
        plain = {key: _plain(numpy, held, depth - 1) for key, held in entries}
        is_same = all(key is old and plain[key] is value[old] for (key, _), old in zip(entries, value))
        return value if is_same or len(plain) != len(value) else plain
    if isinstance(value, numpy.generic):
        return _item(value, value)
    if kind in (numpy.ndarray, numpy.memmap) and value.size <= ELEMENTS and value.dtype.kind in "biufU":
        return _item(value, value.tolist()) if value.ndim == 0 else _list(value)
    return value


def _item(value: Any, otherwise: Any) -> Any:
    item = value.item()
    return item if type(item) in (bool, int, float, str) else otherwise


def _list(array: Any) -> Any:
    # A long double has no number of Python's.
    return array if array.dtype.char == "g" else array.tolist()
