"""The elements of arrays that no single piece of memory holds in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persistable.io._require import require

_PIECE_BYTES = 1 << 20


class Elements:
    """The elements of an array in C order, gathered piece by piece as they are written."""

    __slots__ = ("_array", "nbytes")

    def __init__(self, array: Any) -> None:
        self._array = array
        self.nbytes: int = array.nbytes

    def pieces(self) -> Iterator[Any]:
        """Yields the elements as bytes."""
        numpy = require("numpy", "numpy", "an array")
        count = max(_PIECE_BYTES // self._array.itemsize, 1)
        flags = ["external_loop", "buffered", "zerosize_ok"]
        for piece in numpy.nditer(self._array, flags=flags, buffersize=count, order="C"):
            yield bytes_of(numpy.ascontiguousarray(piece))


def bytes_of(array: Any) -> Any:
    """Views the memory of a C-contiguous array as bytes, whatever its elements are."""
    return array.reshape(-1).view("u1")
