"""What sorts of objects there are for a record: values that never change, code, and what means nothing to a payload."""

from __future__ import annotations

import _thread
import functools
import re
import sys
import types
import typing
from typing import Any

from persistable._definition import MakesSteps
from persistable._is_step import StepBase

__all__ = ["CODE", "IMMUTABLE", "SCALARS", "is_code", "is_inert", "is_step"]

SCALARS = frozenset({int, float, complex, bool, str, bytes, type(None)})
"""Exact types whose objects never change and hold no others."""

_IMMUTABLE_NAMES = {
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "uuid": {"UUID"},
    "pathlib": {"PosixPath", "PurePosixPath", "PureWindowsPath", "WindowsPath"},
    "zoneinfo": {"ZoneInfo"},
}
IMMUTABLE = SCALARS | {range, slice, type(Ellipsis), type(NotImplemented), re.Pattern}

CODE = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    functools._lru_cache_wrapper,
    staticmethod,
    classmethod,
    property,
    functools.cached_property,
    functools.singledispatchmethod,
)
"""Types of objects that are code, and not values."""

# What a payload can't depend on, or what only type checkers read.
_INERT: tuple[type, ...] = (
    type(_thread.allocate_lock()),
    type(_thread.RLock()),
    typing.TypeVar,
    type(typing.Any),
    type(typing.Optional),
)
# By module. Nobody has an object of a module that is not imported.
_INERT_NAMES = {
    "logging": ("Logger", "LoggerAdapter", "Handler"),
    "threading": ("Condition", "Semaphore", "Event"),
}
_INERT_MODULES = frozenset({"typing", "typing_extensions"})


def is_inert(value: Any) -> bool:
    """Tells whether an object means nothing to a payload: a logger, a lock, a type for type checkers."""
    kind = type(value)
    return issubclass(kind, _INERT) or kind.__module__ in _INERT_MODULES or issubclass(kind, _inert_if_there())


def _inert_if_there() -> tuple[type, ...]:
    found: list[type] = []
    for module, names in _INERT_NAMES.items():
        there = sys.modules.get(module)
        # While it is imported, some may be missing.
        found.extend(getattr(there, name) for name in names if hasattr(there, name))
    return tuple(found)


def is_immutable(value: Any) -> bool:
    """Tells whether an object of a library never changes."""
    kind = type(value)
    if kind in IMMUTABLE:
        return True
    module = kind.__module__.partition(".")[0]
    if kind.__name__ in _IMMUTABLE_NAMES.get(module, ()):
        return True
    return module == "numpy" and any(base.__name__ in ("generic", "dtype", "ufunc") for base in kind.__mro__)


def is_code(value: Any) -> bool:
    """Tells whether an object is code, which is walked, and not a value, which is encoded."""
    # An object may lie about its class, or raise when it is asked.
    return issubclass(type(value), CODE) or is_step(value)


def is_step(value: Any) -> bool:
    """Tells whether an object is a step, or makes one."""
    return issubclass(type(value), (StepBase, MakesSteps))
