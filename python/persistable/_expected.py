"""What an annotation expects of a value, and which values of other types it can take without a loss."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from persistable.inputs import InputFile, InputFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO", "AnyOf", "Anything", "Entries", "Expected", "Float", "Instance", "Items", "OneOf", "Parts", "Text"]

NO: Any = object()
"""What `take` returns for a value that an annotation can't take."""


class Expected:
    """What an annotation expects. The base expects anything."""

    def take(self, value: Any) -> Any:
        """Returns the value itself if it fits, an equal one of the expected type if there is one, and else `NO`."""
        return value


Anything = Expected


class Instance(Expected):
    """An object of a class."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def take(self, value: Any) -> Any:
        try:
            if isinstance(value, self._cls):
                return value
        except TypeError:  # Protocols and typed dicts can't be asked.
            return value
        if issubclass(self._cls, PurePath) and type(value) is str:
            return self._cls(value)
        if self._cls in (InputFile, InputFolder) and (type(value) is str or isinstance(value, PurePath)):
            return self._cls(value)
        return NO


class Float(Expected):
    """A `float`. It takes an integer and a NumPy number that is equal to one."""

    def take(self, value: Any) -> Any:
        if isinstance(value, float):
            return value
        numpy: Any = sys.modules.get("numpy")
        is_number = type(value) is int or (numpy is not None and isinstance(value, (numpy.integer, numpy.floating)))
        if not is_number:
            return NO
        try:
            number = float(value)
        except OverflowError:
            return NO
        return number if number == value or value != value else NO


class Text(Expected):
    """A `str`. It takes a path."""

    def take(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return str(value) if isinstance(value, PurePath) else NO


class Items(Expected):
    """A list, a tuple of any length, or a set. Without a kind, a list or a tuple may stay what it is."""

    def __init__(self, kind: type | None, item: Expected) -> None:
        self._kind = kind
        self._item = item

    def take(self, value: Any) -> Any:
        given: Any = type(value)
        kind: Any = self._kind or given
        if given not in ((kind,) if kind in (set, frozenset) else (list, tuple)):
            return value if isinstance(value, kind) else NO
        taken = [self._item.take(item) for item in value]
        if any(item is NO for item in taken):
            return NO
        if given is kind and all(new is old for new, old in zip(taken, value)):
            return value
        made = kind(taken)
        return made if len(made) == len(value) else NO


class Parts(Expected):
    """A tuple with a type for each of its members."""

    def __init__(self, parts: Sequence[Expected]) -> None:
        self._parts = parts

    def take(self, value: Any) -> Any:
        if type(value) not in (list, tuple):
            return value if isinstance(value, tuple) else NO
        if len(value) != len(self._parts):
            return NO
        taken = [part.take(item) for part, item in zip(self._parts, value)]
        if any(item is NO for item in taken):
            return NO
        is_same = type(value) is tuple and all(new is old for new, old in zip(taken, value))
        return value if is_same else tuple(taken)


class Entries(Expected):
    """A dict."""

    def __init__(self, key: Expected, value: Expected) -> None:
        self._key = key
        self._value = value

    def take(self, value: Any) -> Any:
        if type(value) is not dict:
            return value if hasattr(type(value), "keys") else NO
        taken = [(self._key.take(key), self._value.take(held)) for key, held in value.items()]
        if any(key is NO or held is NO for key, held in taken):
            return NO
        if all(key is old_key and held is value[old_key] for (key, held), old_key in zip(taken, value)):
            return value
        made = dict(taken)
        return made if len(made) == len(value) else NO


class OneOf(Expected):
    """One of several literals."""

    def __init__(self, literals: Sequence[Any]) -> None:
        self._literals = literals

    def take(self, value: Any) -> Any:
        is_there = any(type(value) is type(literal) and value == literal for literal in self._literals)
        return value if is_there else NO


class AnyOf(Expected):
    """One of several types. A value that fits none of them is taken only if exactly one can take it."""

    def __init__(self, members: Sequence[Expected]) -> None:
        self._members = members

    def take(self, value: Any) -> Any:
        taken = [new for new in (member.take(value) for member in self._members) if new is not NO]
        if any(new is value for new in taken):
            return value
        return taken[0] if len(taken) == 1 else NO
