"""Whether two objects are the same, by type and by value, however deep."""

from __future__ import annotations

import sys
from typing import Any


def is_same(before: Any, after: Any) -> bool:
    """Tells whether two objects have the same type and value; a NaN is the same as another."""
    if before is after:
        return True
    kind = type(before)
    if kind is not type(after):
        return False
    if kind in (list, tuple):
        return len(before) == len(after) and all(map(is_same, before, after))
    if kind is dict:
        # The order of entries is not looked at, as in a comparison by `==`.
        return before.keys() == after.keys() and all(is_same(value, after[key]) for key, value in before.items())
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(before, numpy.ndarray):
        return _is_same_array(before, after)
    try:
        if bool(before == after):
            return True
        return bool(before != before) and bool(after != after)
    except Exception:  # Frames, and what else gives no truth: each library has an error of its own for this.
        return _has_same_identity(before, after)


def _is_same_array(before: Any, after: Any) -> bool:
    if before.dtype != after.dtype or before.shape != after.shape:
        return False
    if before.dtype.hasobject:
        return is_same(before.tolist(), after.tolist())
    # By their bytes, so that a NaN is the same as another, and 0.0 is not -0.0.
    return before.tobytes() == after.tobytes() or bool(_is_equal_but_for_nan(before, after))


def _is_equal_but_for_nan(before: Any, after: Any) -> bool:
    numpy: Any = sys.modules["numpy"]
    try:
        return bool(numpy.array_equal(before, after, equal_nan=True))
    except TypeError:  # Text and records have no NaN.
        return bool(numpy.array_equal(before, after))


def _has_same_identity(before: Any, after: Any) -> bool:
    from persistable import _core

    try:
        return _core.encode(before) == _core.encode(after)
    except Exception:
        return False
