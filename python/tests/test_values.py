"""How Python objects become parameter values: kinds, refusals, nesting, several threads."""

from __future__ import annotations

import collections
import threading
import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from value_support import Encoding, Layer, json_of, nested, refusal_of

import persistable
from persistable import PersistableParams, register_encoder
from persistable._core import Value, encode
from persistable.exceptions import UnsupportedParameterError

# Plain values


@pytest.mark.parametrize(
    ("obj", "form"),
    [
        (None, {"null": None}),
        (True, {"bool": True}),
        (0, {"int": 0}),
        (-(2**63), {"int": str(-(2**63))}),
        (2**63, {"int": str(2**63)}),
        (-(2**200), {"int": str(-(2**200))}),
        (10**400, {"int": str(10**400)}),
        (1.5, {"float": 1.5}),
        (float("-inf"), {"float": "-inf"}),
        (1j, {"complex": [0.0, 1.0]}),
        ("", {"text": ""}),
        ("é🙂\0", {"text": "é🙂\0"}),
        (b"\0\xff", {"bytes": "00ff"}),
        ([1, (2,)], {"list": [{"int": 1}, {"tuple": [{"int": 2}]}]}),
        ({1: "a"}, {"map": [[{"int": 1}, {"text": "a"}]]}),
        ({3}, {"set": [{"int": 3}]}),
        (frozenset({3}), {"set": [{"int": 3}]}),
        ([], {"list": []}),
    ],
)
def test_a_plain_value_has_the_form_of_its_kind(obj: object, form: Any) -> None:
    assert json_of(obj) == form


def test_every_integer_has_its_own_bytes_around_the_limits_of_machine_words() -> None:
    numbers = [
        sign * (2**bits + step) for bits in (7, 31, 32, 63, 64, 127, 128) for step in (-1, 0, 1) for sign in (1, -1)
    ]
    assert [json_of(number)["int"] for number in numbers] == [
        number if abs(number) < 2**53 else str(number) for number in numbers
    ]


@pytest.mark.parametrize("text", ["\ud800", "a\udcff", "\udfff\ud800"])
def test_text_that_is_not_unicode_is_refused_wherever_it_stands(text: str) -> None:
    for obj, path in ((text, ""), ([text], "[0]"), ({text: 1}, f"[{text!r}]"), ({"k": {text}}, f"['k'][{text!r}]")):
        error = refusal_of(obj)
        assert error.parameter == path  # type: ignore[attr-defined]
        assert "surrogate" in str(error)


def test_order_of_dicts_and_sets_does_not_matter_and_that_of_lists_does() -> None:
    assert encode({"a": 1, 2: "b"}) == encode({2: "b", "a": 1})
    assert encode({"x", "y", 1}) == encode({1, "y", "x"})
    assert encode([1, 2]) != encode([2, 1])


class MyInt(int): ...


class MyStr(str): ...


class MyDict(dict): ...  # type: ignore[type-arg]


class MyList(list): ...  # type: ignore[type-arg]


class MyArray(np.ndarray): ...


@pytest.mark.parametrize("obj", [MyInt(1), MyStr("a"), MyDict(a=1), MyList([1]), np.zeros(2).view(MyArray)])
def test_a_subclass_is_not_taken_for_its_base(obj: object) -> None:
    assert f"persistable.register_encoder({type(obj).__name__}, function)" in str(refusal_of(obj))


# Paths in refusals


@dataclass
class Model(PersistableParams):
    layers: Any = None
    _hidden: Any = None


@pytest.mark.parametrize(
    ("obj", "path"),
    [
        (object(), ""),
        ([0, object()], "[1]"),
        ((0, [object()]), "[1][0]"),
        ({"a": object()}, "['a']"),
        ({1: {None: object()}}, "[1][None]"),
        ({(1, 2): object()}, "[tuple]"),
        ({"k" * 60: object()}, "['" + "k" * 39 + "…]"),
        (Model(layers=[Layer(1), Layer({"w": object()})]), "layers[1].size['w']"),
        (Model(_hidden=object()), "_hidden"),
        (collections.deque([0, object()]), "[1]"),
        (types.MappingProxyType({"a": [object()]}), "['a'][0]"),
        (np.array([0, [object()]], dtype=object), "[1][0]"),
    ],
)
def test_a_refusal_says_where_the_value_stands(obj: object, path: str) -> None:
    error = refusal_of(obj)
    where = f"parameter `{path}` " if path else "a parameter "
    assert error.parameter == path  # type: ignore[attr-defined]
    assert str(error).startswith(f"{where}of type `object` has no canonical form: register an encoder")


def test_a_type_is_named_with_its_module() -> None:
    class Socket: ...

    assert f"of type `{Socket.__module__}.{Socket.__qualname__}`" in str(refusal_of(Socket()))


def test_an_exception_of_an_encoder_passes_through_with_the_path_as_a_note() -> None:
    class Reading:
        def __persistable_value__(self) -> object:
            raise KeyError("sensor")

    with pytest.raises(KeyError, match="sensor") as caught:
        encode({"a": [1, collections.deque([0, Reading()])]})
    if hasattr(caught.value, "__notes__"):
        assert caught.value.__notes__ == ["while converting parameter `['a'][1][1]`"]


def test_a_step_is_no_parameter() -> None:
    class Points(persistable.Persistable[int, None]): ...

    step: Any = Points.__new__(Points)
    for obj, path in ((step, ""), ({"a": [step]}, "['a'][0]")):
        error = refusal_of(obj)
        assert error.parameter == path  # type: ignore[attr-defined]
        assert "pass it as an argument of its own" in str(error)


# Cycles and depth


def test_an_object_that_contains_itself_is_refused() -> None:
    a_list: list[Any] = []
    a_list.append(a_list)
    a_dict: dict[str, Any] = {}
    a_dict["x"] = [a_dict]
    a_deque: Any = collections.deque()
    a_deque.append({"k": a_deque})
    a_proxy: dict[str, Any] = {}
    a_proxy["x"] = types.MappingProxyType(a_proxy)
    a_model = Model()
    a_model.layers = (a_model,)
    an_array = np.empty(1, dtype=object)
    an_array[0] = an_array
    for obj in (a_list, a_dict, a_deque, a_proxy, a_model, an_array):
        assert "contains itself" in str(refusal_of(obj))


def test_the_same_object_in_two_places_is_no_cycle() -> None:
    shared = [1]
    assert encode([shared, {"k": shared}, (shared,)]) == encode([[1], {"k": [1]}, ([1],)])


def test_values_nest_as_deep_as_the_specification_says_and_no_deeper() -> None:
    assert encode(nested(128, 1)).kind() == "list"
    assert encode(nested(128, [])).kind() == "list"
    for obj in (nested(129, 1), nested(129, []), nested(100_000, 1)):
        assert "nested more than 128 deep" in str(refusal_of(obj))


def test_values_made_by_encoders_nest_no_deeper_either() -> None:
    value = Value.null()
    for _ in range(127):
        value = Value.list_([value])
    with pytest.raises(UnsupportedParameterError, match="nested more than 128 deep"):
        Value.tuple_([value])
    with pytest.raises(UnsupportedParameterError, match="nested more than 128 deep"):
        encode([value])


def test_encoders_without_end_are_refused_also_on_a_small_stack() -> None:
    class Chain: ...

    register_encoder(Chain, lambda chain: Chain())
    errors: list[UnsupportedParameterError] = []
    earlier = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(
            target=lambda: errors.extend([refusal_of(Chain()), refusal_of(nested(5000, Chain()))])
        )
        thread.start()
        thread.join()
    finally:
        threading.stack_size(earlier)
    assert ["nested more than 128 deep" in str(error) for error in errors] == [True, True]


def test_an_encoder_that_returns_its_argument_is_refused() -> None:
    class Same: ...

    register_encoder(Same, lambda same: same)
    assert "contains itself" in str(refusal_of([Same()]))


# Threads


def test_what_other_threads_change_meanwhile_does_no_harm() -> None:
    a_list: list[int] = list(range(100))
    a_dict = {n: [n] for n in range(100)}
    a_set = set(range(100))
    model: Any = Model(layers=[a_list, a_dict, a_set])
    is_over = threading.Event()

    def change() -> None:
        n = 1000
        while not is_over.is_set():
            a_list.append(n)
            a_dict[n] = [n]
            a_set.add(n)
            setattr(model, f"a{n % 50}", n)
            n += 1
            if n % 100 == 0:
                del a_list[50:]
                for odd in [key for key in list(a_dict) if key > 100]:
                    del a_dict[odd]
                a_set.difference_update(range(100, n))
                for name in [name for name in list(vars(model)) if name.startswith("a")]:
                    delattr(model, name)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            assert encode(model).kind() == "record"
    finally:
        is_over.set()
        thread.join()


def test_conversions_in_many_threads_do_not_disturb_each_other() -> None:
    expected = encode(Encoding(["a", {"b": 1}]))
    plain = encode(["a", {"b": 1}])
    results: list[bool] = []

    def convert() -> None:
        for _ in range(200):
            results.append(encode(Encoding(["a", {"b": 1}])) == expected and encode(["a", {"b": 1}]) == plain)

    threads = [threading.Thread(target=convert) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 800
    assert all(results)
