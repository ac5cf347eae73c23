"""Classes: which of their members a step may use."""

from __future__ import annotations

import dataclasses
import enum
from types import ModuleType
from typing import TYPE_CHECKING, Any

from persistable._code.fields import fields_of
from persistable._code.generated import is_generated
from persistable._code.kinds import is_code
from persistable._code.origins import namespace_of

if TYPE_CHECKING:
    from persistable._code.walk import Walk

__all__ = ["ClassWalk"]

_NO_NAMES: frozenset[str] = frozenset()
# Bases that say nothing about what a class does, or that each version of Python writes down in another way.
_PLAIN_BASES = frozenset({"object", "Generic", "Protocol"})
_PLAIN_DUNDERS = frozenset({"__annotate__", "__annotate_func__", "__subclasshook__", "__weakref__", "__dict__"})


class ClassWalk:
    """The classes that a walk met, with those of their members that were not mentioned yet."""

    def __init__(self, walk: Walk) -> None:
        """Belongs to a walk."""
        self._walk = walk
        self._remaining: dict[type, tuple[Any, dict[str, Any]]] = {}
        self.params: set[int] = set()
        """Classes of the step's params: the values of their fields are in its key, so that defaults don't count."""

    def visit(self, cls: type) -> None:
        """Takes in a class with its bases, as far as they are the user's own."""
        places = self._walk.places
        for base in cls.__mro__:
            if base in self._remaining:
                continue
            if not places.is_users_class(base):
                self._walk.libraries.add(str(base.__module__).partition(".")[0])
                continue
            if id(cls) in self.params:
                self.params.add(id(base))
            self._take(base)
        if type(cls) is not type and places.is_users_class(type(cls)):
            self._walk.see(type(cls), type(cls).__qualname__)

    def take_members(self) -> None:
        """Takes in the members whose names came up."""
        mentioned = self._walk.mentioned
        for cls, (_, remaining) in list(self._remaining.items()):
            for name in sorted(remaining.keys() & mentioned):
                self._take_member(cls, name)

    def _take(self, cls: type) -> None:
        namespace = vars(cls)
        remaining = dict(namespace)
        self._remaining[cls] = namespace, remaining
        name = self._walk.shown(cls)
        bases = [
            self._walk.shown(base) if self._walk.places.is_users_class(base) else base.__qualname__
            for base in cls.__bases__
            if base.__qualname__ not in _PLAIN_BASES
        ]
        declared: list[Any] = [bases]
        if issubclass(cls, enum.Enum):
            self._take_enum(cls, name, remaining)
        elif id(cls) not in self.params:
            declared.append(self._take_fields(cls, name, remaining))
        else:
            for field in fields_of(cls):
                remaining.pop(field.name, None)
        self._enter(cls)
        self._walk.declared[name] = self._walk.file, declared
        for member in sorted(remaining):
            if member.startswith("__") and member.endswith("__"):
                if _is_written(cls, member, remaining[member]):
                    self._take_member(cls, member)
                else:
                    del remaining[member]

    def _take_member(self, cls: type, member: str) -> None:
        namespace, remaining = self._remaining[cls]
        value = remaining.pop(member)
        if type(value).__name__ in ("member_descriptor", "getset_descriptor"):  # A slot.
            return
        self._enter(cls)
        # Of a module that is an attribute, anything that came up may be used.
        names = frozenset(self._walk.mentioned) if isinstance(value, ModuleType) else _NO_NAMES
        name = f"{self._walk.shown(cls)}.{member}"
        if not is_code(value) and self._walk.state.has_of_class(cls, member, value):
            self._walk.note_state(value, name)
        else:
            self._walk.hold(namespace, member, value, name, names)

    def _take_enum(self, cls: type[enum.Enum], name: str, remaining: dict[str, Any]) -> None:
        self._enter(cls)
        if id(cls) not in self.params:
            members = [(member, each.value) for member, each in cls.__members__.items()]
            self._walk.constant(None, name, members, f"{name} (members)")
        for member in (*cls.__members__, "_member_map_", "_member_names_", "_value2member_map_"):
            remaining.pop(member, None)

    def _take_fields(self, cls: type, name: str, remaining: dict[str, Any]) -> list[Any]:
        """Takes in the defaults of a dataclass and the like, and returns what else there is to its fields."""
        declared = []
        self._enter(cls)
        for field in fields_of(cls):
            declared.append((field.name, field.told))
            remaining.pop(field.name, None)
            for function in field.functions:
                self._walk.see(function, f"{name}.{field.name}")
            if field.default is not dataclasses.MISSING:
                if is_code(field.default):
                    self._walk.see(field.default, f"{name}.{field.name}")
                else:
                    self._walk.constant(None, field.name, field.default, f"{name}.{field.name}")
        return declared

    def _enter(self, cls: type) -> None:
        self._walk.enter(namespace_of(cls))


def _is_written(cls: type, name: str, value: Any) -> bool:
    """Tells whether somebody wrote a dunder, and no library made it."""
    if name in _PLAIN_DUNDERS or not is_code(value) or isinstance(value, type):
        return False
    return not is_generated(cls, name, value)
