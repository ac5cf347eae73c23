"""Named tuples, and the models of attrs and pydantic. Dataclasses are the compiled module's."""

from __future__ import annotations

import sys
from typing import Any, Callable

from persistable._core import Value
from persistable._encoders.names import record_name

__all__ = ["FieldReader", "encoder_of", "fields_of"]


class FieldReader:
    """How the fields of a class's objects are read. The compiled module applies what the class says about them."""

    def __init__(self, read: Callable[[Any], dict[str, Any]], type_name: str) -> None:
        """Takes a function from an object to its fields by name, and the name of the class in keys."""
        self.read = read
        self.type_name = type_name

    def __call__(self, value: object) -> Value:
        """Encodes an object as a record of all its fields."""
        return Value.record(self.type_name, list(self.read(value).items()))


def encoder_of(cls: type) -> FieldReader | None:
    """Returns how the fields are read of a class that declares them."""
    read = _reader_of(cls)
    return None if read is None else FieldReader(read, record_name(cls))


def fields_of(value: object) -> dict[str, Any] | None:
    """Returns the fields of an object whose class declares them in one of these ways, and `None` of another."""
    read = _reader_of(type(value))
    return None if read is None else read(value)


def _reader_of(cls: type) -> Callable[[Any], dict[str, Any]] | None:
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
    """Tells whether a class is a dict, a list or another type written in C. No field has the content of these."""
    made_in_python = 1 << 9  # Py_TPFLAGS_HEAPTYPE
    return any(not base.__flags__ & made_in_python for base in cls.__mro__ if base is not object)


def _named_tuple(value: Any) -> dict[str, Any]:
    # By position: a subclass may shadow a field's attribute.
    return _with_attributes(value, dict(zip(value._fields, value)))


def _attrs(value: Any) -> dict[str, Any]:
    return _with_attributes(value, {field.name: getattr(value, field.name) for field in type(value).__attrs_attrs__})


def _with_attributes(value: object, fields: dict[str, Any]) -> dict[str, Any]:
    """Adds the public attributes that are not fields: what `__init__` or a hook after it set, as for dataclasses."""
    for name, attribute in getattr(value, "__dict__", {}).items():
        if name not in fields and not name.startswith("_") and not _is_cached_property(type(value), name):
            fields[name] = attribute
    return fields


def _is_cached_property(cls: type, name: str) -> bool:
    from functools import cached_property

    return any(isinstance(base.__dict__.get(name), cached_property) for base in cls.__mro__)


def _pydantic(value: Any) -> dict[str, Any]:
    own, extra = value.__dict__, value.__pydantic_extra__ or {}
    # What else is in `__dict__` are cached properties.
    fields = {name: own[name] for name in type(value).__pydantic_fields__ if name in own}
    return {**extra, **fields}


def _pydantic_v1(value: Any) -> dict[str, Any]:
    return dict(value.__dict__)
