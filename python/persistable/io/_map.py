"""The bytes of a payload file in memory: private, and writable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from mmap import mmap

    from persistable._core import PrivateMap

    Buffer = Union[bytearray, PrivateMap, mmap]

# Below this, reading costs less than mapping.
_MAPPED_FROM_BYTES = 256 << 10


def view_of(buffer: Buffer) -> memoryview:
    """Returns a writable view of all bytes, which keeps the buffer alive."""
    address = getattr(buffer, "address", None)
    if address is None:
        return memoryview(buffer)  # type: ignore[arg-type]
    # The limited C API of Python 3.9 has no buffer protocol, so the map can only say where it lies.
    import ctypes
    from pickle import PickleBuffer

    size: int = buffer.size  # type: ignore[union-attr, assignment]
    if size == 0:
        return memoryview(bytearray())
    array = (ctypes.c_ubyte * size).from_address(address)
    array._owner = buffer  # type: ignore[attr-defined]
    # The elements of a ctypes array have a format that memoryview can't cast. This sees bytes in whatever it is given.
    return PickleBuffer(array).raw()


def buffer_of_file(path: Path) -> Buffer:
    """Reads a file, or maps it copy-on-write where it is large and the system can."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        size = os.fstat(file.fileno()).st_size
        if size >= _MAPPED_FROM_BYTES:
            import mmap

            try:
                return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
            except (OSError, ValueError):
                pass  # There are file systems that map nothing. They all read.
        return bytearray(file.readall())
