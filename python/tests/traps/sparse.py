"""Sparse matrices and arrays of SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from traps.table import agree, differ


def _csr(data: Any, columns: Any, starts: Any = (0, 2, 3), index: str = "i4") -> Any:
    parts = (np.array(data, "f8"), np.array(columns, index), np.array(starts, index))
    return sp.csr_array(parts, shape=(2, 3))


_sorted = _csr([1, 2, 3], [0, 2, 1])
_dense = _sorted.toarray()
_padded = np.array([[1.0, 2.0, 9.0], [0.0, 4.0, 5.0]])

TRAPS = [
    agree("the order of the indices in a sparse array does not count", _sorted, _csr([2, 1, 3], [2, 0, 1])),
    agree("elements at one place are their sum", _sorted, _csr([1, 1, 1, 3], [0, 2, 2, 1], (0, 3, 4))),
    agree("the width of the indices in a sparse array does not count", _sorted, _csr([1, 2, 3], [0, 2, 1], index="i8")),
    differ("a zero that a sparse array stores counts", _sorted, _csr([1, 0, 2, 3], [0, 1, 2, 1], (0, 3, 4))),
    differ("an element of a sparse array counts", _sorted, _csr([1, 2, 4], [0, 2, 1])),
    differ("the place of an element of a sparse array counts", _sorted, _csr([1, 2, 3], [0, 2, 0])),
    differ("the dtype of a sparse array counts", _sorted, _sorted.astype("f4")),
    differ("the shape of a sparse array counts", sp.csr_array((2, 3)), sp.csr_array((3, 2))),
    differ("the format of a sparse array counts", _sorted, _sorted.tocsc()),
    differ("a sparse matrix is not a sparse array", _sorted, sp.csr_matrix(_sorted)),
    differ("a sparse array is not the dense one", _sorted, _dense),
    agree("sparse arrays by places are equal by content", sp.coo_array(_dense), sp.coo_array(_sorted.tocsc())),
    agree("a sparse array of dicts is equal by content", sp.dok_array(_dense), sp.dok_array(_sorted)),
    agree("a sparse array of lists is equal by content", sp.lil_array(_dense), sp.lil_array(_sorted)),
    agree(
        "the order of diagonals does not count",
        sp.dia_array((_padded, [0, 1]), shape=(3, 3)),
        sp.dia_array((_padded[::-1], [1, 0]), shape=(3, 3)),
    ),
    agree(
        "the padding of diagonals does not count",
        sp.dia_array((_padded, [0, 1]), shape=(3, 3)),
        sp.dia_array((np.add(_padded, [[0, 0, 0], [7, 0, 0]]), [0, 1]), shape=(3, 3)),
    ),
    differ(
        "the size of the blocks of a sparse array counts",
        sp.bsr_array(np.eye(4), blocksize=(1, 1)),
        sp.bsr_array(np.eye(4), blocksize=(2, 2)),
    ),
]
