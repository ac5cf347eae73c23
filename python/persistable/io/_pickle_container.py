"""Writes a pickle with its large buffers behind it, as spec/pickle-v1.md defines it."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING, Any

from persistable import _core
from persistable.io._streamed import Writer, write_all

if TYPE_CHECKING:
    from persistable.io._elements import Elements

# Smaller buffers cost less within the stream.
OUT_OF_BAND_BYTES = 16 << 10
_ALIGNMENT = 64
# Large buffers begin where pages do, so that reading one touches no page of another.
_PAGED_FROM_BYTES = 1 << 20
_PAGE_BYTES = 4096


class _Counting:
    """A writer that knows where it is."""

    __slots__ = ("_writer", "position")

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.position = 0

    def write(self, data: Any) -> int:
        size = write_all(self._writer, data)
        self.position += size
        return size

    def align(self, alignment: int) -> None:
        rest = -self.position % alignment
        if rest:
            self.write(bytes(rest))


def write(payload: object, writer: Writer) -> None:
    """Pickles a payload: the stream, and behind it the buffers that are worth it."""
    if _is_small_array(payload):
        # The same bytes, in a third of the time.
        write_all(writer, pickle.dumps(payload, 5))
        return
    # Reading needs none of what it takes to pickle.
    from persistable.io._pickler import Pickler

    out = _Counting(writer)
    pickler = Pickler(out, OUT_OF_BAND_BYTES)
    try:
        pickler.dump(payload)
    except Exception as error:
        from persistable.io._unpicklable import explained

        why = explained(payload, error)
        if why is error:
            raise
        raise why from error
    buffers = pickler.buffers
    if not buffers:
        return
    stream_bytes = out.position
    written: dict[tuple[int, int], int] = {}
    index = [(*_write_buffer(buffer, out, written), read_only) for buffer, read_only in buffers]
    out.align(_ALIGNMENT)
    out.write(_core.pickle_index(stream_bytes, out.position, index))


def _is_small_array(payload: Any) -> bool:
    """Tells whether a payload is an array of numbers that fits into the stream. The pickler leaves such to pickle."""
    numpy = sys.modules.get("numpy")
    kind = getattr(numpy, "ndarray", None)
    return (
        type(payload) is kind
        and payload.nbytes < OUT_OF_BAND_BYTES
        and payload.dtype.isbuiltin == 1
        and (not payload.dtype.hasobject and payload.dtype.metadata is None)
    )


def _write_buffer(
    buffer: memoryview | Elements, out: _Counting, written: dict[tuple[int, int], int]
) -> tuple[int, int]:
    """Writes a buffer, unless the very same memory is in the file already; returns its offset and length."""
    size = buffer.nbytes
    memory = _address_of(buffer)
    if memory is not None and (memory, size) in written:
        return written[memory, size], size
    out.align(_PAGE_BYTES if size >= _PAGED_FROM_BYTES else _ALIGNMENT)
    offset = out.position
    if isinstance(buffer, memoryview):
        out.write(buffer)
    else:
        for piece in buffer.pieces():
            out.write(piece)
    if out.position != offset + size:
        raise RuntimeError(f"a buffer of {size} bytes gave {out.position - offset}")
    if memory is not None:
        written[memory, size] = offset
    return offset, size


def _address_of(buffer: memoryview | Elements) -> int | None:
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(buffer, memoryview):
        return None
    address: int = numpy.frombuffer(buffer, dtype="u1").__array_interface__["data"][0]
    return address
