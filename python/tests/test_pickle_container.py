"""spec/pickle-v1.md: a pickle with its large buffers behind it, and what is refused."""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from binascii import crc32
from typing import Any

import numpy as np
import pytest

from persistable.exceptions import IncompatiblePayloadError
from persistable.io._map import view_of
from persistable.io._pickle_container import write
from persistable.io._pickle_reading import read

MAGIC = b"\x89PKLBUF\n"

ENTRY = struct.Struct("<QQQ")
TRAILER = struct.Struct("<QQQII8s")


def written(payload: object) -> bytes:
    file = io.BytesIO()
    write(payload, file)
    return file.getvalue()


def parts(file: bytes) -> tuple[bytes, list[tuple[int, int, int]], tuple[Any, ...]]:
    trailer = TRAILER.unpack(file[-TRAILER.size :])
    index = list(ENTRY.iter_unpack(file[trailer[1] : -TRAILER.size]))
    return file[: trailer[1]], index, trailer


def forged(file: bytes, index: list[tuple[int, int, int]] | None = None, **changes: int) -> bytearray:
    """The file with another index or trailer, whose checksum is right all the same."""
    body, true_index, (stream_bytes, index_offset, count, version, _, magic) = parts(file)
    packed = b"".join(ENTRY.pack(*entry) for entry in (true_index if index is None else index))
    numbers = {"stream_bytes": stream_bytes, "index_offset": index_offset, "count": count, "version": version}
    head = struct.pack("<QQQI", *{**numbers, **changes}.values())
    return bytearray(body + packed + head + struct.pack("<I", crc32(packed + head)) + magic)


@pytest.fixture(scope="module")
def file() -> bytes:
    read_only = np.arange(4000.0)
    read_only.flags.writeable = False
    return written({"a": np.arange(3000), "b": read_only, "c": np.ones(300_000)})


def test_without_large_buffers_a_file_is_a_plain_pickle() -> None:
    payload = {"a": [1, 2], "b": np.arange(100)}
    assert written(payload) == pickle.dumps(payload, protocol=5)
    assert read(bytearray(pickle.dumps([1, 2], protocol=2))) == [1, 2]


def test_the_stream_is_found_at_offset_zero_by_any_tool(file: bytes) -> None:
    opcodes = [opcode.name for opcode, _, _ in pickletools.genops(io.BytesIO(file))]
    assert opcodes.count("NEXT_BUFFER") == 3
    stream_bytes = parts(file)[2][0]
    assert file[stream_bytes - 1 : stream_bytes] == b"."
    _, index, _ = parts(file)
    payload = pickle.loads(file, buffers=[file[offset : offset + size] for offset, size, _ in index])
    assert payload["c"].sum() == 300_000


def test_buffers_are_aligned_and_raw_and_the_large_ones_begin_where_pages_do(file: bytes) -> None:
    _, index, _ = parts(file)
    assert [size for _, size, _ in index] == [24_000, 32_000, 2_400_000]
    assert all(offset % 64 == 0 for offset, _, _ in index)
    assert index[2][0] % 4096 == 0
    assert file[index[0][0] :].startswith(np.arange(3000).tobytes())
    assert [flags for _, _, flags in index] == [0, 1, 0]
    assert MAGIC[-1:] != b"."


def test_what_was_writable_comes_back_writable_in_the_buffers_own_memory(file: bytes) -> None:
    buffer = bytearray(file)
    payload = read(buffer)
    assert [payload[key].flags.writeable for key in "abc"] == [True, False, True]
    payload["a"][0] = 7
    assert buffer[parts(file)[1][0][0]] == 7


def test_memory_that_is_shared_lies_in_the_file_once_and_is_shared_again() -> None:
    array = np.arange(10_000.0)
    file = written([array, array, array.view(), array.reshape(100, 100)])
    assert len(file) < 1.1 * array.nbytes
    same, again, view, square = read(bytearray(file))
    assert same is again
    view[0] = 5
    assert same[0] == 5 and square[0, 0] == 5


def test_every_changed_byte_of_index_and_trailer_is_refused(file: bytes) -> None:
    index_offset = parts(file)[2][1]
    # The last byte changed to the one that ends a pickle is the exception: then it is one, with something behind it.
    for place in range(index_offset, len(file)):
        for change in (1, 0x80, 0xFF):
            broken = bytearray(file)
            broken[place] ^= change
            with pytest.raises(IncompatiblePayloadError):
                read(broken)


def test_every_shorter_file_is_refused() -> None:
    file = written([np.arange(2100), "x"])
    for length in range(len(file)):
        with pytest.raises(IncompatiblePayloadError):
            read(bytearray(file[:length]))


@pytest.mark.parametrize(
    ("what", "index"),
    [
        ("overlapping", lambda e: [e[0], (e[0][0] + 64, e[1][1], 0), e[2]]),
        ("misaligned", lambda e: [e[0], (e[1][0] + 8, e[1][1] - 8, 0), e[2]]),
        ("before the end of the stream", lambda e: [(0, 64, 0), e[1], e[2]]),
        ("beyond the index", lambda e: [e[0], e[1], (e[2][0], e[2][1] + (1 << 20), 0)]),
        ("of endless length", lambda e: [e[0], e[1], (e[2][0], (1 << 64) - 1, 0)]),
        ("far away", lambda e: [e[0], e[1], ((1 << 64) - 64, 64, 0)]),
        ("empty", lambda e: [e[0], (e[1][0], 0, 0), e[2]]),
        ("out of order", lambda e: [e[1], e[0], e[2]]),
        ("with unknown flags", lambda e: [e[0], (e[1][0], e[1][1], 2), e[2]]),
    ],
)
def test_misplaced_buffers_are_refused(what: str, index: Any, file: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        read(forged(file, index(parts(file)[1])))


@pytest.mark.parametrize("count", [0, 1, 2, 4, 1 << 40, (1 << 64) - 1])
def test_another_number_of_buffers_is_refused(count: int, file: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        read(forged(file, count=count))


@pytest.mark.parametrize(
    "change", [{"stream_bytes": 0}, {"stream_bytes": 10}, {"stream_bytes": 1 << 60}, {"index_offset": 64}]
)
def test_a_wrong_trailer_is_refused(change: dict[str, int], file: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        read(forged(file, **change))


def test_a_later_version_is_refused_as_such(file: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError, match="version 2"):
        read(forged(file, version=2))


def test_a_stream_that_takes_other_than_all_buffers_is_refused() -> None:
    file = written([np.arange(3000), np.arange(3000) + 1])
    body, _index, (stream_bytes, *_) = parts(file)
    for stream in (b"\x80\x05N.", b"\x80\x05(\x97\x97\x97\x97l."):
        other = stream + body[len(stream) : stream_bytes - 1] + b"." + body[stream_bytes:]
        with pytest.raises(IncompatiblePayloadError):
            read(forged(bytes(other) + file[len(other) :]))


def test_what_is_no_pickle_is_refused() -> None:
    for content in (b"", b"x", b"\x93NUMPY", MAGIC, b"." * 3, bytes(40 - len(MAGIC)) + MAGIC):
        with pytest.raises(IncompatiblePayloadError):
            read(bytearray(content))


class Lent:
    """Stands in for the map of the core, which says where it lies and no more."""

    def __init__(self, content: bytes) -> None:
        self.memory = np.frombuffer(content, dtype="u1").copy()
        self.address = self.memory.__array_interface__["data"][0]
        self.size = len(content)


def test_arrays_keep_the_map_alive_and_lie_in_it(file: bytes) -> None:
    lent = Lent(file)
    memory = lent.memory
    array = read(lent)["c"]  # type: ignore[arg-type]
    assert np.shares_memory(array, memory)
    import gc
    import weakref

    gone = weakref.ref(lent)
    del lent
    gc.collect()
    assert gone() is not None
    array[0] = 3
    del array
    gc.collect()
    assert gone() is None
    assert memory[parts(file)[1][2][0] + 7] == 0x40


def test_a_view_of_a_map_is_all_its_bytes_and_writable() -> None:
    view = view_of(Lent(b"abc"))  # type: ignore[arg-type]
    assert (bytes(view), view.readonly, view.format, view.ndim) == (b"abc", False, "B", 1)
    assert len(view_of(Lent(b""))) == 0  # type: ignore[arg-type]


def test_a_writer_that_takes_little_at_a_time_gets_all() -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.taken = bytearray()

        def write(self, data: Any) -> int:
            piece = bytes(memoryview(data)[:1000])
            self.taken += piece
            return len(piece)

    payload = [np.arange(100_000)[::3], np.ones(5000), b"x" * 100_000]
    slow = Slow()
    write(payload, slow)
    assert bytes(slow.taken) == written(payload)
