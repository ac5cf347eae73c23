"""What a class says about its fields holds however the class declares them."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import attrs
import pydantic
import pytest
from pydantic import v1

from persistable import Persistable, PersistableParams, _core
from persistable.exceptions import UnsupportedParameterError


class Opaque:
    def __init__(self, name: str) -> None:
        self.name = name


class Says:
    """What each of the classes below says about its fields, by properties."""

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"verbose"}

    @property
    def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
        return {Opaque: lambda opaque: opaque.name}

    _added_with_defaults: ClassVar[dict[str, Any]] = {"momentum": 0.5}
    _renamed_attributes: ClassVar[dict[str, str]] = {"rate": "r"}


@dataclass
class DataclassParams(Says, PersistableParams):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


@attrs.define
class AttrsParams(Says, PersistableParams):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


@attrs.frozen(slots=False)
class AttrsDictParams(Says, PersistableParams):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


@attrs.define
class AttrsWithoutBase(Says):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


class PydanticParams(Says, PersistableParams, pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


class PydanticPrivate(pydantic.BaseModel, PersistableParams):
    """pydantic takes such attributes out of the class."""

    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5
    _excluded_attributes = {"verbose"}
    _custom_type_encoder_map = {Opaque: lambda opaque: opaque.name}
    _added_with_defaults = {"momentum": 0.5}
    _renamed_attributes = {"rate": "r"}


class PydanticWithoutBase(Says, pydantic.BaseModel):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


class PydanticOfV1(Says, PersistableParams, v1.BaseModel):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5


class NamedParams(Says, PersistableParams, namedtuple("Base", "rate verbose momentum", defaults=[1, False, 0.5])):
    pass


class NamedWithoutBase(NamedTuple):
    rate: Any = 1
    verbose: Any = False
    momentum: float = 0.5

    _excluded_attributes = Says._excluded_attributes
    _custom_type_encoder_map = Says._custom_type_encoder_map
    _added_with_defaults = Says._added_with_defaults
    _renamed_attributes = Says._renamed_attributes


MODELS: list[Any] = [
    AttrsParams,
    AttrsDictParams,
    AttrsWithoutBase,
    PydanticParams,
    PydanticPrivate,
    PydanticWithoutBase,
    PydanticOfV1,
    NamedParams,
    NamedWithoutBase,
]
CASES = [
    {},
    {"rate": 2},
    {"verbose": True},
    {"verbose": object()},
    {"momentum": 0.9},
    {"rate": Opaque("a"), "momentum": 0.9},
    {"rate": [Opaque("a")]},
]


class HoldP(Persistable[int, Any]):
    def _generate_payload(self, **untracked: Any) -> int:
        return 1


def key_of(params: Any) -> Any:
    return _core.step_key("step", None, params, [])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("given", CASES, ids=str)
def test_params_of_any_model_have_the_key_of_a_dataclass(model: Any, given: dict[str, Any]) -> None:
    assert key_of(model(**given)) == key_of(DataclassParams(**given))


@pytest.mark.parametrize("model", MODELS)
def test_they_have_it_inside_of_other_params_too(model: Any) -> None:
    def nested(**given: Any) -> Any:
        return _core.encode([model(**given)])

    assert nested() == nested(verbose=object(), momentum=0.5)
    assert nested(rate=Opaque("a")) == nested(rate="a")
    assert len({nested(), nested(rate=2), nested(momentum=0.9)}) == 3
    named = _core.encode(model()).to_json()
    assert named == _core.encode(DataclassParams()).to_json().replace("DataclassParams", model.__qualname__)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_excluded_is_shown_nowhere(model: Any, tmp_path: Path) -> None:
    step = HoldP(tmp_path, model(rate=3, verbose="secret"), None)
    step.generate()
    shown = {"rate": 3, "momentum": 0.5}
    assert step.params_tree == shown
    assert json.loads(Path(f"{step.persist_filepath}.params.json").read_text()) == shown
    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.glob("hold_p(*"))
    if isinstance(step.params, PersistableParams):
        assert step.params.to_dict() == shown


@pytest.mark.parametrize("model", [model for model in MODELS if issubclass(model, PersistableParams)])
def test_the_dict_of_a_dataclass_honours_what_is_nested_in_it(model: Any) -> None:
    outer = DataclassParams(rate=[model(rate=Opaque("a"), verbose="secret")])
    assert outer.to_dict()["rate"] == [{"rate": "a", "momentum": 0.5}]


class PydanticOuter(pydantic.BaseModel):
    one: PydanticWithoutBase = PydanticWithoutBase(rate=2, verbose="secret")
    many: list[dict[str, PydanticWithoutBase]] = [{"k": PydanticWithoutBase(rate=3, verbose="secret")}]


def test_what_a_nested_model_excludes_is_not_in_the_params_tree(tmp_path: Path) -> None:
    shown = HoldP(tmp_path, PydanticOuter(), None).params_tree
    assert shown == {"one": {"rate": 2, "momentum": 0.5}, "many": [{"k": {"rate": 3, "momentum": 0.5}}]}


@attrs.define
class PlainAttrs:
    x: int = 1


@attrs.define
class RenamedAttrs:
    _type_name: ClassVar[str] = "PlainAttrs"
    x: int = 1


class PlainPydantic(pydantic.BaseModel):
    x: int = 1


class RenamedPydantic(pydantic.BaseModel):
    _type_name = "PlainPydantic"
    x: int = 1


class BelowRenamed(RenamedPydantic):
    pass


class PlainTuple(NamedTuple):
    x: int = 1


class RenamedTuple(NamedTuple):
    x: int = 1
    _type_name = "PlainTuple"


@pytest.mark.parametrize(
    ("renamed", "plain"), [(RenamedAttrs, PlainAttrs), (RenamedPydantic, PlainPydantic), (RenamedTuple, PlainTuple)]
)
def test_a_model_that_was_renamed_may_keep_its_name(renamed: Any, plain: Any) -> None:
    assert _core.encode(renamed()) == _core.encode(plain())
    assert _core.encode(renamed(x=2)) != _core.encode(plain())


def test_a_name_is_not_inherited() -> None:
    assert _core.encode(BelowRenamed()) == _core.encode(type("BelowRenamed", (PlainPydantic,), {"__module__": "m"})())


def test_what_a_class_says_may_change() -> None:
    @attrs.define
    class Late(PersistableParams):
        x: int = 1
        log: int = 0

    assert key_of(Late(log=1)) != key_of(Late())
    Late._excluded_attributes = {"log"}
    assert key_of(Late(log=1)) == key_of(Late())
    del Late._excluded_attributes
    assert key_of(Late(log=1)) != key_of(Late())


@pytest.mark.parametrize("attribute", ["_added_with_defaults", "_renamed_attributes"])
def test_a_misspelt_field_is_refused(attribute: str) -> None:
    model = attrs.make_class("Model", {"x": attrs.field(default=1)}, class_body={attribute: {"y": "z"}})
    with pytest.raises(UnsupportedParameterError, match=f"`{attribute}` that names `y`"):
        key_of(model())


def test_one_text_is_refused_in_place_of_a_set_of_names() -> None:
    model: Any = attrs.make_class("Model", {"x": attrs.field(default=1)}, class_body={"_excluded_attributes": "x"})
    with pytest.raises(UnsupportedParameterError, match="is one text"):
        key_of(model())


@attrs.define
class WithPrivateField(PersistableParams):
    _hidden: int = 1


def test_private_fields_of_attrs_are_shown_like_those_of_dataclasses() -> None:
    assert WithPrivateField(2).to_dict() == {"_hidden": 2}
    assert WithPrivateField(2) != WithPrivateField(1)
