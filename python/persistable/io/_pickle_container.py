"""A pickle with its large buffers behind it, as spec/pickle-v1.md defines it."""

from __future__ import annotations

import pickle
import struct
from binascii import crc32
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from persistable.io._refusal import unreadable
from persistable.io._streamed import Writer, write_all

if TYPE_CHECKING:
    from persistable.io._elements import Elements
    from persistable.io._map import Buffer

# The last byte is not that of the opcode STOP, with which every pickle ends.
MAGIC = b"\x89PKLBUF\n"
VERSION = 1
STOP = b"."
# stream_bytes, index_offset, count, version; then the checksum and the magic.
_TRAILER_HEAD = struct.Struct("<QQQI")
_TRAILER = struct.Struct("<QQQII8s")
_ENTRY = struct.Struct("<QQQ")
_READ_ONLY = 1

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
    index = bytearray()
    written: dict[tuple[int, int], int] = {}
    for buffer, read_only in buffers:
        index += _ENTRY.pack(*_write_buffer(buffer, out, written), _READ_ONLY if read_only else 0)
    out.align(_ALIGNMENT)
    head = _TRAILER_HEAD.pack(stream_bytes, out.position, len(buffers), VERSION)
    out.write(bytes(index))
    out.write(head + struct.pack("<I8s", crc32(head, crc32(index)), MAGIC))


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
    import sys

    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(buffer, memoryview):
        return None
    address: int = numpy.frombuffer(buffer, dtype="u1").__array_interface__["data"][0]
    return address


def read(buffer: Buffer) -> Any:
    """Unpickles what `write` wrote, or any plain pickle. Arrays lie in the buffer's memory."""
    if type(buffer) is bytearray and not buffer.endswith(MAGIC):
        if not buffer.endswith(STOP):
            raise _neither()
        return _loads(buffer, None)
    from persistable.io._map import view_of

    file = view_of(buffer)
    if file[-len(MAGIC) :] == MAGIC:
        stream, buffers = _split(file)
        return _loads(stream, buffers)
    if file[-1:] != STOP:
        raise _neither()
    return _loads(file, None)


def _neither() -> Exception:
    return unreadable("a pickle", "it ends neither as a pickle does nor with buffers behind one")


def _split(file: memoryview) -> tuple[memoryview, list[memoryview]]:
    """Takes the stream and the buffers out of the file, once all that is said of them holds."""
    end = len(file) - _TRAILER.size
    if end < 0:
        raise unreadable("a pickle with buffers", "it is too short")
    stream_bytes, index_offset, count, version, checksum, _ = _TRAILER.unpack_from(file, end)
    if version != VERSION:
        raise unreadable("a pickle with buffers", f"it has version {version}, and this package knows {VERSION}")
    # Nothing is believed before this, and nothing is allocated by it: the index has to fill what lies between.
    if index_offset % _ALIGNMENT or index_offset + count * _ENTRY.size != end or not count:
        raise unreadable("a pickle with buffers", "its index is not where its trailer says")
    if crc32(file[end : end + _TRAILER_HEAD.size], crc32(file[index_offset:end])) != checksum:
        raise unreadable("a pickle with buffers", "its index or its trailer is damaged")
    if not 0 < stream_bytes <= index_offset or file[stream_bytes - 1 : stream_bytes] != STOP:
        raise unreadable("a pickle with buffers", "its stream does not end where its trailer says")
    buffers = []
    seen = set()
    free = stream_bytes
    for offset, size, flags in _ENTRY.iter_unpack(file[index_offset:end]):
        if flags & ~_READ_ONLY:
            raise unreadable("a pickle with buffers", f"a buffer has the unknown flags {flags:#x}")
        if (offset, size) not in seen:
            if offset % _ALIGNMENT or offset < free or not 0 < size <= index_offset - offset:
                raise unreadable("a pickle with buffers", "a buffer is misplaced")
            seen.add((offset, size))
            free = offset + size
        buffer = file[offset : offset + size]
        buffers.append(buffer.toreadonly() if flags & _READ_ONLY else buffer)
    return file[:stream_bytes], buffers


def _loads(stream: bytearray | memoryview, buffers: list[memoryview] | None) -> Any:
    rest: Iterator[memoryview] = iter(buffers or ())
    try:
        payload = pickle.loads(stream, buffers=None if buffers is None else rest)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise _advice(error) from error
    if next(rest, None) is not None:
        raise unreadable("a pickle with buffers", "its stream uses fewer buffers than there are")
    return payload


def _advice(error: Exception) -> Exception:
    """Says what to do about an error of unpickling, as far as one can know."""
    from persistable.exceptions import PersistableError

    if isinstance(error, PersistableError):
        return error
    said = str(error) if isinstance(error, pickle.UnpicklingError) else f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "cloudpickle":
        said = (
            "it holds a function or a class that this program can't import, such as one of another script's __main__, "
            "and only cloudpickle can rebuild that: pip install 'persistable[cloudpickle]'"
        )
    elif isinstance(error, ImportError):
        said = f"{error}. It was persisted where that could be imported: install it, or generate the payload again"
    elif isinstance(error, AttributeError):
        said = f"{error}. Was it renamed or moved? Then leave its earlier name in place, or generate the payload again"
    return unreadable("a pickle", said)
