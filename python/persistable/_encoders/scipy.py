"""Sparse matrices and arrays of SciPy.

The format, the shape, the dtype and the elements count. How the elements are ordered does not count, and neither does
the width of the indices. Several elements at one place are their sum. A zero that is stored counts, since graph
algorithms read it as an edge.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.numpy import array_value

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]

_FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a sparse matrix or array."""
    sparse: Any = sys.modules.get("scipy.sparse")
    if sparse is None or not cls.__module__.startswith("scipy.sparse"):
        return None
    for name in (f"{form}_{kind}" for form in _FORMATS for kind in ("matrix", "array")):
        if getattr(sparse, name, None) is cls:
            record = f"scipy.sparse.{name}"
            parts_of = _diagonals if name.startswith("dia") else _elements
            return lambda matrix: Value.record(record, [("shape", tuple(matrix.shape)), *parts_of(matrix)])
    return None


def _diagonals(matrix: Any) -> list[tuple[str, object]]:
    # What lies outside of the matrix is padding.
    offsets = sorted(map(int, matrix.offsets))
    diagonals = [array_value(matrix.diagonal(offset)) for offset in offsets]
    return [("dtype", matrix.dtype), ("offsets", offsets), ("diagonals", diagonals)]


def _elements(matrix: Any) -> list[tuple[str, object]]:
    np: Any = sys.modules["numpy"]
    coo = matrix.tocoo()
    at = getattr(coo, "coords", None) or (coo.row, coo.col)
    at, values = _canonical(np, [axis.astype(np.int64) for axis in at], coo.data)
    parts: list[tuple[str, object]] = [("coords", [array_value(axis) for axis in at]), ("values", array_value(values))]
    if matrix.format == "bsr":
        parts.append(("blocksize", tuple(matrix.blocksize)))
    return parts


def _canonical(np: Any, at: list[Any], values: Any) -> tuple[list[Any], Any]:
    """Sorts elements by their place, by the first index first. Adds up elements at the same place."""
    order = np.lexsort(at[::-1])
    at, values = [axis[order] for axis in at], values[order]
    if len(values) < 2:
        return at, values
    is_first = np.ones(len(values), bool)
    is_first[1:] = np.any([axis[1:] != axis[:-1] for axis in at], axis=0)
    if is_first.all():
        return at, values
    return [axis[is_first] for axis in at], np.add.reduceat(values, np.flatnonzero(is_first), dtype=values.dtype)
