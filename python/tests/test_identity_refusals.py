"""What cannot be identified is refused, with where it stands, what it is and what to do."""

from __future__ import annotations

import collections
import contextvars
import datetime
import decimal
import functools
import io
import operator
import queue
import random
import re
import sys
import threading
import types
import weakref
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pydantic
import pytest

import persistable
from persistable import Persistable, PersistableParams, _core
from persistable.exceptions import UnsupportedParameterError


class Opaque:
    """Has no fields and no encoder."""


class MyInt(int):
    pass


class MyFloat(float):
    pass


class MyText(str):
    pass


class MyBytes(bytes):
    pass


class MyList(list):  # type: ignore[type-arg]
    pass


class MyTuple(tuple):  # type: ignore[type-arg]
    pass


class MyDict(dict):  # type: ignore[type-arg]
    pass


class MySet(set):  # type: ignore[type-arg]
    pass


class MyDate(datetime.date):
    pass


class MyDatetime(datetime.datetime):
    pass


class MyDecimal(decimal.Decimal):
    pass


class MyDeque(collections.deque):  # type: ignore[type-arg]
    pass


class MyArray(np.ndarray):  # type: ignore[type-arg]
    pass


class MyFrame(pd.DataFrame):
    pass


class MySeries(pl.Series):
    pass


@attrs.define
class AttrsDict(dict):  # type: ignore[type-arg]
    field: int = 0


class MyZone(datetime.tzinfo):
    """Has summer time."""

    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta:
        return datetime.timedelta(hours=1 if moment and 4 <= moment.month <= 10 else 0)


class LooksLikeAnEnum:
    name = "RED"
    value = 1


class LooksLikeAnArray:
    dtype = np.dtype("f8")
    shape = (1,)

    def __array__(self, *arguments: Any, **named: Any) -> Any:
        return np.zeros(1)


class Called:
    def __call__(self) -> int:
        return 1

    def method(self) -> int:
        return 1

    @classmethod
    def of_class(cls) -> int:
        return 1


class StepP(Persistable[int, Any]):
    pass


class Unmarked(PersistableParams):
    n: int


@dataclass
class Listed(PersistableParams):
    n: int = 1


class UnmarkedBelow(Listed):
    m: int = 2


@dataclass
class OneText(PersistableParams):
    verbose: bool = False
    _excluded_attributes = "verbose"  # type: ignore[assignment]


class OneTextInProperty(OneText):
    @property
    def _excluded_attributes(self) -> Any:  # type: ignore[override]
        return "verbose"

    def to_dict(self) -> dict[str, Any]:
        return {}


class HoldsALock(PersistableParams):
    def __init__(self) -> None:
        self._lock = threading.Lock()


def function() -> int:
    return 1


def _local_function() -> Any:
    def function() -> int:
        return 1

    return function


def _local_class() -> type:
    class Local:
        pass

    return Local


def _replaced() -> Any:
    def function() -> int:
        return 2

    function.__qualname__ = "function"
    return function


def _zone_without_name() -> ZoneInfo:
    with (resources.files("tzdata") / "zoneinfo" / "Europe" / "Berlin").open("rb") as file:
        return ZoneInfo.from_file(file)


def _cycle_of_lists() -> Any:
    cycle: list[Any] = []
    cycle.append([cycle])
    return cycle


def _cycle_of_dicts() -> Any:
    cycle: dict[str, Any] = {}
    cycle["self"] = {"inner": cycle}
    return cycle


def _cycle_of_deques() -> Any:
    cycle: Any = collections.deque()
    cycle.append([cycle])
    return cycle


def _cycle_of_namespaces() -> Any:
    cycle = types.SimpleNamespace()
    cycle.me = cycle
    return cycle


def _cycle_of_objects() -> Any:
    cycle = np.empty(1, object)
    cycle[0] = [cycle]
    return cycle


def _deep() -> Any:
    deep: Any = 0
    for _ in range(100_000):
        deep = [deep]
    return deep


REFUSED = {
    "an object": object(),
    "an instance of a class without fields": Opaque(),
    "a lambda": lambda: 1,
    "a function inside a function": _local_function(),
    "a function that its name does not find": _replaced(),
    "a class inside a function": _local_class(),
    "a class that its name does not find": type("Nowhere", (), {}),
    "a bound method": Called().method,
    "a method bound to a class": Called.of_class,
    "a bound method of a builtin": [].append,
    "an instance that can be called": Called(),
    "an operator with state": operator.itemgetter(1),
    "a partial of a lambda": functools.partial(lambda: 1),
    "a generator": (n for n in range(3)),
    "an iterator": iter([1, 2]),
    "a map": map(int, ["1"]),
    "a view of keys": {"a": 1}.keys(),
    "an open file": sys.stdout,
    "a file in memory": io.BytesIO(b"a"),
    "a lock": threading.Lock(),
    "a thread": threading.Thread(),
    "a queue": queue.Queue(),
    "a weak reference": weakref.ref(Opaque),
    "a module": sys,
    "a random generator": random.Random(1),
    "NumPy's random generator": np.random.default_rng(1),
    "a context variable": contextvars.ContextVar("v"),
    "an exception": ValueError("a"),
    "a match": re.match("a", "a"),
    "a subclass of int": MyInt(1),
    "a subclass of float": MyFloat(1),
    "a subclass of str": MyText("a"),
    "a subclass of bytes": MyBytes(b"a"),
    "a subclass of list": MyList([1]),
    "a subclass of tuple": MyTuple([1]),
    "a subclass of dict": MyDict(a=1),
    "a subclass of set": MySet([1]),
    "a subclass of date": MyDate(2024, 1, 1),
    "a subclass of datetime": MyDatetime(2024, 1, 1),
    "a subclass of Decimal": MyDecimal("1"),
    "a subclass of deque": MyDeque([1]),
    "a subclass of array": np.zeros(1).view(MyArray),
    "a matrix": np.zeros((1, 1)).view(np.matrix),
    "a subclass of frame": MyFrame({"a": [1]}),
    "a subclass of series": MySeries([1]),
    "a dict that has fields of attrs as well": AttrsDict(),
    "what looks like an enum": LooksLikeAnEnum(),
    "what looks like an array": LooksLikeAnArray(),
    "text with half a pair": "\ud800",
    "a path that is not Unicode": Path("a\udcff"),
    "a key with half a pair": {"\ud800": 1},
    "a signalling NaN": decimal.Decimal("sNaN"),
    "a zone without a name": _zone_without_name(),
    "a moment in a zone of one's own": datetime.datetime(2024, 1, 1, tzinfo=MyZone()),
    "a zone of one's own": MyZone(),
    "an offset of less than a second": datetime.datetime(
        2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(microseconds=1))
    ),
    "a view of numbers": memoryview(np.zeros(2)),
    "a long double": np.longdouble(1),
    "long doubles": np.zeros(1, np.longdouble),
    "complex long doubles": np.zeros(1, np.clongdouble),
    "raw bytes of NumPy": np.zeros(1, "V4"),
    "an array of lambdas": np.array([lambda: 1], object),
    "long doubles in a structure": np.zeros(1, [("a", np.longdouble)]),
    "a structure with a mask": np.ma.zeros(1, "i8,i8"),
    "a frame with a lambda": pd.DataFrame({"a": [lambda: 1]}),
    "a series with an opaque label": pd.Series([1], index=[Opaque()]),
    "a group": pd.DataFrame({"a": [1]}).groupby("a"),
    "a query of Polars": pl.LazyFrame({"a": [1]}),
    "an expression of Polars": pl.col("a"),
    "a union of Arrow": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
    "a step": StepP.__new__(StepP),
    "params without @dataclass": Unmarked(),
    "params without @dataclass below some with it": UnmarkedBelow(),
    "a text in place of a set of names": OneText(),
    "a text in place of a set of names, of a property": OneTextInProperty(),
    "a list within itself": _cycle_of_lists(),
    "a dict within itself": _cycle_of_dicts(),
    "a deque within itself": _cycle_of_deques(),
    "a namespace within itself": _cycle_of_namespaces(),
    "an array within itself": _cycle_of_objects(),
    "lists without end": _deep(),
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_identified_is_refused(value: Any) -> None:
    with pytest.raises(UnsupportedParameterError) as caught:
        _core.step_key("step", None, {"layers": [{"size": value}]}, [])
    message = str(caught.value)
    assert message.startswith("parameter `layers[0]['size']")
    assert " of type `" in message
    problem, _, advice = message.partition(": ")
    assert problem and advice
    assert " at 0x" not in message  # Never a `repr`.


@pytest.mark.parametrize("value", [Opaque(), MyInt(1), MyList(), MyArray(0), object.__new__(LooksLikeAnArray)])
def test_the_advice_names_the_way_to_register_an_encoder(value: Any) -> None:
    with pytest.raises(UnsupportedParameterError, match=rf"register_encoder\({type(value).__name__}, function\)"):
        _core.encode(value)


@dataclass
class Box:
    content: Any


@attrs.define
class AttrsBox:
    content: Any


class PydanticBox(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    content: Any


class NamedBox(NamedTuple):
    content: Any


OPAQUE = Opaque()
PATHS = {
    "content": [Box(OPAQUE), AttrsBox(OPAQUE), PydanticBox(content=OPAQUE), NamedBox(OPAQUE)],
    "content.content": [Box(AttrsBox(OPAQUE)), NamedBox(PydanticBox(content=OPAQUE))],
    "[1]": [[0, OPAQUE], (0, OPAQUE), collections.deque([0, OPAQUE]), np.array([0, OPAQUE], object)],
    "['k']": [{"k": OPAQUE}, collections.OrderedDict(k=OPAQUE), types.MappingProxyType({"k": OPAQUE})],
    "args[0]": [functools.partial(max, OPAQUE)],
    "keywords['key']": [functools.partial(max, key=OPAQUE)],
    "start": [slice(OPAQUE, None)],
    "a[1]": [pd.DataFrame({"a": [0, OPAQUE]}), pl.DataFrame({"a": pl.Series([0, OPAQUE], dtype=pl.Object)})],
    "_lock": [HoldsALock()],
    "index[0]": [pd.Series([1], index=pd.Index([OPAQUE]))],
}


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in PATHS.items() for value in values])
def test_a_refusal_says_where_in_the_value_it_is(path: str, value: Any) -> None:
    with pytest.raises(UnsupportedParameterError) as caught:
        _core.encode([value])
    separator = "" if path.startswith("[") else "."
    assert f"`[0]{separator}{path}`" in str(caught.value)


def test_an_encoder_is_registered_for_a_class_with_a_function() -> None:
    with pytest.raises(TypeError, match="registered for a class"):
        persistable.register_encoder("Opaque", str)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a function"):
        persistable.register_encoder(Opaque, "name")  # type: ignore[arg-type]


@pytest.mark.parametrize("cls", [object, int, bool, str, dict, list, type(None), np.ndarray])
def test_the_form_of_a_basic_type_is_fixed(cls: type) -> None:
    with pytest.raises(ValueError, match="is fixed"):
        persistable.register_encoder(cls, str)
