"""Objects as plain dicts: what people read, and what parameters were compared by in 1.x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DictEncodable"]


class DictEncodable:
    """An object that tells its fields as a dict: those of a dataclass, else its public attributes.

    The identity of an object that is no dataclass has its private attributes as well: nothing else may tell it apart.
    """

    @property
    def _excluded_attributes(self) -> set[str]:
        """The names of attributes that are neither in the dict nor in the identity."""
        return _private_of_model(self, "_excluded_attributes") or set()

    @property
    def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
        """Functions that encode values of a type, or of a subclass of it, in place of the usual way."""
        return _private_of_model(self, "_custom_type_encoder_map") or {}

    def to_dict(self) -> dict[str, Any]:
        """Returns field → value, with paths as text, enum members by name and nested objects of this kind as dicts."""
        excluded, encoders = excluded_names_of(self), self._custom_type_encoder_map
        return {name: _plain(value, encoders) for name, value in attributes_of(self) if name not in excluded}

    def get_str_repr(self) -> str:
        """Returns the text of the dict."""
        return str(self.to_dict())

    def get_md5_hash(self) -> str:
        """Returns 32 hex digits that are equal for equal params, whatever the order of their fields and entries."""
        import hashlib

        from persistable import _core

        return hashlib.md5(_core.encode(self).canonical_bytes(), usedforsecurity=False).hexdigest()

    @staticmethod
    def dict_almost_equal(
        dict1: Mapping[Any, Any],
        dict2: Mapping[Any, Any],
        rtol: float = 1e-6,
        atol: float = 1e-6,
        verbose: bool = False,
    ) -> bool:
        """Tells whether two dicts have the same keys and nearly equal values.

        Floats and arrays are compared within the tolerances (NaN equals NaN), also inside nested dicts, lists and
        tuples; all else must be equal. `verbose` prints where the first difference is.
        """
        from persistable._almost_equal import Tolerance, difference_of

        difference = difference_of(dict1, dict2, Tolerance(rtol, atol))
        if difference is not None and verbose:
            print(difference)
        return difference is None


class Wrapped:
    """A value with something beside it that people do not see."""

    param: Any


def _private_of_model(instance: object, name: str) -> Any:
    """Returns a private attribute of a pydantic model, which pydantic keeps where the properties above hide it."""
    return (getattr(instance, "__pydantic_private__", None) or {}).get(name)


def excluded_names_of(instance: object) -> set[str]:
    """Returns the names of the attributes that do not count. Any class may have `_excluded_attributes`.

    Raises:
        UnsupportedParameterError: It is one text. Then each letter of it would count as a name.
    """
    excluded: set[str] = getattr(instance, "_excluded_attributes", set())
    if isinstance(excluded, str):
        from persistable.exceptions import UnsupportedParameterError

        raise UnsupportedParameterError(
            f"`{type(instance).__qualname__}` has one text as its `_excluded_attributes`, not a set of names: "
            f"write a set, {{{excluded!r}}}"
        )
    return excluded


def attributes_of(instance: object, *, private: bool = False) -> Iterator[tuple[str, Any]]:
    """Yields what people are shown of an object: the fields that its class declares, then its other public attributes.

    With `private`, also yields private attributes. They identify objects whose class declares no fields.
    """
    of_model = _fields_of_model(instance)
    if of_model is not None:
        yield from of_model.items()
        return
    fields: Mapping[str, Any] = getattr(type(instance), "__dataclass_fields__", {})
    if fields:
        import dataclasses

        for field in dataclasses.fields(instance):  # type: ignore[arg-type]
            yield field.name, getattr(instance, field.name)
    for name, value in _instance_attributes(instance):
        if (
            (private or not name.startswith("_"))
            and name not in fields
            and not _is_cached_property(type(instance), name)
        ):
            yield name, value


def declares_fields(cls: type) -> bool:
    """Tells whether a class declares its fields: a dataclass, a named tuple, or a model of attrs or pydantic."""
    return any(hasattr(cls, sign) for sign in ("__dataclass_fields__", *_SIGNS_OF_MODELS))


# Of attrs, of named tuples, and of the two versions of pydantic.
_SIGNS_OF_MODELS = ("__attrs_attrs__", "_fields", "__pydantic_fields__", "__fields__")


def _fields_of_model(instance: object) -> dict[str, Any] | None:
    if not any(hasattr(type(instance), sign) for sign in _SIGNS_OF_MODELS):
        return None
    from persistable._encoders.models import fields_of

    return fields_of(instance)


def _instance_attributes(instance: object) -> Iterator[tuple[str, Any]]:
    for owner in reversed(type(instance).__mro__):
        slots = owner.__dict__.get("__slots__")
        if not slots:
            continue
        for name in (slots,) if isinstance(slots, str) else slots:
            if name.startswith("__") and not name.endswith("__"):
                name = f"_{owner.__name__.lstrip('_')}{name}"  # As Python hides it from other classes.
            if name not in ("__dict__", "__weakref__") and hasattr(instance, name):
                yield name, getattr(instance, name)
    yield from list(getattr(instance, "__dict__", {}).items())


def _is_cached_property(owner: type, name: str) -> bool:
    import functools

    return isinstance(getattr(owner, name, None), functools.cached_property)


def _plain(value: Any, encoders: Mapping[type, Callable[[Any], Any]]) -> Any:
    import enum
    import pathlib

    from persistable.inputs import InputFile, InputFolder

    if encoders:
        for kind in type(value).__mro__:
            if kind in encoders:
                return encoders[kind](value)
    if isinstance(value, DictEncodable):
        return value.to_dict()
    if isinstance(value, Wrapped):
        return _plain(value.param, encoders)
    if isinstance(value, enum.Enum):
        # Combinations of flags have no name before Python 3.11.
        return value.name if value.name is not None else str(value)
    if isinstance(value, pathlib.PurePath):
        return str(value)
    if isinstance(value, (InputFile, InputFolder)):
        return value._for_people()
    # Of containers only the exact types: what a subclass of them means is its own matter.
    if type(value) in (list, tuple):
        return type(value)(_plain(member, encoders) for member in value)
    if type(value) in (set, frozenset):
        members = [_plain(member, encoders) for member in value]
        try:
            return type(value)(members)
        except TypeError:  # Objects that became dicts, which no set can hold.
            return sorted(members, key=repr)
    if type(value) is dict:
        return {key: _plain(member, encoders) for key, member in value.items()}
    return value
