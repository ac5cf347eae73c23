"""Constants that a generation changes: caches, counters, registries. They are state, and no part of the code."""

from __future__ import annotations

from types import CellType, GetSetDescriptorType, MappingProxyType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from persistable._code.values import Described

__all__ = ["ABSENT", "first_seen", "is_state", "note_state", "value_of"]

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "<absent>"})()
"""Stands for a name that has no value."""

# What each was when it was first seen, by where it is held. That is kept alive, so that nothing else comes to stand at
# its address.
_states: dict[tuple[int, str], tuple[Any, Described]] = {}


def note_state(namespace: Any, key: str, described: Described) -> None:
    """Notes that a generation changed a constant, which was as described before."""
    _states.setdefault((_address(namespace), key), (namespace, described))


def is_state(namespace: Any, key: str) -> bool:
    """Tells whether a generation of this process changed a constant."""
    return bool(_states) and namespace is not None and (_address(namespace), key) in _states


def first_seen(namespace: Any, key: str) -> Described | None:
    """Returns what a constant was before the first generation that changed it; `None` if none did."""
    if not _states or namespace is None:
        return None
    known = _states.get((_address(namespace), key))
    return None if known is None else known[1]


def value_of(namespace: Any, key: str) -> Any:
    """Returns the present value of a name in a module's or class's namespace, or of a cell."""
    if type(namespace) is CellType:
        try:
            return namespace.cell_contents
        except ValueError:
            return ABSENT
    return namespace.get(key, ABSENT)


def _address(namespace: Any) -> int:
    # Each view of a class's attributes is another object. Its descriptors are the class's own.
    if type(namespace) is MappingProxyType:
        for value in (namespace.get("__dict__"), namespace.get("__weakref__"), *namespace.values()):
            if type(value) in (GetSetDescriptorType, MemberDescriptorType):
                return id(value)
    return id(namespace)
