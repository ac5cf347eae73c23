"""Named tuples, and the models of attrs and pydantic. Dataclasses are the compiled module's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.names import record_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a class that declares its fields."""
    if _is_named_tuple(cls):
        return _named_tuple
    if _has_other_content(cls):
        return None
    if "attr" in sys.modules and any("__attrs_attrs__" in base.__dict__ for base in cls.__mro__):
        return _attrs
    pydantic: Any = sys.modules.get("pydantic")
    if pydantic is None:
        return None
    if issubclass(cls, pydantic.BaseModel):
        return _pydantic if hasattr(cls, "__pydantic_fields__") else _pydantic_v1
    v1: Any = sys.modules.get("pydantic.v1")
    return _pydantic_v1 if v1 is not None and issubclass(cls, v1.BaseModel) else None


def _is_named_tuple(cls: type) -> bool:
    """Tells whether a class comes from `namedtuple` or `NamedTuple`, which leave no other trace."""
    made = next((base for base in cls.__mro__ if base.__bases__[0:1] == (tuple,)), None)
    return made is not None and {"_fields", "_make", "_replace", "_asdict"} <= made.__dict__.keys()


def _has_other_content(cls: type) -> bool:
    """Tells whether a class is a dict, a list or another type written in C, whose content no field tells."""
    made_in_python = 1 << 9  # Py_TPFLAGS_HEAPTYPE
    return any(not base.__flags__ & made_in_python for base in cls.__mro__ if base is not object)


def _named_tuple(value: Any) -> Value:
    # By position: a subclass may shadow a field's attribute.
    fields = dict(zip(value._fields, value))
    return _record(value, fields)


def _attrs(value: Any) -> Value:
    return _record(value, {field.name: getattr(value, field.name) for field in type(value).__attrs_attrs__})


def _record(value: object, fields: dict[str, object]) -> Value:
    fields.update(_attributes_besides(value, fields))
    return Value.record(record_name(type(value)), list(fields.items()))


def _attributes_besides(value: object, fields: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Yields the public attributes that are no fields: what `__init__` or a hook after it set, as for dataclasses."""
    for name, attribute in getattr(value, "__dict__", {}).items():
        if name not in fields and not name.startswith("_") and not _is_cached_property(type(value), name):
            yield name, attribute


def _is_cached_property(cls: type, name: str) -> bool:
    from functools import cached_property

    return any(isinstance(base.__dict__.get(name), cached_property) for base in cls.__mro__)


def _pydantic(value: Any) -> Value:
    held, extra = value.__dict__, value.__pydantic_extra__ or {}
    # What else is in `__dict__` are cached properties.
    fields = {name: held[name] for name in type(value).__pydantic_fields__ if name in held}
    return Value.record(record_name(type(value)), list({**extra, **fields}.items()))


def _pydantic_v1(value: Any) -> Value:
    return Value.record(record_name(type(value)), list(value.__dict__.items()))
