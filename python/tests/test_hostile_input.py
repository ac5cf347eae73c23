"""Whatever lies in a file: loading says what is wrong with it, and reads nothing that is not in it."""

from __future__ import annotations

import io
import pickle
import struct
import tempfile
import tracemalloc
from binascii import crc32
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bounded_reader import FORMATS, MOST_GROWTH_BYTES, BoundedReader, originals
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import NumberP, NumberParams

from persistable.exceptions import IncompatiblePayloadError, PersistableError
from persistable.io import JsonFileIO, NumpyFileIO, _pickle_reading
from persistable.io._pickle_container import write
from persistable.io._pickle_reading import parts_of
from persistable.io._refusal import reading

MAGIC = b"\x89PKLBUF\n"

ENTRY = struct.Struct("<QQQ")
FUZZED = settings(
    max_examples=500,
    suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.function_scoped_fixture],
)
# Where lengths and counts break.
NUMBERS = st.sampled_from([0, 1, 2, 63, 64, 4096, 2**31 - 1, 2**32, 2**63 - 1, 2**64 - 64, 2**64 - 1])
LARGE = st.one_of(NUMBERS, st.integers(0, 2**64 - 1))


def written(payload: object, file_io: Any = None) -> bytes:
    file = io.BytesIO()
    (write if file_io is None else file_io._write)(payload, file)
    return file.getvalue()


ORIGINALS: dict[str, list[bytes]] = {}
CONTAINERS = [
    written({"a": np.arange(3000), "b": np.arange(4000.0)}),
    written([np.zeros(2048), bytearray(20_000)]),
    written({"small": [1, 2]}),
]


@st.composite
def changed(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A file with some changes: other bytes, parts left out, parts of another one."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(0, 4))):
        digits = [place for place, byte in enumerate(content) if byte in b"0123456789"]
        if digits and draw(st.integers(0, 3)) == 0:  # A number within text, such as in the header of an array.
            at = draw(st.sampled_from(digits))
            content[at : at + 1] = str(draw(LARGE)).encode()
            continue
        # Near its ends lies what says where things are.
        at = draw(st.one_of(st.integers(0, len(content)), st.integers(max(0, len(content) - 120), len(content))))
        to = draw(st.integers(at, min(len(content), at + 64)))
        content[at:to] = draw(st.one_of(st.binary(max_size=16), LARGE.map(lambda number: struct.pack("<Q", number))))
    return bytes(content)


@st.composite
def forged(draw: st.DrawFn) -> bytes:
    """A container whose checksum is right, with up to two lies in its index and its trailer."""
    stream = draw(st.sampled_from([b".", b"N.", pickle.dumps([1, 2]), b"x" * 70 + b"."]))
    body = stream.ljust(64 * draw(st.integers(3, 6)), b"\0")
    places = range(-(-len(stream) // 64) * 64, len(body), 64)
    entries = [[place, draw(st.integers(1, 64)), draw(st.integers(0, 1))] for place in places]
    head = [len(stream), len(body), len(entries), 1]
    for numbers in draw(st.lists(st.sampled_from([head, head, *entries]), max_size=2)):
        lie = st.one_of(LARGE, st.integers(0, 8), st.integers(0, 8).map(lambda count: 64 * count))
        numbers[draw(st.integers(0, len(numbers) - 1))] = draw(lie)
    index = b"".join(ENTRY.pack(*entry) for entry in entries)
    trailer = struct.pack("<QQQI", *head[:3], head[3] % (1 << 32))
    return body + index + trailer + struct.pack("<I", crc32(index + trailer)) + MAGIC


class NothingUnpickledError(Exception):
    """Instead of running code of a file."""


@pytest.fixture
def no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets nothing be unpickled that names a class or a function."""

    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            raise NothingUnpickledError

    def loads(data: Any, *, buffers: Any = None) -> Any:
        return Unpickler(io.BytesIO(data), buffers=buffers).load()

    monkeypatch.setattr(_pickle_reading.pickle, "loads", loads)


@FUZZED
@given(st.one_of(st.binary(max_size=200), changed(CONTAINERS), forged()))
def test_a_container_is_split_into_parts_of_it_or_refused(content: bytes) -> None:
    try:
        stream, buffers = parts_of(memoryview(bytearray(content)))
    except IncompatiblePayloadError:
        return
    if buffers is None:
        assert bytes(stream) == content and content.endswith(b".")
        return
    stream_bytes, index_offset, count = struct.unpack_from("<QQQ", content, len(content) - 40)
    index = list(ENTRY.iter_unpack(content[index_offset:-40]))
    assert len(buffers) == len(index) == count > 0
    assert bytes(stream) == content[:stream_bytes] and stream[-1:] == b"." and 0 < stream_bytes <= index_offset
    for buffer, (offset, size, flags) in zip(buffers, index):
        assert stream_bytes <= offset < offset + size <= index_offset
        assert bytes(buffer) == content[offset : offset + size] and buffer.readonly == bool(flags)


@FUZZED
@given(content=st.one_of(st.binary(max_size=200), changed(CONTAINERS), forged()))
def test_reading_says_what_is_wrong(no_code: None, content: bytes) -> None:
    # Streams are trusted before they are read, and may ask for any memory.
    with suppress(IncompatiblePayloadError, MemoryError):
        _pickle_reading.read(bytearray(content))


@pytest.fixture(scope="module")
def reader() -> Iterator[BoundedReader]:
    with tempfile.TemporaryFile() as errors:
        reader = BoundedReader(errors)
        yield reader
        reader.close()


@pytest.mark.parametrize("name", FORMATS)
@settings(FUZZED, max_examples=200)
@given(data=st.data())
def test_a_file_that_nobody_wrote_is_read_or_refused_within_bounds(
    reader: BoundedReader, name: str, data: st.DataObject
) -> None:
    files = ORIGINALS.setdefault(name, originals(name))
    content = data.draw(st.one_of(st.binary(max_size=100), changed(files)))
    assert reader.outcome(name, content) in ("read", "refused")


def test_a_reader_that_believes_a_length_would_be_noticed(reader: BoundedReader) -> None:
    assert reader.outcome("greedy", b"%d" % (MOST_GROWTH_BYTES // 2)) == "read"
    # Something of what it had at the beginning may be free by now.
    assert "MemoryError" in reader.outcome("greedy", b"%d" % (2 * MOST_GROWTH_BYTES))


@pytest.mark.parametrize("shape", ["(1073741824, 3)", "(4294967296, 4294967296)", "(0, 99999999999999999999)"])
def test_a_shape_that_an_npy_file_has_no_room_for_takes_no_memory(shape: str) -> None:
    content = written(np.zeros((2, 3)), NumpyFileIO())
    room = b"(2, 3), }" + b" " * 40
    assert room in content
    tracemalloc.start()
    try:
        with pytest.raises(IncompatiblePayloadError):
            NumpyFileIO()._read(bytearray(content.replace(room, f"{shape}, }}".encode().ljust(len(room)))))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_library_that_panics_makes_an_error_and_an_interrupt_stays_one() -> None:
    # polars raises such, which is no Exception, for some Parquet files that contradict themselves.
    class PanicException(BaseException):
        pass

    file = memoryview(b"x")
    with pytest.raises(IncompatiblePayloadError, match="itself, out of bounds"), reading("Parquet", file):
        raise PanicException("out of bounds")
    with pytest.raises(KeyboardInterrupt), reading("Parquet", file):
        raise KeyboardInterrupt


def step_in(folder: Path) -> NumberP:
    # A pickle that was written anew would be a copy, which is not to be trusted.
    step = NumberP(folder, NumberParams(7), None, payload_io=JsonFileIO())
    step.persist_durability = "fast"
    return step


@pytest.fixture(scope="module")
def persisted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("store")
    step_in(folder).generate()
    return folder, {path.name: path.read_bytes() for path in folder.iterdir() if "(" in path.name}


@settings(FUZZED, max_examples=150)
@given(data=st.data())
def test_a_changed_manifest_or_payload_is_never_loaded_as_it_is(
    persisted: tuple[Path, dict[str, bytes]], data: st.DataObject
) -> None:
    folder, files = persisted
    for name, content in files.items():
        (folder / name).write_bytes(content)
    name = data.draw(st.sampled_from([name for name in files if not name.endswith(".params.json")]))
    content = data.draw(st.one_of(changed([files[name]]), st.binary(max_size=100)))
    (folder / name).write_bytes(content)
    step = step_in(folder)
    try:
        step.load()
    except PersistableError:
        assert content != files[name]
    else:
        assert content == files[name]
        assert step.payload == 7
    step.load_generate()
    assert step.payload == 7
