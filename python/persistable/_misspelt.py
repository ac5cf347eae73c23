"""Names in `_excluded_attributes` and the like that are surely misspelt."""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from persistable._dict_encodable import declares_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["misspelt", "nearest"]

# What a class's own code can set without a word of the attribute's name.
_SETS_ANY = {"__dict__", "setattr", "__setattr__", "vars", "update"}
_SAYS = "_excluded_attributes"

# Class → the names that its code has.
_mentioned: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def nearest(name: str, fields: Iterable[str]) -> str | None:
    """Returns the field whose name is most like another name, if one is."""
    import difflib

    found = difflib.get_close_matches(name, list(fields), 1, 0.8)
    return found[0] if found else None


def misspelt(instance: Any, excluded: Iterable[str], fields: list[str]) -> tuple[str, str] | None:
    """Returns a name among those excluded that is surely misspelt, and what to do; `None` if there is none.

    `fields` are those that the object has. A class may exclude an attribute that its objects have only sometimes, such
    as a cache. So a name counts as misspelt only if the code of the class does not have it. Besides, it must be like
    the name of a field, or the objects must be of a dataclass that sets nothing but its fields.
    """
    cls = type(instance)
    for name in excluded:
        if not isinstance(name, str) or name.startswith("_") or name in fields or hasattr(instance, name):
            continue
        mentioned = _names_in(cls)
        if name in mentioned or not _SETS_ANY.isdisjoint(mentioned) or _is_of_a_subclass(cls, name):
            continue
        like = nearest(name, fields)
        if like is not None and like not in excluded:
            return name, f"write `{like}`"
        if like is None and _sets_only_fields(cls):
            return name, f"remove it, or name one of its fields: {', '.join(fields)}"
    return None


def _sets_only_fields(cls: type) -> bool:
    """Tells whether a dataclass has a list of its own, and no code that could set further attributes."""
    if "__dataclass_fields__" not in cls.__dict__ or not declares_fields(cls):
        return False
    definers = [
        base for base in cls.__mro__ if _SAYS in base.__dict__ and not base.__module__.startswith("persistable.")
    ]
    if definers != [cls]:
        return False  # A base may say it for all that derive from it.
    post_init = getattr(cls, "__post_init__", None)
    if post_init is not None and not _is_of_this_package(getattr(post_init, "__wrapped__", post_init)):
        return False
    return not hasattr(cls, "__getattr__")


def _is_of_a_subclass(cls: type, name: str) -> bool:
    subclasses: list[type] = type.__subclasses__(cls)
    return any(
        name in getattr(below, "__dataclass_fields__", ()) or hasattr(below, name) or _is_of_a_subclass(below, name)
        for below in subclasses
    )


def _names_in(cls: type) -> frozenset[str]:
    found = _mentioned.get(cls)
    if found is None:
        found = _mentioned[cls] = frozenset(
            name
            for base in cls.__mro__
            if base is not object and not base.__module__.startswith("persistable.")
            for function in _functions_of(base)
            for name in _names_of(function.__code__)
        )
    return found


def _functions_of(cls: type) -> Iterator[FunctionType]:
    for name, attribute in list(vars(cls).items()):
        # Those that dataclasses make set the fields, and no others.
        is_made = name in ("__init__", "__setattr__", "__delattr__") and "__dataclass_fields__" in vars(cls)
        for candidate in (
            attribute,
            getattr(attribute, "fget", None),
            getattr(attribute, "fset", None),
            getattr(attribute, "func", None),
            getattr(attribute, "__func__", None),
            getattr(attribute, "__wrapped__", None),
        ):
            if not isinstance(candidate, FunctionType) or name == _SAYS or _is_of_this_package(candidate):
                continue
            if not (is_made and candidate.__code__.co_filename == "<string>"):
                yield candidate


def _is_of_this_package(function: Any) -> bool:
    return str(getattr(function, "__globals__", {}).get("__name__", "")).startswith("persistable.")


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of(constant)
        elif isinstance(constant, str):
            yield constant
        elif isinstance(constant, (tuple, frozenset)):
            yield from (member for member in constant if isinstance(member, str))
