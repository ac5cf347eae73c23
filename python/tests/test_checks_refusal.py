"""Payloads that are gone for the next reader are refused before anything is persisted."""

from __future__ import annotations

import asyncio
import collections
import csv
import io
import itertools
import re
import socket
import sqlite3
import tarfile
import tempfile
import types
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from refusal_support import Data, Model, Own, Pair, Plain, Slotted, numbers, refused

from persistable import Persistable
from persistable._checks.refusal import refuse_unpersistable
from persistable.exceptions import SavingError, UnpersistablePayloadError
from persistable.io import FileIO, JsonFileIO, PickleFileIO


class WithSlots:
    __slots__ = ("rows",)

    def __init__(self, rows: Any) -> None:
        self.rows = rows


class Reader:
    """An iterator of a user's."""

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> int:
        raise StopIteration


ONCE: dict[str, Any] = {
    "generator": numbers,
    "map": lambda: map(int, "12"),
    "zip": lambda: zip("ab", "cd"),
    "filter": lambda: filter(None, [1]),
    "enumerate": lambda: enumerate("ab"),
    "list iterator": lambda: iter([1, 2]),
    "chain": lambda: itertools.chain([1], [2]),
    "csv reader": lambda: csv.reader(["a,b"]),
    "regex matches": lambda: re.finditer("a", "aa"),
    "own iterator": Reader,
    "frames in chunks": lambda: pd.read_csv(io.StringIO("a\n1\n2\n"), chunksize=1),
    "record batches": lambda: pa.table({"a": [1]}).to_reader(),
    "array iterator": lambda: np.nditer(np.arange(3)),
}


@pytest.mark.parametrize("make", ONCE.values(), ids=ONCE.keys())
def test_what_can_be_read_only_once_is_refused(make: Any) -> None:
    assert "which can be read only once: return " in refused(make())


def test_a_coroutine_is_refused() -> None:
    async def fetch() -> int:
        return 1

    async def fetch_many() -> Any:
        yield 1

    coroutine = fetch()
    assert "awaiting" in refused(coroutine)
    coroutine.close()
    assert "awaiting" in refused(fetch_many())
    loop = asyncio.new_event_loop()
    assert "awaiting" in refused(loop.create_future())
    loop.close()


def test_the_refusal_says_what_to_do_instead() -> None:
    assert refused(numbers()) == (
        "the payload of fit is of type generator, which can be read only once: return list(...) of it"
    )
    assert "return its getvalue()" in refused(io.BytesIO())
    assert "collect() it" in refused(pl.LazyFrame({"a": [1]}))
    assert "return pandas.concat(...) of it" in refused(ONCE["frames in chunks"]())


def test_the_error_is_one_of_saving_and_a_type_error() -> None:
    assert issubclass(UnpersistablePayloadError, SavingError)
    assert issubclass(UnpersistablePayloadError, TypeError)
    assert UnpersistablePayloadError.kind == "unpersistable"


def test_streams_and_open_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    with path.open() as text, path.open("rb") as binary, path.open("rb", buffering=0) as raw:
        for stream in (text, binary, raw, io.StringIO(), io.BytesIO()):
            assert "can be read only once" in refused(stream)
    with tempfile.NamedTemporaryFile() as temporary:
        assert "can be read only once" in refused(temporary)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped, tarfile.open(tmp_path / "a.tar", "w") as tarred:
        assert "the content of its members" in refused(zipped)
        assert "the content of its members" in refused(tarred)
    with socket.socket() as connected:
        assert "is open in this process only" in refused(connected)
    folder = tempfile.TemporaryDirectory()
    assert "keep the folder by a FolderFileIO" in refused(folder)
    folder.cleanup()
    connection = sqlite3.connect(":memory:")
    assert "is open in this process only" in refused(connection)
    assert "return its fetchall()" in refused(connection.cursor())
    connection.close()


PLACES: dict[str, tuple[Any, str]] = {
    "list": (lambda it: [0, it], "[1]"),
    "own list": (lambda it: Own([0, it]), "[1]"),
    "tuple": (lambda it: (it,), "[0]"),
    "value of a dict": (lambda it: {"train": [it]}, "['train'][0]"),
    "key of a dict": (lambda it: {it: 1}, "[key of type generator]"),
    "default dict": (lambda it: collections.defaultdict(list, a=it), "['a']"),
    "set": (lambda it: {it}, "[key of type generator]"),
    "frozen set": (lambda it: frozenset({it}), "[key of type generator]"),
    "deque": (lambda it: collections.deque([it]), "[0]"),
    "named tuple": (lambda it: Pair(1, it), ".right"),
    "data class": (lambda it: Data(it), ".rows"),
    "attrs class": (lambda it: Slotted(it), ".rows"),
    "pydantic model": (lambda it: Model(rows=it), ".rows"),
    "plain object": (lambda it: [Plain({"a": it})], "[0].rows['a']"),
    "object with slots": (lambda it: WithSlots(it), ".rows"),
    "namespace": (lambda it: types.SimpleNamespace(a=it), ".a"),
    "array of objects": (lambda it: np.array([None, it], dtype=object), "[1]"),
    "array of records": (lambda it: np.array([(1, it)], dtype=[("n", "i4"), ("it", object)]), "[0][1]"),
    "column of objects": (lambda it: pd.DataFrame({"n": [1, 2], "it": [[1], it]}), "['it'][1]"),
    "series of objects": (lambda it: pd.Series([[1], it]), "[1]"),
}


@pytest.mark.parametrize(("wrap", "path"), PLACES.values(), ids=PLACES.keys())
def test_it_is_found_inside_of_containers_and_named_by_path(wrap: Any, path: str) -> None:
    assert f"holds, at `{path}`, an object of type generator" in refused(wrap(numbers()))


def test_a_generator_is_not_advanced() -> None:
    it = numbers()
    refused([it])
    assert list(it) == [1]


def test_a_large_payload_is_not_looked_through_in_full() -> None:
    class Counted(list[Any]):
        pass

    looked_at = []

    class Part:
        def __getattribute__(self, name: str) -> Any:
            looked_at.append(name)
            return object.__getattribute__(self, name)

    refuse_unpersistable(Counted(Part() for _ in range(100_000)), "fit")
    assert 0 < len(looked_at) < 30_000


def test_what_is_near_the_root_is_found_beside_something_large() -> None:
    large = [[i] for i in range(100_000)]
    assert "`[1]['a'][0]`" in refused([large, {"a": [numbers()]}])


def test_deep_nesting_does_not_end_in_a_recursion_error() -> None:
    payload: Any = [numbers()]
    for _ in range(2_000):
        payload = [payload]
    assert "generator" in refused(payload)


class LinesIO(FileIO[Any]):
    def _save(self, payload: Any, filepath: Path, **kwargs: Any) -> None:
        filepath.write_text("\n".join(map(str, payload)))

    def _load(self, filepath: Path, **kwargs: Any) -> Any:
        return filepath.read_text().split("\n")


class LazyIO(LinesIO):
    takes_lazy_payloads = True


def test_a_payload_io_of_the_users_may_take_such_payloads() -> None:
    refuse_unpersistable(numbers(), "fit", LazyIO())
    assert "If LinesIO stores it completely, set takes_lazy_payloads = True on it" in refused(numbers(), LinesIO())
    assert "takes_lazy_payloads" not in refused(numbers(), PickleFileIO())


def test_what_a_payload_io_keeps_of_objects_is_its_own_affair() -> None:
    model = Plain(numbers())
    refuse_unpersistable([model], "fit", LinesIO())
    refuse_unpersistable({"a": model}, "fit", JsonFileIO())
    assert "`[0].rows`" in refused([model], PickleFileIO())


class RowsP(Persistable[Any, None]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return {"rows": [1, 2], "left": numbers()}


def test_a_refused_payload_stays_in_memory_and_nothing_is_persisted(tmp_path: Path) -> None:
    rows = RowsP(tmp_path, None)
    with pytest.raises(UnpersistablePayloadError, match="the payload of rows_p holds"):
        rows.generate()
    assert not list(tmp_path.glob("rows_p(*"))
    for persist in (rows.persist, rows.load_generate):
        with pytest.raises(UnpersistablePayloadError):
            persist()
    payload = rows.payload
    assert payload["rows"] == [1, 2]
    payload["left"] = list(payload["left"])
    rows.persist()
    assert RowsP(tmp_path, None).payload == {"rows": [1, 2], "left": [1]}


def test_the_log_does_not_blame_the_validator(tmp_path: Path) -> None:
    with pytest.raises(UnpersistablePayloadError):
        RowsP(tmp_path, None).generate()
    log = (tmp_path / "rows_p.log").read_text("utf-8")
    assert "could not generate: the payload can't be persisted: UnpersistablePayloadError: the payload of rows_p" in log
    assert "validator" not in log


def test_a_payload_that_is_not_to_be_persisted_may_be_read_once(tmp_path: Path) -> None:
    rows = RowsP(tmp_path, None)
    rows.generate(persist=False)
    assert list(rows.payload["left"]) == [1]


def test_a_class_of_a_script_is_called_by_its_name() -> None:
    class Rows:
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            raise StopIteration

    Rows.__module__, Rows.__qualname__ = "__main__", "Rows"
    assert "is of type Rows, which" in refused(Rows())
