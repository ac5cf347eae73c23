"""Frames and series of Polars."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl

from traps.table import agree, differ

_frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})


def _s(values: Any, dtype: Any = None) -> pl.Series:
    return pl.Series(values=values, dtype=dtype)


_many: list[Any] = [None, *range(2000)]
_lists = _s([[1], [], None, [2, 3]])
_moment = _s([datetime(2024, 1, 1)], pl.Datetime("us"))

TRAPS = [
    differ("a frame is not the dict of its lists", pl.DataFrame({"a": [1]}), {"a": [1]}),
    differ("a frame of Polars is not one of pandas", pl.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})),
    differ("a series is not the frame of it", _s([1]).alias("a"), pl.DataFrame({"a": [1]})),
    differ("a series counts with its name", _s([1]).alias("a"), _s([1]).alias("b")),
    differ("columns have an order", _frame, _frame.select("b", "a")),
    differ("columns have names", _frame, _frame.rename({"a": "z"})),
    differ("rows have an order", _frame, _frame.reverse()),
    differ("no rows of int are not no rows of float", _s([], pl.Int64), _s([], pl.Float64)),
    differ("an empty frame is not one without rows", pl.DataFrame(), pl.DataFrame({"a": []})),
    differ("Int64 is not Int32", _s([1], pl.Int64), _s([1], pl.Int32)),
    differ("Int64 is not Float64", _s([1], pl.Int64), _s([1], pl.Float64)),
    differ("Int64 is not Int128", _s([1], pl.Int64), _s([1], pl.Int128)),
    differ("Boolean is not UInt8", _s([True], pl.Boolean), _s([1], pl.UInt8)),
    differ("numbers beyond 64 bits count", _s([2**100], pl.Int128), _s([2**100 + 1], pl.Int128)),
    differ("a null is not zero", _s([1, None]), _s([1, 0])),
    differ("a null is not NaN", _s([None], pl.Float64), _s([float("nan")], pl.Float64)),
    differ("nulls of two types differ", _s([None], pl.Int64), _s([None], pl.Null)),
    differ("which of many is null counts", _s(_many), _s([*_many[1:], None])),
    differ("one of many is null", _s(_many), _s([0, *_many[1:]])),
    differ("a null of Boolean is not false", _s([True, None]), _s([True, False])),
    differ("a null text is not empty text", _s(["a", None]), _s(["a", ""])),
    differ("text is not bytes", _s(["a"]), _s([b"a"])),
    differ("text is not a category", _s(["a"]), _s(["a"], pl.Categorical)),
    differ("a category is not a member of an Enum", _s(["a"], pl.Categorical), _s(["a"], pl.Enum(["a"]))),
    differ("an Enum counts with members that are not used", _s(["a"], pl.Enum(["a"])), _s(["a"], pl.Enum(["a", "b"]))),
    differ("an Enum's members have an order", _s(["a"], pl.Enum(["a", "b"])), _s(["a"], pl.Enum(["b", "a"]))),
    differ("a null is not the first member of an Enum", _s([None], pl.Enum(["a"])), _s(["a"], pl.Enum(["a"]))),
    agree(
        "what categories were seen before does not count",
        _s(["z", "a"], pl.Categorical).slice(1),
        _s(["a"], pl.Categorical),
    ),
    differ(
        "decimals count with their scale",
        _s([Decimal("1.5")], pl.Decimal(10, 1)),
        _s([Decimal("1.5")], pl.Decimal(10, 2)),
    ),
    differ("decimals are not floats", _s([Decimal("1.5")], pl.Decimal(10, 1)), _s([1.5])),
    differ(
        "decimals count with their precision",
        _s([Decimal("1.5")], pl.Decimal(10, 1)),
        _s([Decimal("1.5")], pl.Decimal(9, 1)),
    ),
    differ("moments count with their unit", _moment, _moment.cast(pl.Datetime("ms"))),
    differ("moments with a zone are not those without", _moment, _moment.dt.replace_time_zone("UTC")),
    differ(
        "one moment in two zones differs",
        _moment.dt.replace_time_zone("UTC"),
        _moment.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Paris"),
    ),
    differ("a nanosecond counts", _s([0], pl.Datetime("ns")), _s([1], pl.Datetime("ns"))),
    differ(
        "a nanosecond inside a list counts",
        _s([[0]], pl.List(pl.Int64)).cast(pl.List(pl.Datetime("ns"))),
        _s([[1]], pl.List(pl.Int64)).cast(pl.List(pl.Datetime("ns"))),
    ),
    differ("moments are not their numbers", _s([5], pl.Int64).cast(pl.Datetime("us")), _s([5], pl.Int64)),
    differ("dates are not moments", _s([5], pl.Int32).cast(pl.Date), _s([5], pl.Int64).cast(pl.Datetime("us"))),
    differ("spans are not moments", _s([5], pl.Duration("us")), _s([5], pl.Datetime("us"))),
    differ("times are not spans", _s([5], pl.Int64).cast(pl.Time), _s([5], pl.Duration("ns"))),
    differ("where lists end counts", _s([[1, 2], [3]]), _s([[1], [2, 3]])),
    differ("an empty list is not null", _s([[1], []]), _s([[1], None])),
    differ("a list with a null is not an empty one", _s([[1], [None]]), _s([[1], []])),
    differ("lists of ints are not lists of floats", _s([[1]], pl.List(pl.Int64)), _s([[1]], pl.List(pl.Float64))),
    differ("empty lists of ints are not those of floats", _s([[]], pl.List(pl.Int64)), _s([[]], pl.List(pl.Float64))),
    differ(
        "lists of a fixed length are not others", _s([[1, 2]], pl.Array(pl.Int64, 2)), _s([[1, 2]], pl.List(pl.Int64))
    ),
    differ(
        "shapes of arrays count",
        _s([[[1, 2], [3, 4]]], pl.Array(pl.Int64, (2, 2))),
        _s([[1, 2, 3, 4]], pl.Array(pl.Int64, 4)),
    ),
    differ("a null array is not zeros", _s([None], pl.Array(pl.Int64, 2)), _s([[0, 0]], pl.Array(pl.Int64, 2))),
    differ("a struct of null is not null", _s([{"a": 1}, {"a": None}]), _s([{"a": 1}, None])),
    differ("a struct's fields have an order", _s([{"a": 1, "b": 1}]), _s([{"b": 1, "a": 1}])),
    differ("a struct's fields have types", _s([{"a": 1}]), _s([{"a": 1.0}])),
    differ("a struct's fields have names", _s([{"a": 1}]), _s([{"b": 1}])),
    differ("a dtype counts with its unit", pl.Datetime("us"), pl.Datetime("ns")),
    differ("a dtype inside a dtype counts", pl.List(pl.Int64), pl.List(pl.Int32)),
    differ(
        "a schema has an order",
        pl.Schema({"a": pl.Int64(), "b": pl.Int64()}),
        pl.Schema({"b": pl.Int64(), "a": pl.Int64()}),
    ),
    agree("chunks do not count", pl.concat([_frame[:1], _frame[1:]], rechunk=False), _frame),
    agree("a slice is its copy", _frame[1:], pl.DataFrame({"a": [2, 3], "b": [None, "z"]})),
    agree("a slice of lists is its copy", _lists[1:], _s([[], None, [2, 3]])),
    agree("a slice of Booleans is its copy", _s([True] * 9 + [False, True])[9:], _s([False, True])),
    agree("a query that was run is its frame", _frame.lazy().filter(pl.col("a") > 1).collect(), _frame[1:]),
]
