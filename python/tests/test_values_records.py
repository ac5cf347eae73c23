"""What objects with fields consist of."""

from __future__ import annotations

import collections
import functools
from dataclasses import InitVar, dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from value_support import Layer, fields_of, json_of, refusal_of

from persistable import PersistableParams
from persistable._core import encode, step_key
from persistable.data import PersistableParam
from persistable.exceptions import UnsupportedParameterError
from persistable.io import DictEncodable

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

    assert "write a set, {'verbose'}" in str(refusal_of(Params()))
    with pytest.raises(UnsupportedParameterError, match=r"write a set, \{'verbose'\}"):
        Params().to_dict()
    with pytest.raises(UnsupportedParameterError, match="write a set"):
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

    assert "names `m`, which is not a field" in str(refusal_of(Misspelt()))
