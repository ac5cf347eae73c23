"""The fields of classes that have them: dataclasses, named tuples, attrs and pydantic."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Callable

from persistable._code.rows import NamedTuple

__all__ = ["Field", "fields_of"]


class Field(NamedTuple):
    """A field with what says how it comes to its value."""

    name: str
    default: Any
    """`dataclasses.MISSING` where there is none."""
    functions: list[Callable[..., Any]]
    """Functions that make, convert or check the value."""
    told: Any
    """What else counts, as plain values."""


def fields_of(cls: type) -> list[Field]:
    """Returns the fields of a class; none where it is a plain class."""
    own = vars(cls)
    if "__dataclass_fields__" in own:
        return [_of_dataclass(field) for field in dataclasses.fields(cls)]
    if "__attrs_attrs__" in own:
        return [_of_attrs(field) for field in own["__attrs_attrs__"]]
    if isinstance(own.get("__pydantic_fields__"), dict):
        return [_of_pydantic(name, field) for name, field in own["__pydantic_fields__"].items()]
    if issubclass(cls, tuple) and isinstance(own.get("_fields"), tuple):
        defaults = own.get("_field_defaults", {})
        return [Field(str(name), defaults.get(name, dataclasses.MISSING), [], None) for name in own["_fields"]]
    return []


def _of_dataclass(field: dataclasses.Field[Any]) -> Field:
    factory, default = field.default_factory, field.default
    # A class that came from another process has a mark of its own for what is missing.
    functions = [factory] if callable(factory) else []
    default = dataclasses.MISSING if isinstance(default, type(dataclasses.MISSING)) else default
    return Field(field.name, default, functions, [field.init, field.compare])


def _of_attrs(field: Any) -> Field:
    default = field.default
    functions = [each for each in (field.validator, field.converter) if callable(each)]
    if type(default).__name__ == "_Nothing" or repr(default) == "NOTHING":
        default = dataclasses.MISSING
    elif type(default).__module__.startswith("attr") and hasattr(default, "factory"):
        functions.append(default.factory)
        default = dataclasses.MISSING
    return Field(field.name, default, functions, [bool(field.init), _text_of(field.type)])


def _of_pydantic(name: str, field: Any) -> Field:
    factory = getattr(field, "default_factory", None)
    default = field.default
    if type(default).__name__ == "PydanticUndefinedType":
        default = dataclasses.MISSING
    return Field(name, default, [factory] if callable(factory) else [], _text_of(field.annotation))


def _text_of(annotation: Any) -> str:
    """Returns an annotation as text, without what differs between processes."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__qualname__
    return re.sub(r"\btyping\.| at 0x[0-9a-f]+", "", repr(annotation))
