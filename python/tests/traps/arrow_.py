"""Tables and arrays of Arrow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa

from traps.table import agree, differ

_table = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})
_many: list[Any] = [None, *range(2000)]


def _a(values: Any, dtype: Any = None) -> Any:
    return pa.array(values, type=dtype)


def _over_garbage(garbage: int, rows: int = 2) -> Any:
    """Has a null in its first row, with other bytes under it."""
    valid = bytearray(b"\xff" * (rows // 8 + 1))
    valid[0] &= 0xFE
    numbers = _a([garbage, *range(1, rows)], pa.int64()).buffers()[1]
    return pa.Array.from_buffers(pa.int64(), rows, [pa.py_buffer(bytes(valid)), numbers])


_lists = _a([[1], [], None, [2, 3]])
_maps = _a([[("a", 1)], None, [("b", 2), ("c", 3)]], pa.map_(pa.string(), pa.int64()))
_words = _a(["x", "y", "x"]).dictionary_encode()

TRAPS = [
    differ("a table is not the dict of its lists", _table, _table.to_pydict()),
    differ("a table of Arrow is not one of Polars", pa.table({"a": [1]}), pl.DataFrame({"a": [1]})),
    differ("a table is not its batch", pa.table({"a": [1]}), pa.record_batch({"a": [1]})),
    differ("rows count without columns", _table.select([]), _table[:2].select([])),
    differ("an array is not the list", _a([1, 2]), [1, 2]),
    differ("an array is not the chunked array", _a([1]), pa.chunked_array([[1]])),
    differ("a scalar is not the number", pa.scalar(1), 1),
    differ("a scalar is not the array of it", pa.scalar(1), _a([1])),
    differ("scalars of two types differ", pa.scalar(1, pa.int64()), pa.scalar(1, pa.int32())),
    differ("columns have an order", _table, _table.select(["b", "a"])),
    differ("columns have names", _table, _table.rename_columns(["a", "c"])),
    differ(
        "columns of one name are two", pa.table([[1], [2]], names=["a", "a"]), pa.table([[2], [1]], names=["a", "a"])
    ),
    differ(
        "a column that may be null is not one that must not",
        pa.table({"a": [1]}),
        pa.table([[1]], pa.schema([pa.field("a", pa.int64(), nullable=False)])),
    ),
    agree("a schema's metadata do not count", _table.replace_schema_metadata({"made": "today"}), _table),
    agree(
        "what pandas writes into a schema does not count",
        pa.Table.from_pandas(_table.to_pandas()[["a"]]),
        _table.select(["a"]),
    ),
    agree("chunks do not count", pa.concat_tables([_table[:1], _table[1:]]), _table),
    agree("a slice is its copy", _table[1:], pa.table({"a": [2, 3], "b": [None, "z"]})),
    agree("a slice of bits is its copy", _a([True] * 9 + [False, True])[9:], _a([False, True])),
    agree("a slice of lists is its copy", _lists[1:], _a([[], None, [2, 3]])),
    agree("a slice of maps is its copy", _maps[1:], _a([None, [("b", 2), ("c", 3)]], _maps.type)),
    agree("a slice of structs is its copy", _a([{"a": 1}, {"a": 2}])[1:], _a([{"a": 2}])),
    agree("what lies under a null does not count", _over_garbage(5), _over_garbage(6)),
    agree("what lies under one null of many does not count", _over_garbage(5, 2000), _over_garbage(6, 2000)),
    agree(
        "what lies under a null list does not count",
        pa.ListArray.from_arrays(_a([0, 1, 2]), _a([5, 6]), mask=_a([True, False])),
        pa.ListArray.from_arrays(_a([0, 1, 2]), _a([7, 6]), mask=_a([True, False])),
    ),
    agree(
        "what lies under a null struct does not count",
        pa.StructArray.from_arrays([_a([5, 6])], ["a"], mask=_a([True, False])),
        pa.StructArray.from_arrays([_a([7, 6])], ["a"], mask=_a([True, False])),
    ),
    agree(
        "no bits for nulls are bits for none",
        pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\xff"), _a([1, 2]).buffers()[1]]),
        _a([1, 2]),
    ),
    differ("a null is not zero", _a([1, None]), _a([1, 0])),
    differ("a null is not NaN", _a([None], pa.float64()), _a([float("nan")], pa.float64())),
    differ("nulls of two types differ", _a([None], pa.int64()), _a([None], pa.null())),
    differ("which of many is null counts", _a(_many), _a([*_many[1:], None])),
    differ("one of many is null", _a(_many), _a([0, *_many[1:]])),
    differ("no rows of int are not no rows of float", _a([], pa.int64()), _a([], pa.float64())),
    differ("int64 is not int32", _a([1], pa.int64()), _a([1], pa.int32())),
    differ("bool is not uint8", _a([True]), _a([1], pa.uint8())),
    differ("a half is not the integer of its bits", _a([0.5], pa.float16()), _a([0.5], pa.float16()).view(pa.uint16())),
    differ("text is not large text", _a(["a"]), _a(["a"], pa.large_string())),
    differ("text is not bytes", _a(["a"]), _a([b"a"])),
    differ("bytes of a fixed width are not others", _a([b"a"], pa.binary(1)), _a([b"a"])),
    differ("moments count with their unit", _a([0], pa.timestamp("s")), _a([0], pa.timestamp("ms"))),
    differ("moments with a zone are not those without", _a([0], pa.timestamp("s")), _a([0], pa.timestamp("s", "UTC"))),
    differ(
        "one moment in two zones differs", _a([0], pa.timestamp("s", "Europe/Paris")), _a([0], pa.timestamp("s", "UTC"))
    ),
    differ("dates of 32 bits are not those of 64", _a([0], pa.date32()), _a([0], pa.date64())),
    differ("times are not spans", _a([5], pa.time64("us")), _a([5], pa.duration("us"))),
    differ(
        "decimals count with their scale",
        _a([Decimal("1.5")], pa.decimal128(10, 1)),
        _a([Decimal("1.5")], pa.decimal128(10, 2)),
    ),
    differ(
        "decimals count with their width",
        _a([Decimal("1.5")], pa.decimal128(10, 1)),
        _a([Decimal("1.5")], pa.decimal256(10, 1)),
    ),
    differ("where lists end counts", _a([[1, 2], [3]]), _a([[1], [2, 3]])),
    differ("an empty list is not null", _a([[1], []]), _a([[1], None])),
    differ("lists are not large lists", _a([[1]]), _a([[1]], pa.large_list(pa.int64()))),
    differ("lists of a fixed length are not others", _a([[1]], pa.list_(pa.int64(), 1)), _a([[1]])),
    differ(
        "empty lists of ints are not those of floats", _a([[]], pa.list_(pa.int64())), _a([[]], pa.list_(pa.float64()))
    ),
    differ(
        "a nanosecond inside a list counts",
        _a([[0]], pa.list_(pa.timestamp("ns"))),
        _a([[1]], pa.list_(pa.timestamp("ns"))),
    ),
    differ(
        "a map is not the list of its pairs",
        _maps,
        _maps.cast(pa.list_(pa.struct([("key", pa.string()), ("value", pa.int64())]))),
    ),
    differ(
        "a map's entries have an order", _a([[("a", 1), ("b", 2)]], _maps.type), _a([[("b", 2), ("a", 1)]], _maps.type)
    ),
    differ("a struct of null is not null", _a([{"a": 1}, {"a": None}]), _a([{"a": 1}, None])),
    differ("a struct's fields have an order", _a([{"a": 1, "b": 1}]), _a([{"b": 1, "a": 1}])),
    differ("a field's name is not two fields", _a([{"a: int64, b": 1}]), _a([{"a": 1, "b": 1}])),
    differ("a dictionary is not its values", _words, _a(["x", "y", "x"])),
    differ(
        "a dictionary has an order", _words, pa.DictionaryArray.from_arrays(_a([1, 0, 1], pa.int32()), _a(["y", "x"]))
    ),
    differ(
        "a dictionary counts with words that are not used",
        _words,
        pa.DictionaryArray.from_arrays(_a([0, 1, 0], pa.int32()), _a(["x", "y", "z"])),
    ),
    differ(
        "an ordered dictionary is not another",
        _words,
        pa.DictionaryArray.from_arrays(_words.indices, _words.dictionary, ordered=True),
    ),
    agree(
        "a slice of a dictionary's array is its copy",
        _words[1:],
        pa.DictionaryArray.from_arrays(_a([1, 0], pa.int32()), _a(["x", "y"])),
    ),
    agree(
        "chunks of one dictionary do not count",
        pa.chunked_array([_words, _words]),
        pa.chunked_array([pa.concat_arrays([_words, _words])]),
    ),
    differ("runs are not their values", pa.RunEndEncodedArray.from_arrays([2], [5]), _a([5, 5])),
    agree(
        "how runs are cut does not count",
        pa.RunEndEncodedArray.from_arrays([2], [5]),
        pa.RunEndEncodedArray.from_arrays([1, 2], [5, 5]),
    ),
    differ(
        "an extension type is not what it is stored as",
        pa.ExtensionArray.from_storage(pa.uuid(), _a([b"0" * 16], pa.binary(16))),
        _a([b"0" * 16], pa.binary(16)),
    ),
    differ("a type is not its name", pa.int64(), "int64"),
    differ("types count with their parameters", pa.timestamp("s"), pa.timestamp("s", "UTC")),
    differ(
        "a schema's field may be null or not",
        pa.schema([pa.field("a", pa.int64())]),
        pa.schema([pa.field("a", pa.int64(), nullable=False)]),
    ),
    agree("a field's metadata do not count", pa.field("a", pa.int64(), metadata={"x": "y"}), pa.field("a", pa.int64())),
]
