"""Which encoder a type has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from persistable._encoders.names import record_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from persistable._core import Value

__all__ = ["Encoder", "encoder_of", "register_encoder"]

Encoder = Callable[[Any], object]
T = TypeVar("T")

_registered: dict[type, Encoder] = {}

# Types whose form is the specification's own. The compiled module never asks about them.
_FIXED = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))

# A library's first name → its room.
_ROOMS = {
    "numpy": "numpy",
    "omegaconf": "omegaconf",
    "pandas": "pandas",
    "persistable": "inputs",
    "polars": "polars",
    "pyarrow": "arrow",
    "pydantic": "urls",
    "pydantic_core": "urls",
    "scipy": "scipy",
    "sklearn": "sklearn",
}

# Libraries whose rooms also know the classes that others derive from theirs.
_OPEN_ROOMS = ("sklearn",)

# All libraries of Python itself are in one room.
_STANDARD = (
    *("builtins", "types", "collections", "functools", "datetime", "zoneinfo", "pathlib", "ipaddress"),
    *("array", "decimal", "fractions", "re", "uuid"),
)
_ROOMS.update(dict.fromkeys(_STANDARD, "stdlib"))


def register_encoder(cls: type[T], encoder: Callable[[T], object]) -> None:
    """Makes values of `cls`, and of its subclasses that have no encoder of their own, part of a step's identity.

    `encoder` gets such a value and returns what stands for it: numbers, text, containers of those, or any other value
    that can be a parameter. It must give equal results for equal values, in every process. The name of the value's
    class counts too. So two classes with equal contents differ. If you call this again for the same class, the encoder
    is replaced.

    A class of your own may instead define `__persistable_value__(self)`, which returns the same.

    Raises:
        TypeError: `cls` is not a class, or `encoder` cannot be called.
        ValueError: `cls` is one of Python's basic types or NumPy's array. Their form is fixed.
    """
    if not isinstance(cls, type):
        raise TypeError(f"an encoder is registered for a class, not for {cls!r}")
    if not callable(encoder):
        raise TypeError(f"the encoder of {cls.__qualname__} must be a function, not {encoder!r}")
    if cls in (*_FIXED, object, getattr(sys.modules.get("numpy"), "ndarray", None)):
        raise ValueError(f"the form of {cls.__qualname__} is fixed: register an encoder for a subclass of your own")
    from persistable import _core

    _registered[cls] = encoder
    _core.forget_encoders()


def encoder_of(cls: type) -> Encoder | None:
    """Returns what turns values of exactly this type into what stands for them; `None` if nothing does."""
    for base in cls.__mro__:
        if base in _registered:
            return _tagged(_registered[base])
        own = base.__dict__.get("__persistable_value__")
        if own is not None:
            return _tagged(lambda value: value.__persistable_value__())
    return _ready_encoder_of(cls)


def _tagged(encoder: Encoder) -> Encoder:
    from persistable._core import Value

    def encode(value: object) -> Value:
        return Value.record(record_name(type(value)), [("value", encoder(value))])

    return encode


def _ready_encoder_of(cls: type) -> Encoder | None:
    from importlib import import_module

    library = cls.__module__.partition(".")[0]
    if library in _ROOMS and library in sys.modules:
        room = import_module(f"persistable._encoders.{_ROOMS[library]}")
        found: Encoder | None = room.encoder_of(cls)
        if found is not None:
            return found
    for name in _rooms_by_base(cls):
        found = import_module(f"persistable._encoders.{name}").encoder_of(cls)
        if found is not None:
            return found
    for base in cls.__mro__[1:-1]:
        library = base.__module__.partition(".")[0]
        if library in _OPEN_ROOMS and library in sys.modules:
            return import_module(f"persistable._encoders.{_ROOMS[library]}").encoder_of(cls)  # type: ignore[no-any-return]
    return None


def _rooms_by_base(cls: type) -> Iterator[str]:
    """Names the rooms that may know a class by its bases. To import a room takes longer than to make a key."""
    enum, datetime = sys.modules.get("enum"), sys.modules.get("datetime")
    if enum is not None and issubclass(cls, enum.Enum):
        yield "enums"
    if datetime is not None and issubclass(cls, datetime.tzinfo):
        yield "times"
    if issubclass(cls, type):
        yield "callables"
    if issubclass(cls, tuple) or "attr" in sys.modules or "pydantic" in sys.modules:
        yield "models"
