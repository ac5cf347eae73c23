"""Python objects become values: what the compiled module converts by itself, and what it says about the rest."""

from __future__ import annotations

import collections
import functools
import json
import struct
import threading
import types
from dataclasses import InitVar, dataclass, field, make_dataclass
from typing import Any, Callable, ClassVar, Generic, TypeVar

import numpy as np
import pytest

import persistable
from persistable import PersistableParams, register_encoder
from persistable._core import Value, encode, forget_encoders, step_key
from persistable.data import PersistableParam
from persistable.exceptions import UnsupportedParameterError
from persistable.io import DictEncodable


def json_of(obj: object) -> Any:
    return json.loads(encode(obj).to_json())


def fields_of(obj: object) -> dict[str, Any]:
    fields: dict[str, Any] = json_of(obj)["record"]["fields"]
    return fields


def refusal_of(obj: object) -> UnsupportedParameterError:
    with pytest.raises(UnsupportedParameterError) as caught:
        encode(obj)
    return caught.value


def nested(levels: int, innermost: object) -> object:
    for _ in range(levels - 1):
        innermost = [innermost]
    return innermost


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
class Layer(PersistableParams):
    size: Any = None


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
        assert "pass it in tracked_persistable_dependencies" in str(error)


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


# Fields


def test_a_dataclass_consists_of_all_its_fields_and_of_what_else_is_public() -> None:
    @dataclass
    class Wide:
        shown: int = 1
        _private: int = 2
        derived: int = field(init=False, compare=False, repr=False, default=3)
        constant: ClassVar[int] = 4
        seed: InitVar[int] = 5

        @functools.cached_property
        def area(self) -> int:
            return 6

    wide: Any = Wide()
    assert list(fields_of(wide)) == ["shown", "_private", "derived"]
    wide.added, wide._cache = "more", "none of it"
    assert wide.area == 6
    assert fields_of(wide)["added"] == {"text": "more"}
    assert list(fields_of(wide)) == ["shown", "_private", "derived", "added"]


def test_slots_are_read_as_fields_are() -> None:
    class Base:
        __slots__ = ("extra",)

    @dataclass
    class Slotted(Base):
        __slots__ = ("a",)
        a: int

    slotted: Any = Slotted(1)
    assert fields_of(slotted) == {"a": {"int": 1}}
    slotted.extra = 2
    assert fields_of(slotted) == {"a": {"int": 1}, "extra": {"int": 2}}


def test_a_property_stands_for_the_entry_it_hides() -> None:
    @dataclass
    class Shadowed:
        a: int = 1

    class Doubled(Shadowed):
        @property
        def a(self) -> int:
            return 2 * int(self.__dict__["a"])

        @a.setter
        def a(self, value: int) -> None:
            self.__dict__["a"] = value

    assert fields_of(Doubled(4)) == {"a": {"int": 8}}


def test_a_field_that_was_deleted_has_its_default_or_is_refused() -> None:
    @dataclass
    class Deleted:
        with_default: int = 1
        without: list[int] = field(default_factory=list)

    deleted = Deleted(with_default=5)
    del deleted.with_default
    assert fields_of(deleted)["with_default"] == {"int": 1}
    del deleted.without
    assert "has no value in its field `without`" in str(refusal_of(deleted))


def test_fields_do_not_hide_the_content_of_a_base_that_has_some() -> None:
    @dataclass
    class Counted(dict):  # type: ignore[type-arg]
        n: int = 0

    @dataclass
    class FailedError(Exception):
        n: int = 0

    T = TypeVar("T")

    @dataclass
    class Generic1(Generic[T]):
        n: int = 0

    for obj in (Counted(), FailedError()):
        assert "whose content they do not tell" in str(refusal_of(obj))
    assert fields_of(Generic1[int](1)) == {"n": {"int": 1}}


def test_params_with_annotations_but_without_dataclass_are_refused() -> None:
    class Forgotten(PersistableParams):
        n: int = 1

    class Below(Forgotten):
        pass

    class Constant(PersistableParams):
        n: ClassVar[int] = 1

    @dataclass
    class Decorated(Forgotten):
        m: int = 1

    class Mixin:
        def __init__(self) -> None: ...

    class Mixed(Mixin, Forgotten): ...

    for obj in (Forgotten(), Below(), Decorated(), Mixed()):
        assert "decorate that class with @dataclass" in str(refusal_of(obj))
    assert fields_of(Constant()) == {}


def test_params_with_an_init_of_their_own_need_no_dataclass() -> None:
    class Written(PersistableParams):
        n: int
        unset: int = 7

        def __init__(self, n: int) -> None:
            self.n = n

    class Below(Written):
        m: int = 3

    assert fields_of(Written(1)) == fields_of(Below(1)) == {"n": {"int": 1}}


def test_a_class_may_become_a_dataclass_after_it_was_refused() -> None:
    class Late(PersistableParams):
        n: int = 1

    assert "decorate that class with @dataclass" in str(refusal_of(Late()))
    dataclass(Late)
    assert fields_of(Late(5)) == {"n": {"int": 5}}  # type: ignore[call-arg]


def test_what_is_put_on_a_class_counts_from_then_on() -> None:
    class Base(PersistableParams):
        pass

    @dataclass
    class Late(Base):
        n: int = 1
        log: str = "a"

    def fields() -> dict[str, Any]:
        return fields_of(Late())

    both = {"n": {"int": 1}, "log": {"text": "a"}}
    assert fields() == both
    Base._excluded_attributes = {"log"}  # type: ignore[assignment,method-assign]
    assert fields() == {"n": {"int": 1}}
    Late._excluded_attributes = {"n"}  # type: ignore[assignment,method-assign]
    assert fields() == {"log": {"text": "a"}}
    del Late._excluded_attributes, Base._excluded_attributes
    assert fields() == both
    Late._renamed_attributes = {"n": "m"}  # type: ignore[attr-defined]
    assert fields() == {"m": {"int": 1}, "log": {"text": "a"}}
    del Late._renamed_attributes  # type: ignore[attr-defined]
    Late._added_with_defaults = {"n": 1}  # type: ignore[attr-defined]
    assert fields() == {"log": {"text": "a"}}
    del Late._added_with_defaults  # type: ignore[attr-defined]
    Late._custom_type_encoder_map = {str: len}  # type: ignore[assignment,method-assign]
    assert fields() == {"n": {"int": 1}, "log": {"int": 1}}
    Late.to_dict = lambda self: {"x": 1}  # type: ignore[method-assign]
    assert fields() == {"x": {"int": 1}}
    del Late.to_dict, Late._custom_type_encoder_map
    assert fields() == both
    Late._type_name = "Early"  # type: ignore[attr-defined]
    assert json_of(Late())["record"]["type"] == "Early"
    Late._type_name = "Other"  # type: ignore[attr-defined]
    assert json_of(Late())["record"]["type"] == "Other"


def test_what_takes_the_place_of_another_attribute_of_a_class_is_seen() -> None:
    @dataclass
    class Late(PersistableParams):
        n: int = 1
        log: str = "a"
        other: ClassVar[int] = 1

    assert list(fields_of(Late())) == ["n", "log"]
    del Late.other
    Late._excluded_attributes = {"log"}  # type: ignore[assignment,method-assign]
    assert list(fields_of(Late())) == ["n"]
    Late.extra = 3  # type: ignore[attr-defined]
    Late.__annotations__["extra"] = int
    dataclass(Late)
    assert list(fields_of(Late())) == ["n", "extra"]


def test_a_cached_property_that_is_put_on_a_class_is_seen() -> None:
    @dataclass
    class Late:
        n: int = 1

    assert fields_of(Late()) == {"n": {"int": 1}}
    Late.slow = functools.cached_property(lambda self: 5)  # type: ignore[attr-defined]
    Late.slow.__set_name__(Late, "slow")  # type: ignore[attr-defined]
    late = Late()
    assert late.slow == 5  # type: ignore[attr-defined]
    assert fields_of(late) == {"n": {"int": 1}}


def test_one_text_is_no_set_of_excluded_names() -> None:
    @dataclass
    class Params(PersistableParams):
        verbose: bool = False
        _excluded_attributes = "verbose"  # type: ignore[assignment]

    assert "let it be a set, {'verbose'}" in str(refusal_of(Params()))
    with pytest.raises(UnsupportedParameterError, match=r"let it be a set, \{'verbose'\}"):
        Params().to_dict()
    with pytest.raises(UnsupportedParameterError, match="let it be a set"):
        step_key("a", None, Params(), [])


def test_the_name_of_a_record_is_that_of_the_class_without_what_surrounds_it() -> None:
    class Outer:
        @dataclass
        class Config:
            n: int = 1

    @dataclass
    class Renamed:
        _type_name = "Config"
        n: int = 1

    @dataclass
    class Below(Renamed): ...

    names = [json_of(obj)["record"]["type"] for obj in (Outer.Config(), Renamed(), Below())]
    assert names == ["Outer.Config", "Config", "Below"]


def test_an_object_whose_class_makes_its_dict_consists_of_that() -> None:
    @dataclass
    class Own(PersistableParams):
        n: int = 1

        def to_dict(self) -> dict[str, Any]:
            return {**super().to_dict(), "twice": 2 * self.n}

    assert fields_of(Own(4)) == {"n": {"int": 4}, "twice": {"int": 8}}


def test_a_dict_encodable_without_fields_consists_of_all_its_attributes() -> None:
    class Plain(DictEncodable):
        def __init__(self) -> None:
            self.a, self._b = 1, 2

        @functools.cached_property
        def _c(self) -> int:
            return 3

    plain = Plain()
    assert plain._c == 3
    assert fields_of(plain) == {"a": {"int": 1}, "_b": {"int": 2}}
    assert plain.to_dict() == {"a": 1}


def test_what_python_itself_sets_on_an_object_is_no_attribute_of_it() -> None:
    T = TypeVar("T")

    class Plain(DictEncodable, Generic[T]):
        def __init__(self, n: int) -> None:
            self._n = n

    assert fields_of(Plain[int](1)) == fields_of(Plain(1)) == {"_n": {"int": 1}}


def test_what_is_said_about_attributes_is_none_of_them() -> None:
    class Plain(DictEncodable):
        _excluded_attributes = frozenset[str]()  # type: ignore[assignment]

        def __init__(self) -> None:
            self._n, self._cache = 1, object()
            self._excluded_attributes = {"_cache"}  # type: ignore[misc,assignment]

    assert fields_of(Plain()) == {"_n": {"int": 1}}


def test_excluded_values_are_not_in_the_key() -> None:
    @dataclass
    class Trained(PersistableParams):
        rate: float = 0.1
        log: Any = None

        @property
        def _excluded_attributes(self) -> set[str]:
            return {"log"}

    assert fields_of(Trained(log=object())) == {"rate": {"float": 0.1}}
    assert fields_of(Layer(PersistableParam(object(), exclude_from_file_hash=True))) == {}
    assert fields_of(Layer(PersistableParam(3))) == {"size": {"int": 3}}
    assert json_of({"a": PersistableParam(3, exclude_from_file_hash=True)}) == {"map": []}
    ordered = collections.OrderedDict(a=PersistableParam(3, exclude_from_file_hash=True), b=1)
    assert encode(ordered) == encode(collections.OrderedDict(b=1))
    assert "no field that could be left out" in str(refusal_of([PersistableParam(3, exclude_from_file_hash=True)]))


def test_fields_that_were_added_or_renamed_leave_earlier_keys_as_they_are() -> None:
    @dataclass
    class Fit(PersistableParams):
        learning_rate: float = 0.1
        momentum: float = 0.0
        _added_with_defaults: ClassVar[dict[str, Any]] = {"momentum": 0.0}
        _renamed_attributes: ClassVar[dict[str, str]] = {"learning_rate": "rate"}

    assert fields_of(Fit()) == {"rate": {"float": 0.1}}
    assert fields_of(Fit(momentum=0.5)) == {"rate": {"float": 0.1}, "momentum": {"float": 0.5}}
    assert fields_of(Fit(momentum=-0.0)) == {"rate": {"float": 0.1}, "momentum": {"float": -0.0}}
    assert fields_of(Fit(momentum=0)) == {"rate": {"float": 0.1}, "momentum": {"int": 0}}


def test_a_renamed_field_that_does_not_exist_is_refused() -> None:
    @dataclass
    class Misspelt(PersistableParams):
        n: int = 1
        _renamed_attributes: ClassVar[dict[str, str]] = {"m": "k"}

    assert "names `m`, which is no field" in str(refusal_of(Misspelt()))


@dataclass
class Encoding(PersistableParams):
    value: Any = None

    @property
    def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
        return {np.ndarray: lambda array: array.tolist(), str: str.upper, int: lambda number: number + 1}


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


# Arrays


ARRAYS = [
    np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    np.linspace(0, 1, 24).reshape(4, 6),
    np.linspace(0, 1, 24).astype(np.float16).reshape(4, 6),
    (np.arange(24) + 1j * np.arange(24)[::-1]).reshape(4, 6),
    (np.arange(24) % 3 == 0).reshape(4, 6),
    np.arange(200_000, dtype=np.uint32).reshape(400, 500),
    np.arange(24, dtype=np.uint8).reshape(4, 6),
    np.arange(24, dtype=np.float32).astype(np.complex64).reshape(4, 6),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.size}")
def test_layout_and_byte_order_of_an_array_do_not_matter(array: Any) -> None:
    value = encode(array)
    backwards = np.ascontiguousarray(array[::-1, ...])[::-1, ...]
    spread = np.zeros((*array.shape, 2), array.dtype)[..., 0]
    spread[...] = array
    unaligned = np.frombuffer(b"\0" + array.tobytes(), np.uint8)[1:].view(array.dtype).reshape(array.shape)
    read_only = array.copy()
    read_only.setflags(write=False)
    swapped = array.astype(array.dtype.newbyteorder(">"))
    for same in (
        np.asfortranarray(array),
        backwards,
        spread,
        unaligned,
        read_only,
        swapped,
        np.asfortranarray(swapped),
    ):
        assert encode(same) == value
    assert encode(array.T) == encode(np.ascontiguousarray(array.T)) != value
    assert json_of(array)["array"]["dtype"] == str(array.dtype)


def test_an_array_counts_by_dtype_shape_and_elements() -> None:
    different = [
        np.zeros(4), np.zeros((2, 2)), np.zeros((4, 1)), np.zeros(4, np.float32), np.zeros(4, np.int64), -np.zeros(4),
        np.zeros((4, 0)), np.zeros((0, 4)), np.zeros(0), np.array(0.0), np.zeros(1), np.zeros((1, 1)), [0.0] * 4,
    ]  # fmt: skip
    assert len({encode(obj) for obj in different}) == len(different)


def test_every_nan_of_an_array_is_the_same_also_when_it_is_strided() -> None:
    odd = np.frombuffer(struct.pack("<Q", 0xFFF8_0000_0000_0001) * 3, np.float64)
    assert encode(odd) == encode(np.full(3, np.nan)) == encode(np.repeat(odd, 2)[::2])


def test_an_array_of_zero_dimensions_differs_from_its_element() -> None:
    assert json_of(np.array(3))["array"]["shape"] == []
    assert encode(np.array(3)) != encode(3) == encode(np.int64(3))


def test_a_broadcast_array_is_read_element_by_element() -> None:
    assert encode(np.broadcast_to(np.arange(3), (2, 3))) == encode(np.array([[0, 1, 2], [0, 1, 2]]))


def test_a_memory_map_is_the_array_that_it_maps(tmp_path: Any) -> None:
    np.save(tmp_path / "a.npy", np.arange(5))
    assert encode(np.load(tmp_path / "a.npy", mmap_mode="r")) == encode(np.arange(5))


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


# Values as encoders make them


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Value.null(), {"null": None}),
        (Value.date(2024, 2, 29), {"date": "2024-02-29"}),
        (Value.time(1), {"time": "00:00:00.000000001"}),
        (Value.datetime(2024, 2, 29, 10**9), {"datetime": "2024-02-29T00:00:01"}),
        (
            Value.zoned(-1, 5, 3600, "Europe/Paris"),
            {"zoned": {"seconds": -1, "nanoseconds": 5, "offset_seconds": 3600, "zone": "Europe/Paris"}},
        ),
        (Value.duration(-(2**100)), {"duration": str(-(2**100))}),
        (Value.decimal("150E-2"), {"decimal": "150E-2"}),
        (Value.uuid(bytes(16)), {"uuid": "00000000-0000-0000-0000-000000000000"}),
        (Value.path("a//b/./c/"), {"path": "a/b/c"}),
        (Value.enum("E", "m"), {"enum": {"type": "E", "member": "m"}}),
        (Value.enum("E", "m", None), {"enum": {"type": "E", "member": "m", "data": {"null": None}}}),
        (Value.enum("E", "m", data=1), {"enum": {"type": "E", "member": "m", "data": {"int": 1}}}),
        (Value.record("R", [("a", [1])]), {"record": {"type": "R", "fields": {"a": {"list": [{"int": 1}]}}}}),
        (Value.list_(iter([1])), {"list": [{"int": 1}]}),
        (Value.tuple_(n for n in [1]), {"tuple": [{"int": 1}]}),
        (Value.set_([1, 1]), {"set": [{"int": 1}]}),
        (Value.map_({"a": 1}.items()), {"map": [[{"text": "a"}, {"int": 1}]]}),
        (
            Value.table([("a", "t", [1, None])]),
            {"table": [{"name": "a", "type": "t", "values": {"list": [{"int": 1}, {"null": None}]}}]},
        ),
    ],
)
def test_a_value_is_what_it_was_made_of_and_reads_back(value: Value, form: Any) -> None:
    assert json.loads(value.to_json()) == form
    assert value.kind() == next(iter(form))
    assert Value.from_json(value.to_json()) == value
    assert encode([value]) == encode([Value.from_json(json.dumps(form))])


def test_arrays_are_made_of_any_contiguous_buffer() -> None:
    elements = np.arange(6, dtype="<f8").reshape(2, 3)
    value = encode(elements)
    for buffer in (elements, elements.tobytes(), bytearray(elements.tobytes()), elements.data):
        assert Value.array("float64", [2, 3], buffer) == value
    assert Value.array("float64", [0, 3], b"") == encode(np.zeros((0, 3)))
    assert Value.array("float64", [], bytes(8)) == encode(np.array(0.0))
    with pytest.raises(UnsupportedParameterError, match="not what dtype and shape say"):
        Value.array("float64", [2, 3], bytes(8))
    with pytest.raises(UnsupportedParameterError, match="unknown dtype"):
        Value.array("f8", [1], bytes(8))
    with pytest.raises(BufferError):
        Value.array("float64", [1], memoryview(bytes(16))[::2])
    with pytest.raises(TypeError):
        Value.array("float64", [1], 5)


def test_object_arrays_are_as_many_elements_as_their_shape_says() -> None:
    value = Value.object_array([2], ["a", None])
    assert json.loads(value.to_json())["array"]["dtype"] == "object"
    assert value == encode(np.array(["a", None], dtype=object)) != Value.object_array([2], [None, "a"])
    with pytest.raises(UnsupportedParameterError, match="has 1 elements"):
        Value.object_array([2], ["a"])


def test_what_a_value_is_made_of_is_refused_with_its_path() -> None:
    cases: list[tuple[Callable[[], Value], str]] = [
        (lambda: Value.list_([0, [object()]]), "[1][0]"),
        (lambda: Value.record("R", [("a", {"b": object()})]), "a['b']"),
        (lambda: Value.map_([(1, object())]), "[1]"),
        (lambda: Value.enum("E", "m", object()), ""),
        (lambda: Value.object_array([1], [object()]), "[0]"),
        (lambda: Value.table([("a", "t", [object()])]), "a[0]"),
        (lambda: Value.table([("a", "t", 5)]), "a"),
        (lambda: Value.table([("a", "t", [1]), ("b", "t", [])]), ""),
    ]
    for make, path in cases:
        with pytest.raises(UnsupportedParameterError) as caught:
            make().canonical_bytes()
        assert caught.value.parameter == (path or caught.value.parameter)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Value.date(2023, 2, 29),
        lambda: Value.time(86_400 * 10**9),
        lambda: Value.zoned(0, 10**9, 0, ""),
        lambda: Value.decimal("1.5"),
        lambda: Value.from_json("{}"),
        lambda: Value.from_json('{"int": 9007199254740993}'),
        lambda: Value.from_json("[" * 10_000),
        lambda: Value.path("\ud800"),
        lambda: Value.record("\ud800", []),
        lambda: Value.uuid(bytes(15)),
    ],
)
def test_what_no_value_can_be_is_refused(make: Callable[[], Value]) -> None:
    with pytest.raises(ValueError):
        make()


def test_values_are_equal_where_their_bytes_are_and_work_as_keys() -> None:
    assert Value.map_([(1, 2), (3, 4)]) == Value.map_([(3, 4), (1, 2)])
    assert len({encode(1), encode(1), encode(1.0), encode(True)}) == 3
    assert encode(1) != 1
    assert repr(encode([1])) == '{"list":[{"int":1}]}'
    with pytest.raises(UnsupportedParameterError, match="name `a` of another field"):
        hash(Value.record("R", [("a", 1), ("a", 2)]))
