"""Named tuples that are made quickly.

The first load of a process imports all modules of this package. `typing.NamedTuple` would take a seventh of that time:
it compiles each annotation, and evaluates source for each class.
"""

from __future__ import annotations

from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple
else:

    class NamedTuple(tuple):
        """Does for classes of this package what `typing.NamedTuple` does."""

        _fields: tuple[str, ...] = ()
        _field_defaults: Mapping[str, Any] = MappingProxyType({})

        def __init_subclass__(cls) -> None:
            cls._fields = tuple(cls.__annotations__)
            cls._field_defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
            for index, name in enumerate(cls._fields):
                setattr(cls, name, property(itemgetter(index)))

        def __new__(cls, *given: Any, **named: Any) -> NamedTuple:
            if named or len(given) != len(cls._fields):
                values = {**cls._field_defaults, **dict(zip(cls._fields, given)), **named}
                if len(given) > len(cls._fields) or values.keys() != set(cls._fields):
                    raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
                given = tuple(map(values.__getitem__, cls._fields))
            return tuple.__new__(cls, given)

        def _replace(self, **named: Any) -> NamedTuple:
            return type(self)(**{**dict(zip(self._fields, self)), **named})
