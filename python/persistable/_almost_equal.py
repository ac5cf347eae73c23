"""Comparing nested values within tolerances."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple


class Tolerance(NamedTuple):
    """How far floats may be apart: `atol + rtol * |second|`."""

    relative: float
    absolute: float


def difference_of(first: Any, second: Any, tolerance: Tolerance, path: str = "") -> str | None:
    """Says where and how two values differ, or returns `None` when they are nearly equal."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return _difference_of_mappings(first, second, tolerance, path)
    if type(first) is type(second) and isinstance(first, (list, tuple)):
        if len(first) != len(second):
            return f"{path or 'the values'}: {len(first)} members and {len(second)} members"
        pairs = enumerate(zip(first, second))
        found = (difference_of(one, other, tolerance, f"{path}[{index}]") for index, (one, other) in pairs)
        return next((difference for difference in found if difference is not None), None)
    return None if _are_close(first, second, tolerance) else f"{path or 'the values'}: {first!r} and {second!r}"


def _difference_of_mappings(
    first: Mapping[Any, Any], second: Mapping[Any, Any], tolerance: Tolerance, path: str
) -> str | None:
    if first.keys() != second.keys():
        only = sorted(map(repr, first.keys() ^ second.keys()))
        return f"{path or 'the dicts'}: only one has {', '.join(only)}"
    found = (difference_of(first[key], second[key], tolerance, f"{path}[{key!r}]") for key in first)
    return next((difference for difference in found if difference is not None), None)


def _are_close(first: Any, second: Any, tolerance: Tolerance) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(first, numpy.ndarray) or isinstance(second, numpy.ndarray):
            return _are_close_arrays(first, second, tolerance, numpy)
        first, second = (value.item() if isinstance(value, numpy.number) else value for value in (first, second))
    numbers = (int, float, complex)
    if isinstance(first, numbers) and isinstance(second, numbers):
        return are_close_numbers(first, second, tolerance)
    # Frames and their like give no truth value, but have a method for the question.
    if type(first) is type(second) and callable(getattr(type(first), "equals", None)):
        return bool(first.equals(second))
    return bool(first == second)


def are_close_numbers(first: complex, second: complex, tolerance: Tolerance) -> bool:
    if first == second or (first != first and second != second):
        return True
    if isinstance(first, int) and isinstance(second, int):
        return False
    try:
        apart, limit = abs(first - second), tolerance.absolute + tolerance.relative * abs(second)
    except OverflowError:
        return False
    # An infinity is near to nothing but itself, which the comparison above has settled.
    return apart <= limit < float("inf")


def _are_close_arrays(first: Any, second: Any, tolerance: Tolerance, numpy: Any) -> bool:
    if not isinstance(first, numpy.ndarray) or not isinstance(second, numpy.ndarray) or first.shape != second.shape:
        return False
    inexact = [numpy.issubdtype(array.dtype, numpy.inexact) for array in (first, second)]
    numeric = [array.dtype.kind in "biufc" for array in (first, second)]
    if any(inexact) and all(numeric):
        return bool(numpy.allclose(first, second, rtol=tolerance.relative, atol=tolerance.absolute, equal_nan=True))
    if first.dtype == object and second.dtype == object:
        return difference_of(first.ravel().tolist(), second.ravel().tolist(), tolerance) is None
    return bool(numpy.array_equal(first, second))
