"""What of an object is part of the payload: the members of containers, and what pickle takes of other objects."""

from __future__ import annotations

import copyreg
import enum
import types
from collections import deque
from itertools import islice
from typing import Any, Callable, NamedTuple
from weakref import WeakKeyDictionary

from persistable._checks.kinds import Check, check_by_name, check_by_shape, names_of

ATOMS = frozenset({int, float, complex, bool, str, bytes, bytearray, type(None), type(Ellipsis), range, slice})
"""The commonest types whose objects have no parts."""

Parts = list[tuple[Any, Any]]
Lister = Callable[[Any, int], Parts]


class Plan(NamedTuple):
    """How objects of a class are looked at."""

    check: Check | None
    parts: Lister | None
    """Returns those of at most so many parts that may have parts of their own, with their labels."""
    is_container: bool
    """Whether it is one of the usual containers, whose parts every payload IO sees."""


class Key(NamedTuple):
    """The label of a key of a dict."""

    key: Any


class Attribute(NamedTuple):
    """The label of an attribute."""

    name: str


class Cell(NamedTuple):
    """The label of a cell of a frame."""

    column: Any
    row: int


# Classes with a `__getstate__` of these packages are pickled by their attributes like any other.
_FAITHFUL = frozenset({"attr", "attrs", "dataclasses", "pydantic", "sklearn"})
_LEAVES = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, enum.Enum)
# They never end, so that there is always something left to read.
_ENDLESS = frozenset({"itertools.count", "itertools.repeat"})

_plans: WeakKeyDictionary[type, Plan | None] = WeakKeyDictionary()
_UNKNOWN = Plan(None, None, False)


def plan_of(kind: type) -> Plan | None:
    """Returns how to look at objects of a class; `None` if there is nothing to see."""
    plan = _plans.get(kind, _UNKNOWN)
    if plan is _UNKNOWN:
        plan = _plans[kind] = _make(kind)
    return plan


def _make(kind: type) -> Plan | None:
    if kind in ATOMS or issubclass(kind, _LEAVES):
        return None
    names = names_of(kind)
    if not _ENDLESS.isdisjoint(names):
        return None
    check = check_by_name(names) or check_by_shape(kind)
    if check is not None:
        return Plan(check, None, False)
    for base, lister in _CONTAINERS:
        if issubclass(kind, base):
            return Plan(None, lister, True)
    for name, lister in _CONTAINERS_BY_NAME.items():
        if name in names:
            return Plan(None, lister, True)
    return Plan(None, _of_object, False) if _is_pickled_by_attributes(kind) else None


def _is_pickled_by_attributes(kind: type) -> bool:
    """Returns whether pickle takes all attributes, rather than what a method of the class chooses."""
    if kind in copyreg.dispatch_table:
        return False
    if issubclass(kind, types.SimpleNamespace):
        return True
    methods: Any = kind
    if methods.__reduce_ex__ is not object.__reduce_ex__ or methods.__reduce__ is not object.__reduce__:
        return False
    chooser = getattr(kind, "__getstate__", None)
    if chooser is None or chooser is getattr(object, "__getstate__", None):
        return True
    return (getattr(chooser, "__module__", None) or "").partition(".")[0] in _FAITHFUL


def _of_sequence(held: Any, limit: int) -> Parts:
    # Not by methods that a subclass may have put in their place.
    base: Any = list if isinstance(held, list) else tuple
    size, get = base.__len__(held), base.__getitem__
    names = getattr(type(held), "_fields", None)
    found = [(at, part) for at in range(0, size, -(-size // limit) or 1) if type(part := get(held, at)) not in ATOMS]
    if isinstance(names, tuple) and len(names) == size:
        return [(Attribute(str(names[at])), part) for at, part in found]
    return found


def _of_deque(held: Any, limit: int) -> Parts:
    return [(at, part) for at, part in enumerate(islice(held, limit)) if type(part) not in ATOMS]


def _of_set(held: Any, limit: int) -> Parts:
    return [(Key(part), part) for part in islice(held, limit) if type(part) not in ATOMS]


def _of_dict(held: Any, limit: int) -> Parts:
    found: Parts = []
    for key, part in islice(dict.items(held), limit):
        if type(key) not in ATOMS:
            found.append((Key(key), key))
        if type(part) not in ATOMS:
            found.append((key, part))
    return found


def _of_array(held: Any, limit: int) -> Parts:
    if not held.dtype.hasobject:
        return []
    size = held.size
    flat = held.flat
    return [(at, part) for at in range(0, size, -(-size // limit) or 1) if type(part := flat[at]) not in ATOMS]


def _of_record(held: Any, limit: int) -> Parts:
    """Takes a record of an array apart, or a scalar: the latter has no parts."""
    return _of_sequence(held.item(), limit) if getattr(held.dtype, "hasobject", False) else []


def _of_frame(held: Any, limit: int) -> Parts:
    """Takes the cells of columns of objects. Asking for the columns' types would take a hundred times as long."""
    found: Parts = []
    for block in held._mgr.blocks:
        dtype = block.values.dtype
        if not getattr(dtype, "hasobject", False):
            continue
        values = block.values.reshape(-1, block.values.shape[-1])
        for at, column in enumerate(values[:limit]):
            parts = _of_array(column, max(limit // len(values), 16))
            if parts:
                name = held.columns[block.mgr_locs.as_array[at]] if hasattr(held, "columns") else None
                found.extend((row if name is None else Cell(name, row), part) for row, part in parts)
    return found


def _of_object(held: Any, limit: int) -> Parts:
    attributes = getattr(held, "__dict__", None)
    found: Parts = []
    if isinstance(attributes, dict):
        found = [(Attribute(str(name)), part) for name, part in islice(attributes.items(), limit)]
    slots: list[str] = copyreg._slotnames(type(held))  # type: ignore[attr-defined]
    for name in slots:
        try:
            found.append((Attribute(name), getattr(held, name)))
        except AttributeError:
            continue
    return [(label, part) for label, part in found if type(part) not in ATOMS]


_CONTAINERS: tuple[tuple[type, Lister], ...] = (
    (dict, _of_dict),
    (list, _of_sequence),
    (tuple, _of_sequence),
    (set, _of_set),
    (frozenset, _of_set),
    (deque, _of_deque),
)
_CONTAINERS_BY_NAME: dict[str, Lister] = {
    "numpy.ndarray": _of_array,
    "numpy.generic": _of_record,
    "pandas.DataFrame": _of_frame,
    "pandas.Series": _of_frame,
}
