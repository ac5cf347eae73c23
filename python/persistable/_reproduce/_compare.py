"""Comparing two payloads by value: what differs, where, and how much."""

from __future__ import annotations

import math
import os
import reprlib
import sys
from collections import deque
from collections.abc import Iterable, Set
from dataclasses import fields, is_dataclass
from numbers import Number
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from persistable._almost_equal import Tolerance, are_close_numbers
from persistable._reproduce._reproduction import CLOSE, DIFFERENT, EQUAL, NOT_COMPARABLE, Difference

__all__ = ["Comparison", "compare", "shown"]

_MOST_KEPT = 20

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 60


def compare(persisted: Any, generated: Any, tolerance: Tolerance) -> Comparison:
    """Compares two payloads by value."""
    comparison = Comparison(tolerance)
    try:
        comparison.compare(persisted, generated, "")
    except RecursionError:
        comparison.is_not_comparable("", "it is nested too deeply")
    return comparison


def shown(value: Any) -> str:
    """Returns a short text for a value. One whose `repr` fails is named by its type."""
    try:
        return _repr.repr(value)
    except Exception:
        return f"<{type(value).__qualname__}>"


class Comparison:
    """What was found so far. Numbers are close within the tolerance; everything else is equal or different."""

    def __init__(self, tolerance: Tolerance) -> None:
        """Begins with nothing found."""
        self.tolerance = tolerance
        self.different: list[Difference] = []
        self.close: list[Difference] = []
        self.not_comparable: list[str] = []
        self.largest_absolute = 0.0
        self.largest_relative = 0.0
        # By identity, for payloads that refer to themselves. It holds the objects, so that no other one gets an id.
        self._noted = 0
        self._met: dict[tuple[int, int], tuple[Any, Any]] = {}

    @property
    def verdict(self) -> str:
        """What all of it amounts to."""
        if self.different:
            return DIFFERENT
        if self.not_comparable:
            return NOT_COMPARABLE
        return CLOSE if self.close else EQUAL

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The first differences; those that are only close come last."""
        return tuple([*self.different, *self.close][:_MOST_KEPT])

    # --- what comparers of types tell -------------------------------------------------------------------------------

    def differs(self, path: str, what: str) -> None:
        """Notes that a part is another."""
        self._keep(self.different, Difference(path, what))

    def errs(self, path: str, what: str, absolute: float, relative: float, is_close: bool) -> None:
        """Notes that numbers are apart."""
        self.largest_absolute = max(self.largest_absolute, absolute)
        self.largest_relative = max(self.largest_relative, relative)
        self._keep(self.close if is_close else self.different, Difference(path, what, absolute, relative))

    def is_not_comparable(self, path: str, why: str) -> None:
        """Notes that a part could not be compared."""
        self._keep(self.not_comparable, f"{path or 'the payload'}: {why}")

    def is_same_value(self, path: str, a: Any, b: Any) -> bool:
        """Compares two plain values, such as a shape, and notes a difference."""
        if a == b:
            return True
        self.differs(path, f"{shown(a)} and {shown(b)}")
        return False

    # --- the walk ---------------------------------------------------------------------------------------------------

    def compare(self, a: Any, b: Any, path: str) -> None:
        """Compares two values of any type."""
        if a is b:
            return
        kind = type(a)
        if kind is not type(b) and _name_of(kind) != _name_of(type(b)):
            self.differs(path, f"type {_name_of(kind)} and type {_name_of(type(b))}")
            return
        if kind in _PLAIN:
            if a != b:
                self.differs(path, f"{shown(a)} and {shown(b)}")
            return
        if isinstance(a, (type, FunctionType, BuiltinFunctionType, ModuleType)):
            self.is_same_value(path, _name_of(a), _name_of(b))
            return
        if id(a) == id(b) or (id(a), id(b)) in self._met:
            return
        if not isinstance(a, Number):
            self._met[id(a), id(b)] = (a, b)
        if not self._compare_foreign(a, b, path):
            self._compare_known(a, b, path)

    def _compare_foreign(self, a: Any, b: Any, path: str) -> bool:
        """Compares arrays and frames; returns whether that is what they are."""
        if "numpy" in sys.modules:
            from persistable._reproduce import _compare_arrays

            if _compare_arrays.compare(self, a, b, path):
                return True
        if str(type(a).__module__).partition(".")[0] in ("pandas", "polars", "pyarrow"):
            from persistable._reproduce import _compare_frames

            return _compare_frames.compare(self, a, b, path)
        return False

    def _compare_known(self, a: Any, b: Any, path: str) -> None:
        if isinstance(a, (float, complex, int)):
            self._compare_numbers(a, b, path)
        elif isinstance(a, dict):
            self._compare_dicts(a, b, path)
        elif isinstance(a, tuple) and hasattr(a, "_fields"):
            self._compare_parts(dict(zip(a._fields, a)), dict(zip(b._fields, b)), path)
        elif isinstance(a, (list, tuple, deque)):
            self._compare_sequences(a, b, path)
        elif isinstance(a, (set, frozenset)):
            self._compare_sets(a, b, path)
        elif is_dataclass(a):
            names = [field.name for field in fields(a) if field.compare]
            self._compare_parts(_named(a, names), _named(b, names), path)
        elif hasattr(type(a), "__attrs_attrs__"):
            names = [field.name for field in type(a).__attrs_attrs__ if field.eq]
            self._compare_parts(_named(a, names), _named(b, names), path)
        else:
            self._compare_objects(a, b, path)

    def _compare_numbers(self, a: Any, b: Any, path: str) -> None:
        if a == b or (a != a and b != b):
            return
        try:
            absolute = float(abs(a - b))
            scale = float(max(abs(a), abs(b)))
        except OverflowError:
            absolute = scale = math.inf
        if absolute != absolute:  # One of them is not a number.
            absolute = math.inf
        relative = absolute / scale if scale and math.isfinite(scale) else math.inf
        self.errs(path, f"{a!r} and {b!r}", absolute, relative, are_close_numbers(b, a, self.tolerance))

    def _compare_dicts(self, a: dict[Any, Any], b: dict[Any, Any], path: str) -> None:
        for key in a:
            if key in b:
                self.compare(a[key], b[key], f"{path}[{shown(key)}]")
            else:
                self.differs(f"{path}[{shown(key)}]", "is persisted, and was not generated again")
        for key in b:
            if key not in a:
                self.differs(f"{path}[{shown(key)}]", "was generated, and is not persisted")
        if type(a) is not dict:
            if a.keys() == b.keys() and hasattr(type(a), "move_to_end") and list(a) != list(b):
                self.differs(path, "the entries have another order")
            self._compare_parts(getattr(a, "__dict__", {}), getattr(b, "__dict__", {}), path)

    def _compare_sequences(self, a: Any, b: Any, path: str) -> None:
        if len(a) != len(b):
            self.differs(path, f"{len(a)} members and {len(b)} members")
        for index, (one, other) in enumerate(zip(a, b)):
            self.compare(one, other, f"{path}[{index}]")

    def _compare_sets(self, a: Set[Any], b: Set[Any], path: str) -> None:
        if a == b:
            return
        only_a, only_b = [each for each in a if each not in b], [each for each in b if each not in a]
        if not all(_has_own_equality(each) for each in [*only_a, *only_b]):
            self.is_not_comparable(path, "it is a set whose members have no == of their own")
        elif len(only_a) == len(only_b) and all(isinstance(each, float) for each in [*only_a, *only_b]):
            for one, other in zip(_sorted(only_a), _sorted(only_b)):
                self.compare(one, other, f"{path}{{{one!r}}}")
        else:
            parts = [
                f"{label} {_listed(only)}"
                for label, only in (("only persisted:", only_a), ("only generated:", only_b))
                if only
            ]
            self.differs(path, "; ".join(parts))

    def _compare_parts(self, a: dict[str, Any], b: dict[str, Any], path: str) -> None:
        """Compares the attributes of objects."""
        for name in a:
            if name in b:
                self.compare(a[name], b[name], f"{path}.{name}")
        for name in a.keys() ^ b.keys():
            self.differs(f"{path}.{name}", "is persisted only" if name in a else "was generated only")

    def _compare_objects(self, a: Any, b: Any, path: str) -> None:
        said = _is_equal(a, b)
        if said is True:
            return
        noted = self._noted
        state, other_state = _attributes(a), _attributes(b)
        if (state or other_state) and not isinstance(a, (str, bytes, os.PathLike)):
            self._compare_parts(state, other_state, path)
        elif said is None and not self._compare_reductions(a, b, path):
            self.is_not_comparable(path, f"type {_name_of(type(a))} has no == of its own, and no attributes")
        if said is False and self._noted == noted:
            self.differs(path, f"{shown(a)} and {shown(b)}")

    def _compare_reductions(self, a: Any, b: Any, path: str) -> bool:
        """Compares what pickle would make of two objects; returns whether it makes anything of them."""
        try:
            reduced, other = _reduction(a), _reduction(b)
        except Exception:  # Whatever a class of C raises that can't be pickled.
            return False
        self.compare(reduced, other, path)
        return True

    def _keep(self, kept: list[Any], found: Any) -> None:
        self._noted += 1
        if len(kept) < _MOST_KEPT:
            kept.append(found)


# Two of these are the same if they are equal.
_PLAIN = frozenset({int, bool, str, bytes, bytearray, type(None), type(Ellipsis), range, slice})


def _name_of(definition: Any) -> str:
    module = getattr(definition, "__module__", None)
    name = getattr(definition, "__qualname__", None) or getattr(definition, "__name__", "?")
    return str(name) if module in (None, "builtins") else f"{module}.{name}"


def _named(value: Any, names: list[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _has_own_equality(value: Any) -> bool:
    equality: Any = type(value).__eq__
    return equality is not object.__eq__


def _is_equal(a: Any, b: Any) -> bool | None:
    """Returns what the objects' own `==` says; `None` if they have none, or it gives no truth value."""
    if isinstance(a, MethodType) or not _has_own_equality(a):
        return None
    try:
        same = a == b
        if same is NotImplemented:
            return None
        if not same and a != a and b != b:  # Such as a decimal that is not a number.
            return True
        return bool(same)
    except Exception:
        return None


def _attributes(value: Any) -> dict[str, Any]:
    attributes = dict(getattr(value, "__dict__", None) or {})
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                attributes[name] = getattr(value, name)
    return attributes


def _reduction(value: Any) -> list[Any]:
    reduced = value.__reduce_ex__(4)
    if isinstance(reduced, str):
        return [reduced]
    # Behind a callable, its arguments and the state come iterators over the members of lists and dicts.
    return [*reduced[:3], *(None if part is None else list(part) for part in reduced[3:5])]


def _sorted(values: Iterable[float]) -> list[float]:
    return sorted(values, key=lambda value: (value != value, value))


def _listed(values: list[Any]) -> str:
    texts = sorted(map(shown, values))
    return ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
