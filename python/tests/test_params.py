"""Params as dicts: what they show, how they compare, what they hash to."""

from __future__ import annotations

import copy
import functools
import math
from dataclasses import FrozenInstanceError, dataclass, field
from enum import Enum, Flag
from pathlib import Path, PurePosixPath
from typing import Any, Callable

import numpy as np
import pandas as pd
import polars as pl
import pytest

from persistable import PersistableParams
from persistable.data import PersistableParam
from persistable.exceptions import UnsupportedParameterError
from persistable.io import DictEncodable


class Color(Enum):
    RED = 1


class Rights(Flag):
    READ = 1
    WRITE = 2


@dataclass
class Inner(PersistableParams):
    depth: int = 3
    place: Path = Path("a/b")


@dataclass
class Outer(PersistableParams):
    name: str
    color: Color = Color.RED
    inner: Inner = field(default_factory=Inner)
    values: Any = None


# --- to_dict ----------------------------------------------------------------------------------------------------------


def test_fields_are_shown_with_paths_as_text_members_by_name_and_nested_objects_as_dicts() -> None:
    shown = Outer("x").to_dict()
    assert shown == {"name": "x", "color": "RED", "inner": {"depth": 3, "place": "a/b"}, "values": None}
    assert list(shown) == ["name", "color", "inner", "values"]


def test_the_same_goes_for_values_in_containers() -> None:
    values = [Path("a"), (Color.RED, {"k": Inner(1)}), {PurePosixPath("b")}]
    assert Outer("x", values=values).to_dict()["values"] == ["a", ("RED", {"k": {"depth": 1, "place": "a/b"}}), {"b"}]


def test_containers_are_copied() -> None:
    params = Outer("x", values=[1])
    params.to_dict()["values"].append(2)
    assert params.values == [1]


def test_subclasses_of_containers_are_left_as_they_are() -> None:
    class Special(dict):  # type: ignore[type-arg]
        pass

    special = Special(a=Path("b"))
    assert Outer("x", values=special).to_dict()["values"] is special


def test_combined_flags_have_a_text() -> None:
    assert isinstance(Outer("x", values=Rights.READ | Rights.WRITE).to_dict()["values"], str)


def test_what_is_no_dataclass_shows_its_public_attributes() -> None:
    class Model(DictEncodable):
        def __init__(self) -> None:
            self.size, self._cache = 3, {}  # type: ignore[var-annotated]

        @functools.cached_property
        def slow(self) -> int:
            return 5

    model = Model()
    assert model.slow == 5
    assert model.to_dict() == {"size": 3}


def test_attributes_that_are_set_later_are_shown_beside_the_fields() -> None:
    inner = Inner()
    inner.extra = 4  # type: ignore[attr-defined]
    assert inner.to_dict() == {"depth": 3, "place": "a/b", "extra": 4}


def test_slots_are_attributes() -> None:
    class Slotted(DictEncodable):
        __slots__ = ("size",)

    slotted = Slotted()
    slotted.size = 2  # type: ignore[misc]
    assert slotted.to_dict() == {"size": 2}


def test_excluded_attributes_are_left_out() -> None:
    @dataclass
    class Params(PersistableParams):
        n: int
        threads: int

        @property
        def _excluded_attributes(self) -> set[str]:
            return {"threads"}

    assert Params(1, 8).to_dict() == {"n": 1}
    assert Params(1, 8).get_md5_hash() == Params(1, 9).get_md5_hash()


def test_encoders_of_types_come_first_and_go_by_the_mro() -> None:
    class Base:
        pass

    class Derived(Base):
        pass

    @dataclass
    class Params(PersistableParams):
        a: Any

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {Base: lambda value: "base", Path: lambda path: path.name, Inner: lambda inner: inner.depth}

    assert Params(Derived()).to_dict() == {"a": "base"}
    assert Params(Path("x/y")).to_dict() == {"a": "y"}
    assert Params([Inner(7)]).to_dict() == {"a": [7]}


def test_the_nearest_class_of_the_mro_decides() -> None:
    @dataclass
    class Params(PersistableParams):
        a: Any

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {object: lambda value: "object", int: lambda value: "int", bool: lambda value: "bool"}

    assert [Params(value).to_dict()["a"] for value in (True, 1, "x")] == ["bool", "int", "object"]


def test_a_wrapped_param_shows_its_value() -> None:
    params = Outer("x", values=PersistableParam(Path("p"), exclude_from_file_hash=True))
    assert params.to_dict()["values"] == "p"


# --- params -----------------------------------------------------------------------------------------------------------


def test_params_may_be_frozen() -> None:
    @dataclass(frozen=True)
    class Frozen(PersistableParams):
        n: int

    assert {Frozen(1): "x"}[Frozen(1)] == "x"
    with pytest.raises(FrozenInstanceError):
        Frozen(1).n = 2  # type: ignore[misc]


def test_params_without_fields_are_equal() -> None:
    assert PersistableParams() == PersistableParams()
    assert PersistableParams() != Inner()
    assert repr(PersistableParams()) == "PersistableParams()"


def test_params_with_arrays_compare_by_what_identifies_them() -> None:
    class Grid(PersistableParams):
        def __init__(self, points: Any, _note: str = "") -> None:
            self.points, self._note = points, _note

    for points in (np.zeros(3), np.empty(0), [np.zeros(3)], pd.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [1, 2]})):
        assert Grid(points) == Grid(copy.deepcopy(points))
        assert Grid(points) != Grid(np.ones(3))
        assert PersistableParam(points) == PersistableParam(copy.deepcopy(points))
    assert Grid(1) == Grid(1.0) == Grid(np.float64(1)) != Grid(2)
    assert Grid(1, "a") != Grid(1, "b")
    assert Grid(object()) != Grid(object())


def test_sets_whose_members_become_dicts_become_lists() -> None:
    @dataclass(frozen=True)
    class Place(DictEncodable):
        name: str

    shown = Outer("x", values={Place("b"), Place("a")}).to_dict()["values"]
    assert shown == [{"name": "a"}, {"name": "b"}]
    assert Outer("x", values=frozenset({Path("a")})).to_dict()["values"] == frozenset({"a"})


def test_a_wrapped_param_can_be_a_default_and_compares() -> None:
    @dataclass
    class Params(PersistableParams):
        threads: PersistableParam[int] = PersistableParam(8, exclude_from_file_hash=True)  # noqa: RUF009

    assert Params().threads.param == 8
    assert PersistableParam(8) == PersistableParam(8) != PersistableParam(8, True)
    assert "8" in repr(PersistableParam(8))


# --- hashes -----------------------------------------------------------------------------------------------------------


def test_the_text_is_that_of_the_dict() -> None:
    assert Inner(1).get_str_repr() == "{'depth': 1, 'place': 'a/b'}"


def test_equal_params_have_equal_hashes_whatever_the_order() -> None:
    first, second = Outer("x", values={"a": 1, "b": {2, 3}}), Outer("x", values={"b": {3, 2}, "a": 1})
    assert first.get_md5_hash() == second.get_md5_hash()
    assert len(first.get_md5_hash()) == 32
    int(first.get_md5_hash(), 16)


def test_other_params_have_other_hashes_even_when_they_print_alike() -> None:
    zeros, other = np.zeros(10_000), np.zeros(10_000)
    other[5000] = 1
    hashes = {Outer("x", values=value).get_md5_hash() for value in (1, 1.0, "1", True, [1], (1,), zeros, other)}
    assert len(hashes) == 8


def test_what_has_no_content_to_compare_has_no_hash() -> None:
    with pytest.raises(UnsupportedParameterError):
        Outer("x", values=object()).get_md5_hash()


# --- dict_almost_equal ------------------------------------------------------------------------------------------------

almost_equal = DictEncodable.dict_almost_equal
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"a": 1.0}, {"a": 1.0 + 1e-9}),
        ({"a": NAN}, {"a": NAN}),
        ({"a": INF}, {"a": INF}),
        ({"a": 1}, {"a": 1.0000001}),
        ({"a": {"b": 1.0}}, {"a": {"b": 1.0 + 1e-9}}),
        ({"a": [1.0, "x", (NAN,)]}, {"a": [1.0 + 1e-9, "x", (NAN,)]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": np.array([1.0, NAN])}, {"a": np.array([1.0 + 1e-9, NAN])}),
        ({"a": np.array([1, 2])}, {"a": np.array([1.0, 2.0])}),
        ({"a": np.array(["x"])}, {"a": np.array(["x"])}),
        ({"a": np.array([{"x": 1.0}], dtype=object)}, {"a": np.array([{"x": 1.0}], dtype=object)}),
        ({"a": np.float32(0.1)}, {"a": 0.1}),
        ({"a": 1j}, {"a": 1j + 1e-9}),
        ({"a": pd.DataFrame({"x": [1, 2]})}, {"a": pd.DataFrame({"x": [1, 2]})}),
        ({"a": 10**400}, {"a": 10**400}),
    ],
)
def test_dicts_that_are_almost_equal(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert almost_equal(first, second)
    assert almost_equal(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": 1}, {}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1.0}, {"a": 1.1}),
        ({"a": NAN}, {"a": 1.0}),
        ({"a": INF}, {"a": 1e308}),
        ({"a": INF}, {"a": -INF}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 10**12}, {"a": 10**12 + 1}),
        ({"a": 10**400}, {"a": 1.0}),
        ({"a": [1.0]}, {"a": [1.0, 2.0]}),
        ({"a": [1.0]}, {"a": (1.0,)}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        ({"a": {"b": 1}}, {"a": 1}),
        ({"a": np.zeros(3)}, {"a": np.zeros((1, 3))}),
        ({"a": np.zeros(1)}, {"a": 0.0}),
        ({"a": np.array([1.0, 2.0])}, {"a": np.array([1.0, 2.1])}),
        ({"a": np.array([INF])}, {"a": np.array([1.0])}),
        ({"a": np.array(["x"])}, {"a": np.array(["y"])}),
        ({"a": pd.DataFrame({"x": [1, 2]})}, {"a": pd.DataFrame({"x": [1, 3]})}),
    ],
)
def test_dicts_that_are_not(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert not almost_equal(first, second)
    assert not almost_equal(second, first)


def test_the_tolerances_count() -> None:
    assert almost_equal({"a": 1.0}, {"a": 1.1}, rtol=0.2)
    assert almost_equal({"a": 0.0}, {"a": 0.1}, atol=0.2)
    assert not almost_equal({"a": 0.0}, {"a": 1e-9}, atol=0.0)


def test_verbose_says_where_the_difference_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert not almost_equal({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, verbose=True)
    assert "['a']['b'][1]" in capsys.readouterr().out
    assert not almost_equal({"a": 1}, {"a": 2})
    assert capsys.readouterr().out == ""
