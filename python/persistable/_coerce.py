"""Coercion by annotation: a field annotated `float` that is given `2` holds `2.0`.

It is by choice, since `2` and `2.0` have different keys: `_coerce_by_annotation = True` on a class of params.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Callable
from weakref import WeakKeyDictionary

from persistable._annotated import expected_by, names_of
from persistable._expected import NO, Expected

__all__ = ["coerced", "coerces", "expected_of_fields"]

_by_class: WeakKeyDictionary[type, dict[str, Expected]] = WeakKeyDictionary()
_by_function: WeakKeyDictionary[Any, dict[Any, Expected]] = WeakKeyDictionary()


def coerced(value: Any, annotation: Any, where: Any) -> Any:
    """Returns the value that an annotation expects: the same one where it fits, or where nothing can be done.

    `where` is the function or class that has the annotation. Names in an annotation that is text are looked up there.
    """
    if annotation is type(value):
        return value
    return _taken(_expected(annotation, where), value)


def _expected(annotation: Any, where: Any) -> Expected:
    try:
        known = _by_function.setdefault(where, {})
        found = known.get(annotation)
        if found is None:
            found = known[annotation] = expected_by(annotation, names_of(where))
        return found
    except TypeError:  # Neither every function nor every annotation can be a key.
        return expected_by(annotation, names_of(where))


def expected_of_fields(cls: Any) -> dict[str, Expected]:
    """Returns what each field of a dataclass expects."""
    found = _by_class.get(cls)
    if found is None:
        found = {
            field.name: expected_by(field.type, names_of(_owner_of(cls, field))) for field in dataclasses.fields(cls)
        }
        _by_class[cls] = found
    return found


def _owner_of(cls: type, field: Any) -> type:
    """Returns the class that a field comes from: its annotation may use names of another module."""
    bases = [base for base in cls.__mro__ if base.__dict__.get("__dataclass_fields__", {}).get(field.name) is field]
    return bases[-1] if bases else cls


def coerces(cls: Any) -> None:
    """Makes a class of params coerce its fields. It may be decorated as a dataclass afterwards."""
    post_init = getattr(cls, "__post_init__", _nothing)
    if not hasattr(post_init, "_coerces"):
        cls.__post_init__ = _around(post_init)
    defaults = cls.__dict__.get("_added_with_defaults")
    if isinstance(defaults, dict):
        cls._added_with_defaults = _Defaults(defaults)


class _Defaults:
    """The attribute `_added_with_defaults` of a class that coerces: each default is what its field would hold."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def __get__(self, instance: Any, owner: type) -> dict[str, Any]:
        expected = expected_of_fields(owner) if dataclasses.is_dataclass(owner) else {}
        return {name: _taken(expected.get(name), default) for name, default in self._given.items()}


def _nothing(self: Any, *args: Any) -> None:
    """Takes the init-only fields, which a class without a `__post_init__` ignores."""


def _around(post_init: Callable[..., None]) -> Any:
    def __post_init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        _coerce_fields(self)
        post_init(self, *args, **kwargs)
        _coerce_fields(self)

    if post_init is not _nothing:
        functools.update_wrapper(__post_init__, post_init)
    __post_init__._coerces = True  # type: ignore[attr-defined]
    return __post_init__


def _coerce_fields(params: Any) -> None:
    cls = type(params)
    if not dataclasses.is_dataclass(cls):
        return
    if cls.__setattr__ is _setattr:
        return  # Each field was coerced when it was set.
    for name, expected in expected_of_fields(cls).items():
        value = getattr(params, name, NO)
        if value is NO:
            continue
        taken = _taken(expected, value)
        if taken is not value:
            object.__setattr__(params, name, taken)
    if cls.__setattr__ is object.__setattr__:  # It is not frozen, and has none of its own.
        cls.__setattr__ = _setattr  # type: ignore[method-assign]


def _setattr(self: Any, name: str, value: Any) -> None:
    object.__setattr__(self, name, _taken(expected_of_fields(type(self)).get(name), value))


def _taken(expected: Expected | None, value: Any) -> Any:
    """Returns what a field would hold: the value itself if nothing is expected of it, or if it can't be taken."""
    taken = NO if expected is None else expected.take(value)
    return value if taken is NO else taken
