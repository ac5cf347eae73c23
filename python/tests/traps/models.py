"""Dataclasses, named tuples, models of attrs and pydantic, and objects with a form of their own."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, ClassVar, NamedTuple

import attrs
import pydantic

import persistable
from persistable._dict_encodable import DictEncodable
from persistable.data import PersistableParam, PersistableParams
from traps.table import agree, differ


@dataclass
class Point:
    x: Any
    y: Any = 0


@dataclass
class Vector:
    x: Any
    y: Any = 0


@dataclass
class Point3(Point):
    z: Any = 0


class PointWithMethods(Point):
    def length(self) -> float:
        return float((self.x**2 + self.y**2) ** 0.5)


@dataclass(frozen=True)
class Frozen:
    x: Any


class Thawed:
    @dataclass
    class Frozen:
        x: Any

    Frozen.__qualname__ = "Frozen"


@dataclass
class Slotted:
    __slots__ = ("x",)
    x: Any


class Loose:
    @dataclass
    class Slotted:
        x: Any

    Slotted.__qualname__ = "Slotted"


class A:
    @dataclass
    class Config:
        n: int

    class Choice:
        pass


class B:
    @dataclass
    class Config:
        n: int


def _local_config() -> type:
    @dataclass
    class Config:
        n: int

    return Config


def _module_config() -> type:
    @dataclass
    class Config:
        n: int

    Config.__qualname__ = "Config"
    return Config


@dataclass
class Renamed:
    _type_name = "Point"
    x: Any
    y: Any = 0


@dataclass
class Uncompared:
    x: int
    y: int = field(default=0, compare=False, repr=False)


@dataclass
class Derived:
    x: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        self.twice = 2 * self.x


@dataclass
class Cached:
    x: int

    @cached_property
    def expensive(self) -> int:
        return self.x + 1


@dataclass
class Hidden:
    x: int

    def __post_init__(self) -> None:
        self._scratch = object()


def _with_cache(x: int) -> Cached:
    cached = Cached(x)
    assert cached.expensive == x + 1
    return cached


def _with_attribute(value: Any) -> Point:
    point = Point(1)
    point.extra = value  # type: ignore[attr-defined]
    return point


def _changed(value: Any) -> Point:
    point = Point(1)
    point.x = value
    return point


PairA = namedtuple("PairA", ["a", "b"])
PairB = namedtuple("PairB", ["a", "b"])


class Typed(NamedTuple):
    a: int
    b: int


@attrs.define
class Attrs:
    x: Any
    y: Any = 0


@attrs.define
class OtherAttrs:
    x: Any
    y: Any = 0


@attrs.frozen
class AttrsChild(Attrs):  # type: ignore[misc]
    z: Any = 0


class Pydantic(pydantic.BaseModel):
    x: Any
    y: Any = 0
    _private: int = 0


class OtherPydantic(pydantic.BaseModel):
    x: Any
    y: Any = 0


class Open(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    x: int = 0


class Root(pydantic.RootModel[list[int]]):
    pass


@attrs.define
class AttrsExcluding(PersistableParams):
    x: Any = 0
    verbose: bool = False

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"verbose"}


class PydanticExcluding(PersistableParams, pydantic.BaseModel):
    x: Any = 0
    verbose: bool = False
    _excluded_attributes = {"verbose"}
    _renamed_attributes: ClassVar[dict[str, str]] = {"x": "n"}
    _type_name = "Excluding"


class Private(PersistableParams):
    def __init__(self, n: Any, cache: Any = None) -> None:
        self._n, self._cache = n, cache

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"_cache"}

    @cached_property
    def _lazy(self) -> Any:
        return self._n


class PrivateToo(DictEncodable):
    def __init__(self, n: Any) -> None:
        self._n = n


class Mangled(PersistableParams):
    def __init__(self, n: Any) -> None:
        self.__n = n


class MangledSlot(DictEncodable):
    __slots__ = ("__n", "_m")

    def __init__(self, n: Any, m: Any = None) -> None:
        self.__n = n
        if m is not None:
            self._m = m


class Annotated(PersistableParams):
    n: int
    _twice: int

    def __init__(self, n: int) -> None:
        self.n, self._twice = n, 2 * n


class AnnotatedBelow(Annotated):
    m: int = 0


@dataclass
class Decorated(PersistableParams):
    n: Any = 0


class PlainBelow(Decorated):
    def __init__(self, m: Any) -> None:
        super().__init__()
        self._m = m


def _lazily(n: Any) -> Private:
    private = Private(n)
    assert private._lazy == n
    return private


def _with_private(value: int) -> Pydantic:
    model = Pydantic(x=1)
    model._private = value
    return model


@dataclass
class Params(PersistableParams):
    x: Any = 0
    y: Any = 0


@dataclass
class Excluding(PersistableParams):
    x: Any = 0
    verbose: bool = False

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"verbose"}


class Opaque:
    def __init__(self, name: str) -> None:
        self.name = name


class OtherOpaque(Opaque):
    pass


@dataclass
class Encoding(PersistableParams):
    x: Any = None

    @property
    def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
        return {Opaque: lambda opaque: opaque.name}


@dataclass
class Overriding(PersistableParams):
    x: int = 0
    unseen: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {"x": self.x}


class Registered:
    def __init__(self, n: int, cache: object = None) -> None:
        self.n, self.cache = n, cache


class RegisteredChild(Registered):
    pass


class Own:
    def __init__(self, n: int) -> None:
        self.n = n

    def __persistable_value__(self) -> object:
        return {"n": self.n}


class OwnToo(Own):
    pass


persistable.register_encoder(Registered, lambda value: {"n": value.n})

TRAPS = [
    differ("two dataclasses with equal fields differ", Point(1), Vector(1)),
    differ("a dataclass is not its dict", Point(1), {"x": 1, "y": 0}),
    differ("a dataclass is not the tuple of its fields", Point(1), (1, 0)),
    differ("a field of a dataclass counts with its type", Point(1), Point(1.0)),
    differ("fields that change places differ", Point(1, 2), Point(2, 1)),
    differ("a dataclass is not its base", Point3(1), Point(1)),
    differ("a subclass without fields of its own is not its base", PointWithMethods(1), Point(1)),
    differ("a field of a subclass counts", Point3(1, z=1), Point3(1)),
    differ("nested classes of one name in two classes differ", A.Config(1), B.Config(1)),
    agree("a class inside a function has the name it would have outside", _local_config()(1), _module_config()(1)),
    agree("a class that was renamed may keep its name", Renamed(1), Point(1)),
    agree("a default that is given is a default that is not", Point(1, 0), Point(1)),
    agree("a frozen dataclass is as one that is not", Frozen(1), Thawed.Frozen(1)),
    agree("a dataclass with slots is as one without", Slotted(1), Loose.Slotted(1)),
    differ("fields that do not compare count", Uncompared(1, 1), Uncompared(1, 2)),
    differ("fields that are not given count", Derived(1), Derived(2)),
    agree("what a cached property holds does not count", _with_cache(1), Cached(1)),
    agree("private attributes do not count", Hidden(1), Hidden(1)),
    differ("public attributes that are no fields count", _with_attribute(1), _with_attribute(2)),
    differ("a public attribute is not none", _with_attribute(None), Point(1)),
    agree("a field that is set is as one that was given", _changed(5), Point(5)),
    differ("a dataclass inside a dataclass is not its dict", Point(Point(1)), Point({"x": 1, "y": 0})),
    differ("which field holds the inner one counts", Point(Point(1), None), Point(None, Point(1))),
    differ("a named tuple is not the tuple", PairA(1, 2), (1, 2)),
    differ("two named tuples differ", PairA(1, 2), PairB(1, 2)),
    differ("a typed named tuple is not the tuple", Typed(1, 2), (1, 2)),
    agree("a named tuple may be made by name", Typed(b=2, a=1), Typed(1, 2)),
    differ("two attrs classes differ", Attrs(1), OtherAttrs(1)),
    differ("an attrs class is not its dict", Attrs(1), {"x": 1, "y": 0}),
    differ("a field of an attrs class counts", Attrs(1), Attrs(2)),
    differ("a subclass of an attrs class is not its base", AttrsChild(1), Attrs(1)),
    differ("a field of a subclass of an attrs class counts", AttrsChild(1, z=1), AttrsChild(1)),
    differ("two pydantic models differ", Pydantic(x=1), OtherPydantic(x=1)),
    differ("a pydantic model is not its dict", Pydantic(x=1), {"x": 1, "y": 0}),
    differ("a field of a pydantic model counts with its type", Pydantic(x=1), Pydantic(x=1.0)),
    agree("which fields of a pydantic model were given does not count", Pydantic(x=1, y=0), Pydantic(x=1)),
    agree("private attributes of a pydantic model do not count", _with_private(1), _with_private(2)),
    differ("what a pydantic model allows besides its fields counts", Open(extra=1), Open(extra=2)),
    differ("what a pydantic model allows is not nothing", Open(extra=None), Open()),
    differ("a pydantic root model counts with its content", Root([1]), Root([2])),
    differ("a pydantic root model is not its content", Root([1]), [1]),
    differ("params inside params are a record of their own", Params(Params(1)), Params({"x": 1, "y": 0})),
    differ("a field of params counts", Params(1), Params(2)),
    differ("a path in params is not its text", Params(Path("a")), Params("a")),
    agree("excluded attributes do not count", Excluding(1, verbose=True), Excluding(1)),
    differ("attributes beside the excluded ones count", Excluding(1), Excluding(2)),
    agree("excluded attributes of attrs do not count", AttrsExcluding(1, verbose=True), AttrsExcluding(1)),
    differ("attributes beside the excluded ones of attrs count", AttrsExcluding(1), AttrsExcluding(2)),
    agree(
        "excluded attributes of pydantic do not count",
        PydanticExcluding(x=1, verbose=True),
        PydanticExcluding(x=1),
    ),
    differ("a renamed attribute of pydantic counts by its name", PydanticExcluding(x=1), Excluding(1)),
    agree("an excluded param does not count", Params(PersistableParam(1, True)), Params(PersistableParam(2, True))),
    differ("a param that is not excluded counts", Params(PersistableParam(1)), Params(PersistableParam(2))),
    agree("a param that is wrapped is its value", Params(PersistableParam(1)), Params(1)),
    differ("private attributes of what is no dataclass count", Private(1), Private(2)),
    differ("private attributes of a DictEncodable count", PrivateToo(1), PrivateToo(2)),
    agree("private attributes may be excluded", Private(1, cache=1), Private(1, cache=2)),
    agree("what a private cached property holds does not count", _lazily(1), Private(1)),
    differ("attributes with two underscores count", Mangled(1), Mangled(2)),
    differ("slots with two underscores count", MangledSlot(1), MangledSlot(2)),
    differ("private slots count", MangledSlot(1, 1), MangledSlot(1, 2)),
    differ("a private slot that is empty is not None", MangledSlot(1), MangledSlot(1, 0)),
    differ("params with an __init__ of their own consist of what it sets", Annotated(1), Annotated(2)),
    differ("params below those consist of it as well", AnnotatedBelow(1), AnnotatedBelow(2)),
    differ("what an __init__ below a dataclass hides counts", PlainBelow(1), PlainBelow(2)),
    agree("a map of encoders says what a value is", Encoding(Opaque("a")), Encoding("a")),
    differ("a map of encoders tells values apart", Encoding(Opaque("a")), Encoding(Opaque("b"))),
    agree("a map of encoders holds for subclasses", Encoding(OtherOpaque("a")), Encoding(Opaque("a"))),
    agree("a map of encoders holds inside containers", Encoding([{"k": Opaque("a")}]), Encoding([{"k": "a"}])),
    agree("a dict of one's own says what counts", Overriding(1, unseen=1), Overriding(1, unseen=2)),
    differ("a dict of one's own counts", Overriding(1), Overriding(2)),
    agree("a registered encoder says what counts", Registered(1, cache=1), Registered(1, cache=2)),
    differ("a registered encoder tells values apart", Registered(1), Registered(2)),
    differ("what a registered encoder gives is not the value", Registered(1), {"n": 1}),
    differ("subclasses of a class with an encoder differ from it", RegisteredChild(1), Registered(1)),
    differ("a class that says what its value is tells values apart", Own(1), Own(2)),
    differ("what a class says its value is, is not the value", Own(1), {"n": 1}),
    differ("subclasses of a class that says so differ from it", OwnToo(1), Own(1)),
]
