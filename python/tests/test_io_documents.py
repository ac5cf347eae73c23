"""JSON, MessagePack, text, bytes and folders: what comes back is what was given, or it is refused."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistable.exceptions import IncompatiblePayloadError, SavingError
from persistable.io import BytesFileIO, FileIO, FolderFileIO, JsonFileIO, MessagePackFileIO, TextFileIO


def written(file_io: Any, payload: Any) -> bytes:
    file = io.BytesIO()
    file_io._write(payload, file)
    return file.getvalue()


def back(file_io: Any, payload: Any) -> Any:
    return file_io._read(bytearray(written(file_io, payload)))


def nested(scalars: st.SearchStrategy[Any], keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


JSON_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
INTS = st.integers(-(1 << 63), (1 << 64) - 1)
MSGPACK_SCALARS = st.none() | st.booleans() | INTS | st.floats(allow_nan=False) | st.text() | st.binary()


@given(nested(JSON_SCALARS, st.text()))
def test_json_gives_back_what_it_takes(payload: Any) -> None:
    assert repr(back(JsonFileIO(), payload)) == repr(payload)
    assert json.loads(written(JsonFileIO(), payload)) == payload


@given(nested(MSGPACK_SCALARS, st.text() | INTS | st.binary()))
def test_messagepack_gives_back_what_it_takes(payload: Any) -> None:
    assert repr(back(MessagePackFileIO(), payload)) == repr(payload)
    assert msgpack.unpackb(written(MessagePackFileIO(), payload), strict_map_key=False) == payload


@pytest.mark.parametrize("file_io", [JsonFileIO(), MessagePackFileIO()], ids=["json", "msgpack"])
@pytest.mark.parametrize("count", [999, 1000, 1001, 2000, 2001, 2015, 2016, 5432])
def test_long_lists_and_dicts_are_written_in_parts_and_come_back_whole(file_io: Any, count: int) -> None:
    for payload in (list(range(count)), {str(number): [number] for number in range(count)}):
        assert back(file_io, payload) == payload


def test_json_is_one_line_of_utf_8() -> None:
    assert written(JsonFileIO(), {"ä": [1, 1.0]}) == '{"ä":[1,1.0]}\n'.encode()


class MyStr(str):
    pass


WITHIN = [1]
WITHIN.append(WITHIN)  # type: ignore[arg-type]
DEEP: Any = 1
for _ in range(200):
    DEEP = [DEEP]
COMMON = [(1, 2), {1, 2}, MyStr("x"), 1j, WITHIN, DEEP, [{"a": (1,)}], {(1, 2): 3}, "\ud800", {"\ud800": 1}]


@pytest.mark.parametrize(
    "payload", [*COMMON, {1: 2}, {None: 1}, math.nan, [-math.inf], b"x"], ids=lambda it: repr(it)[:40]
)
def test_json_refuses_what_it_would_not_give_back(payload: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        JsonFileIO().save(payload, tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("payload", [*COMMON, 1 << 64, [-(1 << 63) - 1]], ids=lambda it: repr(it)[:40])
def test_messagepack_refuses_what_it_would_not_give_back(payload: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        MessagePackFileIO().save(payload, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_refusal_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=r"at \['rows'\]\[1\]\['tags'\]: it is builtins\.set"):
        JsonFileIO().save({"rows": [1, {"tags": {1}}]}, tmp_path / "x")


@pytest.mark.parametrize(
    ("file_io", "payload", "why"),
    [
        (JsonFileIO(), {"a": {1: 2}}, r"at \['a'\]: the key 1 is int, which JSON would not"),
        (JsonFileIO(), [0.5, [math.nan]], r"at \[1\]\[0\]: it is nan"),
        (JsonFileIO(), -math.inf, r"TypeError: it is -inf"),
        (JsonFileIO(), [b""], r"at \[0\]: it is builtins\.bytes"),
        (JsonFileIO(), DEEP, r"it is nested more than 120 deep"),
        (MessagePackFileIO(), DEEP, r"it is nested more than 128 deep"),
        (MessagePackFileIO(), {"a": [1 << 64]}, r"at \['a'\]\[0\]: it is an integer of more than 64 bits"),
        (MessagePackFileIO(), {MyStr("x"): 1}, r"the key 'x' is MyStr, which MessagePack would not"),
    ],
)
def test_a_refusal_says_what_is_not_given_back(file_io: FileIO[Any], payload: Any, why: str, tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=why):
        file_io.save(payload, tmp_path / "x")


def test_as_deep_as_is_allowed_comes_back() -> None:
    payload: Any = []
    for _ in range(119):
        payload = [payload]
    assert back(JsonFileIO(), payload) == payload
    assert back(MessagePackFileIO(), {"a": payload}) == {"a": payload}


def test_nan_and_infinity_are_kept_by_messagepack() -> None:
    loaded = back(MessagePackFileIO(), [math.nan, math.inf, -0.0])
    assert math.isnan(loaded[0]) and loaded[1] == math.inf and math.copysign(1, loaded[2]) == -1


@pytest.mark.parametrize("content", [b"", b"x", b"[1", b"[1] 2", b"NaN", b'"\xff"', b"[" * 100_000])
def test_broken_json_is_refused(content: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        JsonFileIO()._read(bytearray(content))


@pytest.mark.parametrize(
    "content", [b"", b"\x91", b"\x01\x02", b"\xdd\xff\xff\xff\xff", b"\xd4\x05x", b"\xc1", b"\x91" * 100_000]
)
def test_broken_messagepack_is_refused(content: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        MessagePackFileIO()._read(bytearray(content))


@given(st.text())
def test_text_comes_back_as_it_is(text: str) -> None:
    assert back(TextFileIO(), text) == text
    assert written(TextFileIO(), text) == text.encode()


def test_long_text_and_line_ends_come_back() -> None:
    text = "ä\r\n日\r" * 1_000_000
    assert back(TextFileIO(), text) == text


@given(st.binary())
def test_bytes_come_back_as_they_are(content: bytes) -> None:
    assert back(BytesFileIO(), content) == content
    assert written(BytesFileIO(), content) == content


@pytest.mark.parametrize(
    ("file_io", "payload"),
    [
        (TextFileIO(), b"x"),
        (TextFileIO(), MyStr("x")),
        (TextFileIO(), "\ud800"),
        (BytesFileIO(), "x"),
        (BytesFileIO(), bytearray(1)),
    ],
)
def test_text_and_bytes_are_not_taken_for_each_other(file_io: FileIO[Any], payload: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        file_io.save(payload, tmp_path / "x")


def test_broken_text_is_refused() -> None:
    with pytest.raises(IncompatiblePayloadError):
        TextFileIO()._read(bytearray(b"\xff"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mine"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "b.bin").write_bytes(b"b" * 1000)
    return root


def test_a_folder_is_copied_and_loads_as_its_path(folder: Path, tmp_path: Path) -> None:
    io = FolderFileIO[Path]()
    io.save(folder, tmp_path / "kept")
    loaded = io.load(tmp_path / "kept")
    assert loaded == tmp_path / "kept"
    assert (loaded / "sub" / "b.bin").read_bytes() == b"b" * 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "mine"]


def test_two_functions_keep_any_payload_as_a_folder(tmp_path: Path) -> None:
    def save(model: dict[str, str], folder: Path) -> None:
        for name, text in model.items():
            (folder / name).write_text(text)

    io = FolderFileIO(save, lambda folder: {path.name: path.read_text() for path in folder.iterdir()})
    io.save({"a": "1", "b": "2"}, tmp_path / "model")
    io.save({"c": "3"}, tmp_path / "model")
    assert io.load(tmp_path / "model") == {"c": "3"}
    with pytest.raises(SavingError):
        io.save({"no/such/folder": "x"}, tmp_path / "model")
    assert io.load(tmp_path / "model") == {"c": "3"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_that_was_loaded_can_be_saved_again(folder: Path) -> None:
    io = FolderFileIO[Path]()
    io.save(folder, folder)
    assert (io.load(folder) / "a.txt").read_text() == "a"


def test_what_a_store_cannot_keep_of_a_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    io = FolderFileIO[Any]()
    (tmp_path / "empty").mkdir()
    for payload in (tmp_path / "empty", tmp_path / "nothing", "text", folder / "a.txt"):
        with pytest.raises(SavingError):
            io.save(payload, tmp_path / "kept")
    (folder / "none").mkdir()
    with pytest.raises(SavingError, match="none is an empty folder"):
        io.save(folder, tmp_path / "kept")
    (folder / "none").rmdir()
    (folder / "link").symlink_to(folder / "a.txt")
    with pytest.raises(SavingError, match="link"):
        io.save(folder, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    with pytest.raises(TypeError, match="a function that writes into a folder and a function"):
        FolderFileIO(lambda payload, folder: None)
