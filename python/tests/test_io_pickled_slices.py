"""A slice is pickled with what belongs to it, and not with the memory that it lies in."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistable.io._arrow_slices import trimmed
from persistable.io._pickle_container import write
from persistable.io._pickle_reading import read

ROWS = 40_000


def size_and_back(payload: Any) -> tuple[int, Any]:
    file = io.BytesIO()
    write(payload, file)
    return len(file.getvalue()), read(bytearray(file.getvalue()))


class Degrees(pa.ExtensionType):
    def __init__(self) -> None:
        super().__init__(pa.float64(), "test.degrees")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: Any, serialized: bytes) -> Degrees:
        return cls()


@pytest.fixture(scope="module", autouse=True)
def _registered() -> Any:
    pa.register_extension_type(Degrees())
    yield
    pa.unregister_extension_type("test.degrees")


def some(values: list[Any], kind: Any = None) -> Any:
    return pa.array((values * (ROWS // len(values) + 1))[:ROWS], kind)


NUMBERS = pa.array(np.arange(ROWS))
TEXTS = some([f"text {row}" for row in range(1000)])
ARRAYS: dict[str, Any] = {
    "numbers": NUMBERS,
    "numbers and nulls": some([1, None, 3]),
    "bools": some([True, False, None, True]),
    "half floats": pa.array(np.arange(ROWS).astype("f2")),
    "moments": some([dt.datetime(2020, 1, 1), None], pa.timestamp("us", "Europe/Berlin")),
    "decimals": some([Decimal("1.5"), None]),
    "intervals": some([(1, 2, 3), None], pa.month_day_nano_interval()),
    "fixed bytes": some([b"abc", None, b"def"], pa.binary(3)),
    "no bytes": some([b"", None], pa.binary(0)),
    "texts": TEXTS,
    "texts and nulls": some(["a", None, "", "bcd"]),
    "large texts": some(["a", None, "bcd"], pa.large_string()),
    "bytes": some([b"a", None]),
    "views": some(["a", None, "a text that is longer than a view"], pa.string_view()),
    "views of bytes": some([b"a", None, b"bytes that are longer than a view"], pa.binary_view()),
    "lists": some([[1, 2], None, [], [3]]),
    "large lists": some([[1, 2], None], pa.large_list(pa.int64())),
    "lists of a size": some([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2)),
    "views of lists": some([[1, 2], None, [3]], pa.list_view(pa.int64())),
    "lists of lists of texts": some([[["a"], None], None, [["b", None], []]]),
    "structs": some([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}]),
    "structs of lists": some([{"a": [1]}, {"a": None}]),
    "maps": some([[("a", 1)], None, [("b", None)]], pa.map_(pa.string(), pa.int64())),
    "dictionary": some(["a", "b", None]).dictionary_encode(),
    "ordered dictionary": pa.DictionaryArray.from_arrays(some([0, 1, None], pa.int8()), ["x", "y"], ordered=True),
    "dictionary that is a slice": pa.DictionaryArray.from_arrays(some([0, 1], pa.int32()), TEXTS[5:9]),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array(range(1, ROWS + 1), pa.int32()), NUMBERS),
    "sparse union": pa.UnionArray.from_sparse(some([0, 1], pa.int8()), [NUMBERS, TEXTS]),
    "dense union": pa.UnionArray.from_dense(
        some([0, 1], pa.int8()), pa.array([row // 2 for row in range(ROWS)], pa.int32()), [NUMBERS, TEXTS]
    ),
    "nulls": pa.nulls(ROWS),
    "extension": pa.ExtensionArray.from_storage(pa.uuid(), some([b"0" * 16, None], pa.binary(16))),
    "tensors": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.int64(), (2,)), some([[1, 2]], pa.list_(pa.int64(), 2))
    ),
    "extension of one's own": pa.ExtensionArray.from_storage(Degrees(), pa.array(np.arange(float(ROWS)))),
}
PLACES = [(0, 10), (3, 10), (8, 10), (13, 1), (ROWS - 7, 7), (ROWS, 0), (5, 0)]


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize(("begin", "length"), PLACES)
def test_a_few_values_take_little(array: Any, begin: int, length: int) -> None:
    part = array.slice(begin, length)
    size, back = size_and_back(part)
    assert size < 3000
    assert type(back) is type(part) and back.type == part.type
    assert back.equals(part)
    back.validate(full=True)


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_the_whole_comes_back_as_it_was(array: Any) -> None:
    _, back = size_and_back(array)
    assert back.type == array.type and back.equals(array)


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_large_slices_take_what_belongs_to_them(array: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistable.io._arrow_slices._COPIED_BYTES", 1000)
    part = array.slice(13, ROWS // 2)
    size, back = size_and_back(part)
    assert size < 0.75 * size_and_back(array)[0] or size < 3000
    assert back.type == part.type and back.equals(part)
    back.validate(full=True)


@pytest.mark.parametrize("name", ["numbers", "numbers and nulls", "decimals", "fixed bytes", "texts", "large texts"])
def test_the_values_of_large_slices_are_not_copied(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistable.io._arrow_slices._COPIED_BYTES", 1000)
    array = ARRAYS[name]
    whole, part = array.buffers()[-1], trimmed(array.slice(13, ROWS // 2)).buffers()[-1]
    assert whole.address <= part.address and part.address + part.size <= whole.address + whole.size


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from(sorted(ARRAYS)), st.booleans())
def test_any_slice_comes_back(begin: int, length: int, name: str, is_large: bool) -> None:
    from persistable.io import _arrow_slices

    part = ARRAYS[name].slice(begin, length)
    limit = _arrow_slices._COPIED_BYTES
    _arrow_slices._COPIED_BYTES = 0 if is_large else limit
    try:
        _, back = size_and_back(part)
    finally:
        _arrow_slices._COPIED_BYTES = limit
    assert back.type == part.type and back.equals(part)


def test_chunks_tables_and_batches_take_little() -> None:
    schema = pa.schema(
        [pa.field("a", pa.int64(), metadata={"unit": "m"}), pa.field("b", pa.string())], {"key": "value"}
    )
    table = pa.table([NUMBERS, TEXTS], schema=schema)
    chunked = pa.chunked_array([NUMBERS, NUMBERS])
    for part in (
        table[5:15],
        table.to_batches()[0][5:15],
        chunked[ROWS - 5 : ROWS + 5],
        chunked[5:5],
        pa.concat_tables([table, table])[ROWS - 5 : ROWS + 5],
    ):
        size, back = size_and_back([part, part])
        assert size < 3000
        assert back[0] is back[1] and back[0].equals(part)
        if not isinstance(part, pa.ChunkedArray):
            assert back[0].schema.equals(part.schema, check_metadata=True)
        else:
            assert back[0].type == part.type


@pytest.mark.parametrize("kind", [pa.table, pa.record_batch])
def test_rows_without_columns_come_back(kind: Any) -> None:
    rows = kind({"a": [1, 2, 3]}).replace_schema_metadata({"key": "value"}).select([])
    _, back = size_and_back(rows)
    assert type(back) is type(rows) and back.num_rows == 3 and back.num_columns == 0
    assert back.schema.equals(rows.schema, check_metadata=True)
    assert size_and_back(rows[:0])[1].num_rows == 0


FRAME = pd.DataFrame({"number": range(ROWS), "text": [f"text {row}" for row in range(ROWS)]})
OTHERS: dict[str, Any] = {
    "NumPy": np.arange(ROWS),
    "records of NumPy": np.zeros(ROWS, "i8,i8"),
    "dates of NumPy": np.arange(ROWS).astype("M8[s]"),
    "a masked array": np.ma.MaskedArray(np.arange(ROWS), mask=np.arange(ROWS) % 2 == 0),
    "pandas": FRAME,
    "a text column": FRAME["text"],
    "a column of Arrow": pd.Series(range(ROWS), dtype="int64[pyarrow]"),
    "a column of Arrow's lists": pd.Series([[1]] * ROWS, dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
    "categories": pd.Series(["a", "b"] * (ROWS // 2), dtype="category"),
    "an index": pd.Index(FRAME["text"]),
    "polars": pl.DataFrame({"number": range(ROWS), "text": FRAME["text"].tolist()}),
    "a series of polars": pl.Series([[1, 2]] * ROWS),
}


@pytest.mark.parametrize("whole", OTHERS.values(), ids=OTHERS)
def test_slices_of_other_libraries_take_little(whole: Any) -> None:
    part = whole.iloc[5:15] if hasattr(whole, "iloc") else whole[5:15]
    size, back = size_and_back(part)
    assert size < 3000
    assert type(back) is type(part) and len(back) == 10
