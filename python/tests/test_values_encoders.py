"""Encoders that an object brings or that are registered, and what can be params."""

from __future__ import annotations

import collections
from dataclasses import dataclass, make_dataclass
from typing import Any, Callable

import numpy as np
import pytest
from value_support import Encoding, Layer, fields_of, json_of, refusal_of

from persistable import PersistableParams, register_encoder
from persistable._core import Value, encode, forget_encoders, step_key
from persistable.exceptions import UnsupportedParameterError


def test_encoders_of_an_object_hold_for_all_inside_its_fields() -> None:
    assert fields_of(Encoding(np.array([1.5]))) == {"value": {"list": [{"float": 1.5}]}}
    assert fields_of(Encoding(["a", {"b": ("c",)}]))["value"] == json_of(["A", {"B": ("C",)}])
    assert fields_of(Encoding(Layer("a")))["value"]["record"]["fields"] == {"size": {"text": "A"}}
    # By the order of the value's bases, and once: what is returned is final.
    assert fields_of(Encoding(True)) == {"value": {"int": 2}}
    assert json_of([Encoding("a"), "a"])["list"][1] == {"text": "a"}


def test_encoders_of_an_object_do_not_reach_one_that_brings_its_own() -> None:
    @dataclass
    class Inner(PersistableParams):
        value: Any = None

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {}

    assert fields_of(Encoding([Inner("a"), "a"]))["value"]["list"][0]["record"]["fields"] == {"value": {"text": "a"}}
    assert fields_of(Encoding([Inner("a"), "a"]))["value"]["list"][1] == {"text": "A"}


def test_an_identity_asked_for_within_a_conversion_is_not_changed_by_it() -> None:
    alone = step_key("a", None, {"n": "text"}, [])[1]
    keys = []

    class Asking:
        def __persistable_value__(self) -> object:
            keys.append(step_key("a", None, {"n": "text"}, [])[1])
            return 1

    encode(Encoding([Asking()]))
    assert keys == [alone]


def test_an_encoder_that_is_registered_later_is_used_from_then_on() -> None:
    class Late: ...

    refusal_of(Late())
    register_encoder(Late, lambda late: "first")
    assert fields_of(Late()) == {"value": {"text": "first"}}
    register_encoder(Late, lambda late: "second")
    assert fields_of(Late()) == {"value": {"text": "second"}}


def test_classes_without_end_are_told_apart_and_not_all_kept() -> None:
    import gc
    import weakref

    forget_encoders()
    first = make_dataclass("First", ["n"])
    encode(first(1))
    gone = weakref.ref(first)
    del first
    for n in range(1500):
        cls = make_dataclass(f"C{n}", [f"f{n}"])
        assert json_of(cls(n)) == {"record": {"type": f"C{n}", "fields": {f"f{n}": {"int": n}}}}
    del cls
    gc.collect()
    assert gone() is None


# A step's params


def test_params_are_told_by_their_fields_and_not_by_their_type() -> None:
    @dataclass
    class Params(PersistableParams):
        size: int = 3

    pair = collections.namedtuple("pair", ["size"])
    key = step_key("a", None, {"size": 3}, [])
    for params in (Params(), Layer(3), pair(3), collections.OrderedDict(size=3), Value.record("x", [("size", 3)])):
        assert step_key("a", None, params, []) == key
    assert step_key("a", None, None, []) == step_key("a", None, {}, [])
    both = collections.OrderedDict(size=3, rate=1)
    assert step_key("a", None, both, []) == step_key("a", None, {"rate": 1, "size": 3}, [])
    both.move_to_end("size")
    assert step_key("a", None, both, []) == step_key("a", None, {"rate": 1, "size": 3}, [])


def test_a_registered_encoder_also_makes_params() -> None:
    @dataclass
    class Registered(PersistableParams):
        n: int = 1

    register_encoder(Registered, lambda params: params.n)
    assert step_key("a", None, Registered(2), []) == step_key("a", None, {"value": 2}, [])


@pytest.mark.parametrize(
    "params", [5, "a", [1], object(), {1: 2}, collections.deque(), np.zeros(2), lambda: 1, int, Layer]
)
def test_what_has_no_named_fields_cannot_be_params(params: object) -> None:
    with pytest.raises(UnsupportedParameterError):
        step_key("a", None, params, [])
