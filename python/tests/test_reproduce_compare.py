"""Two payloads are compared by value: what is equal, close, different, and what can't be compared."""

from __future__ import annotations

import datetime
import decimal
import functools
import math
import threading
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from typing import Any

import attrs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

from persistable._almost_equal import Tolerance
from persistable._reproduce._compare import Comparison, compare

NAN = math.nan


def compared(a: Any, b: Any) -> Comparison:
    return compare(a, b, Tolerance(1e-6, 1e-9))


@dataclass
class Data:
    x: Any
    cache: Any = field(default=None, compare=False)


@attrs.define
class Attrs:
    x: Any


class Model(pydantic.BaseModel):
    x: float


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x


class ByName:
    """Two are equal if their names are."""

    def __init__(self, name: str, x: Any) -> None:
        self.name, self.x = name, x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByName) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]


Named = namedtuple("Named", "x")

MAKERS = {
    "alone": lambda x: x,
    "list": lambda x: [0, x],
    "tuple": lambda x: (x,),
    "dict": lambda x: {"x": x},
    "defaultdict": lambda x: defaultdict(list, x=x),
    "named tuple": Named,
    "dataclass": Data,
    "attrs": Attrs,
    "pydantic": lambda x: Model(x=x),
    "plain": Plain,
    "slots": Slotted,
    "partial": lambda x: functools.partial(max, x),
    "array": lambda x: np.array([1.0, x]),
    "scalar": np.float64,
    "complex": lambda x: np.array([complex(1, x)]),
    "objects": lambda x: np.array([None, x], dtype=object),
    "structured": lambda x: np.array([(1, x)], dtype=[("n", "i4"), ("x", "f8")]),
    "masked": lambda x: np.ma.masked_array([1.0, x], mask=[True, False]),
    "pandas frame": lambda x: pd.DataFrame({"n": [1, 2], "x": [1.0, x]}, index=["a", "b"]),
    "pandas series": lambda x: pd.Series([1.0, x]),
    "pandas nullable": lambda x: pd.DataFrame({"x": pd.array([None, x], dtype="Float64")}),
    "pandas index": lambda x: pd.Index([1.0, x]),
    "polars frame": lambda x: pl.DataFrame({"x": [1.0, x]}),
    "polars with null": lambda x: pl.DataFrame({"x": [None, x]}),
    "polars nested": lambda x: pl.Series("x", [[1.0], [x]]),
    "arrow table": lambda x: pa.table({"x": [1.0, x]}),
    "arrow array": lambda x: pa.array([1.0, x]),
    "arrow with null": lambda x: pa.chunked_array([[1.0], [None, x]]),
}

maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@maker
def test_what_is_equal_is_equal(make: Any) -> None:
    for value in (0.5, NAN, math.inf):
        found = compared(make(value), make(value))
        assert found.verdict == "equal", found.differences


@maker
def test_what_differs_by_rounding_is_close_and_the_error_is_told(make: Any) -> None:
    found = compared(make(0.5), make(0.5 + 2**-40))
    assert found.verdict == "close", (found.differences, found.not_comparable)
    assert found.largest_absolute == 2**-40
    (difference,) = found.differences
    assert "0.5" in difference.what


@maker
def test_what_differs_is_different_and_the_place_is_told(make: Any) -> None:
    found = compared(make(0.5), make(0.75))
    assert found.verdict == "different"
    assert found.largest_absolute == 0.25
    (difference,) = found.differences
    assert "0.5" in difference.what and "0.75" in difference.what
    assert difference.path or make is MAKERS["alone"] or make is MAKERS["scalar"]


@maker
def test_no_number_is_near_to_what_is_not_one(make: Any) -> None:
    assert compared(make(0.5), make(NAN)).verdict == "different"
    assert compared(make(0.5), make(math.inf)).verdict == "different"


@pytest.mark.parametrize(
    ("a", "b", "path", "what"),
    [
        ([1, 2], [1, 2, 3], "", "2 members and 3 members"),
        ({"a": 1}, {"b": 1}, "['a']", "is persisted, and was not generated again"),
        ({"a": [1]}, {"a": [True]}, "['a'][0]", "type int and type bool"),
        (1, 1.0, "", "type int and type float"),
        ("a", "b", "", "'a' and 'b'"),
        ({"a", "b"}, {"a", "c"}, "", "only persisted: 'b'; only generated: 'c'"),
        (np.zeros(2), np.zeros(3), "", "shape (2,) and shape (3,)"),
        (np.zeros(2), np.zeros(2, dtype="f4"), "", "dtype float64 and dtype float32"),
        (np.arange(6).reshape(2, 3), np.array([[0, 1, 2], [3, 9, 5]]), "[1, 1]", "4 and 9 (1 of 6 elements)"),
        (np.array(["a"]), np.array(["b"]), "[0]", "a and b"),
        (Plain([1]), Plain([2]), ".x[0]", "1 and 2"),
        (OrderedDict(a=1, b=2), OrderedDict(b=2, a=1), "", "the entries have another order"),
        (max, min, "", "'max' and 'min'"),
        (
            datetime.date(2026, 1, 1),
            datetime.date(2026, 1, 2),
            "",
            "datetime.date(2026, 1, 1) and datetime.date(2026, 1, 2)",
        ),
        (pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["y"]}), "['a'][0]", "'x' and 'y'"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}), ".columns[0]", "'a' and 'b'"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}), ".index", "1 rows and 2 rows"),
        (pl.DataFrame({"a": ["x"]}), pl.DataFrame({"a": ["y"]}), "['a'][0]", "'x' and 'y'"),
        (pa.table({"a": ["x"]}), pa.table({"a": ["y"]}), "['a'][0]", "'x' and 'y'"),
    ],
)
def test_differences_say_where_and_what(a: Any, b: Any, path: str, what: str) -> None:
    found = compared(a, b)
    assert found.verdict == "different"
    assert (found.differences[0].path, found.differences[0].what) == (path, what)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1, 2}, {2, 1}),
        (decimal.Decimal("NaN"), decimal.Decimal("NaN")),
        (Data(1, cache="a"), Data(1, cache="b")),
        (ByName("a", 1), ByName("a", 2)),
        (np.array(["NaT"], dtype="M8[s]"), np.array(["NaT"], dtype="M8[s]")),
        (np.random.default_rng(1), np.random.default_rng(1)),
        (np.array([], dtype="f8"), np.array([], dtype="f8")),
        (np.array(1.0), np.array(1.0)),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), np.ma.masked_array([5.0, 2.0], mask=[True, False])),
    ],
)
def test_what_a_type_calls_equal_is_equal(a: Any, b: Any) -> None:
    assert compared(a, b).verdict == "equal"


def test_values_that_refer_to_themselves_are_compared() -> None:
    a: list[Any] = [1]
    b: list[Any] = [1]
    a.append(a)
    b.append(b)
    assert compared(a, b).verdict == "equal"
    b[0] = 2
    assert compared(a, b).verdict == "different"


def test_what_is_nested_without_end_is_not_comparable() -> None:
    def nested() -> list[Any]:
        value: list[Any] = []
        for _ in range(100_000):
            value = [value]
        return value

    assert compared(nested(), nested()).verdict == "not comparable"


def test_what_has_no_value_is_not_comparable_and_its_place_is_told() -> None:
    found = compared([1, threading.Lock()], [1, threading.Lock()])
    assert found.verdict == "not comparable"
    assert found.not_comparable == ["[1]: type _thread.lock has no == of its own, and no attributes"]
    assert compared({Plain(1)}, {Plain(1)}).verdict == "not comparable"
    assert compared([1, threading.Lock()], [2, threading.Lock()]).verdict == "different"


def test_rounding_in_single_precision_is_close() -> None:
    a = np.array([1.0], dtype="f4")
    assert compared(a, np.nextafter(a, np.float32(2))).verdict == "close"
    assert compared(a, a * np.float32(1.01)).verdict == "different"


def test_large_arrays_are_compared_in_whole() -> None:
    a = np.zeros(3_000_000)
    b = a.copy()
    b[2_999_999] = 1
    (difference,) = compared(a, b).differences
    assert str(difference) == "[2999999]: 0.0 and 1.0 (1 of 3000000 elements)"


def test_many_that_are_only_close_are_close() -> None:
    a, b = ([Model(x=number + error) for number in range(1, 100)] for error in (0.0, 2**-40))
    assert compared(a, b).verdict == "close"


def test_many_differences_are_not_all_kept() -> None:
    found = compared(list(range(1000)), list(range(1, 1001)))
    assert 0 < len(found.differences) < 100
