"""Where in a payload the part is that can't be pickled. It is looked for only after pickling has failed."""

from __future__ import annotations

import pickle
import sys
import types
from collections.abc import Iterator
from itertools import islice
from typing import Any

# So deep it is looked: each level pickles again what lies below it.
_MOST_LEVELS = 50

# What Python and libraries raise for an object that can't be pickled. Anything else is the fault of the file, or of the
# user's own code, which the traceback shows.
_RAISED_BY_PICKLING = (pickle.PicklingError, TypeError, AttributeError, NotImplementedError, ValueError, RuntimeError)

# How many parts are tried together before each by itself.
_AT_ONCE = 1000


def explained(payload: object, error: Exception) -> Exception:
    """Returns an error that names the part at fault by its path, or the same error where there is nothing to add."""
    if isinstance(error, RecursionError) or not isinstance(error, _RAISED_BY_PICKLING):
        return error
    path, part, reason = _find(payload, error)
    if not path:
        return error
    return pickle.PicklingError(f"at `{path}`: {_name_of(part)} can't be pickled: {reason}")


def _name_of(part: object) -> str:
    if getattr(part, "__name__", None) == "<lambda>":
        return "a lambda"
    kind = type(part)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"a part of type {name}"


def _find(part: object, reason: Exception) -> tuple[str, object, Exception]:
    path = ""
    seen = {id(part)}
    for _ in range(_MOST_LEVELS):
        try:
            found = _first_at_fault(part, seen)
        except Exception:  # It does not tell its parts.
            break
        if found is None:
            break  # Each of its parts can be pickled, so it is the part at fault.
        step, part, reason = found
        path += step
        seen.add(id(part))
    return path, part, reason


def _first_at_fault(whole: object, seen: set[int]) -> tuple[str, object, Exception] | None:
    parts = _parts_of(whole)
    # A list may have millions of members.
    while some := list(islice(parts, _AT_ONCE)):
        if _failure_of([part for _, part in some]) is None:
            continue
        for step, part in some:
            failure = None if id(part) in seen else _failure_of(part)
            if failure is not None:
                return step, part, failure
    return None


class _Nothing:
    """A writer that keeps nothing."""

    def write(self, data: Any, /) -> int:
        return memoryview(data).nbytes


def _failure_of(part: object) -> Exception | None:
    from persistable.io._pickler import Pickler

    try:
        Pickler(_Nothing(), out_of_band_bytes=0).dump(part)
    except Exception as error:
        return error
    return None


def _parts_of(whole: Any) -> Iterator[tuple[str, object]]:
    """Yields what an object consists of, each with the way to it as Python code has it."""
    if isinstance(whole, types.FunctionType):
        return _parts_of_function(whole)
    if type(whole) in (set, frozenset):
        return ((f"{{{_shown(member)}}}", member) for member in whole)
    if type(whole) in (list, tuple):
        return ((f"[{index}]", member) for index, member in enumerate(whole))
    if type(whole) is dict:
        return _entries(whole.items())
    return _parts_of_object(whole)


def _entries(items: Any) -> Iterator[tuple[str, object]]:
    for key, value in items:
        yield f"[{_shown(key)}]", value
        yield f".keys(){{{_shown(key)}}}", key


def _shown(key: object) -> str:
    if isinstance(key, (str, bytes, int, float, bool, type(None))):
        return f"{key!r:.60}"
    return type(key).__qualname__


def _parts_of_function(function: types.FunctionType) -> Iterator[tuple[str, object]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield f".__closure__[{name!r}]", cell.cell_contents
        except ValueError:  # Nothing is in it yet.
            continue
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield f".__globals__[{name!r}]", function.__globals__[name]
    yield ".__defaults__", function.__defaults__
    yield ".__kwdefaults__", function.__kwdefaults__


def _parts_of_object(whole: Any) -> Iterator[tuple[str, object]]:
    pandas: Any = sys.modules.get("pandas")
    if pandas is not None and isinstance(whole, pandas.DataFrame):
        labels = list(whole.columns)
        return ((f"[{_shown(label)}]", whole.iloc[:, position]) for position, label in enumerate(labels))
    if pandas is not None and isinstance(whole, pandas.Series):
        return ((f".iloc[{row}]", value) for row, value in enumerate(whole))
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and isinstance(whole, numpy.ndarray):
        return ((f"[{', '.join(map(str, place))}]", value) for place, value in numpy.ndenumerate(whole))
    return _parts_by_reduction(whole)


def _parts_by_reduction(whole: Any) -> Iterator[tuple[str, object]]:
    if isinstance(whole, tuple) and hasattr(whole, "_fields"):
        yield from ((f".{name}", value) for name, value in zip(whole._fields, whole))
    reduced = whole.__reduce_ex__(5)
    if not isinstance(reduced, tuple):
        return
    arguments, state, items, entries = (*reduced[1:5], None, None, None, None)[:4]
    yield from _attributes(whole, state)
    yield from ((f"[{index}]", item) for index, item in enumerate(items or ()))
    yield from _entries(entries or ())
    name = _attribute_of(whole, arguments)
    if name is not None:
        yield name, arguments
    for index, argument in enumerate(arguments or ()):
        if argument is not type(whole):
            yield _attribute_of(whole, argument) or f".__reduce_ex__(5)[1][{index}]", argument


def _attributes(whole: object, state: Any) -> Iterator[tuple[str, object]]:
    # With slots, the state is a pair of the dict and of what is in the slots.
    has_slots = isinstance(state, tuple) and len(state) == 2
    for part in state if isinstance(state, tuple) else (state,):
        name = None if has_slots else _attribute_of(whole, part)
        if isinstance(part, dict) and name is None:
            yield from ((f".{name}", value) for name, value in part.items())
        elif part is not None:
            yield name or ".__getstate__()", part


def _attribute_of(whole: object, value: object) -> str | None:
    """Returns the attribute of a type written in C that has the value, as `partial.func` has."""
    for name in dir(type(whole)):
        kind = type(getattr(type(whole), name, None))
        is_in_c = kind in (types.MemberDescriptorType, types.GetSetDescriptorType) and name != "__dict__"
        if is_in_c and getattr(whole, name, None) is value:
            return f".{name}"
    return None
