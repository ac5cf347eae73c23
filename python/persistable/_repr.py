"""The `repr` of a step: the call that makes it, with its params. Long ones are shortened."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from persistable._definition import definition_of
from persistable._dependencies import in_rows
from persistable._is_step import is_step

__all__ = ["briefly_shown_step", "shown_step"]

_MOST_CHARACTERS = 320
_MOST_OF_BRIEF = 120
_MOST_OF_TEXT = 60
_MOST_MEMBERS = 6
_MOST_LEVELS = 5
_CUT = "…"
_PLAIN = (int, float, complex, bool, type(None))


def shown_step(step: Any) -> str:
    """Returns a step as the call that makes it: `spread(points=points(n=100), z_threshold=1.5)`.

    It has at most a few hundred characters. Nothing is loaded, and nothing fails.
    """
    return _shown(step, _MOST_CHARACTERS, is_brief=False)


def briefly_shown_step(step: Any) -> str:
    """Returns a step as part of one line, without the params of the steps below it: `mean(peaks=peaks(…))`."""
    return _shown(step, _MOST_OF_BRIEF, is_brief=True)


def _shown(step: Any, most_characters: int, is_brief: bool) -> str:
    try:
        text = _Shown(step, most_characters, is_brief).text
    except Exception:  # A repr that raises hides what one debugs.
        text = f"<{type(step).__qualname__}>"
    return text if len(text) <= most_characters else f"{text[:most_characters]}{_CUT}"


class _Shown:
    """A text that grows until it is long."""

    def __init__(self, step: Any, most_characters: int, is_brief: bool) -> None:
        self._most_characters = most_characters
        self._is_brief = is_brief
        self._length = 0
        self.text = "".join(self._step(step, 0))

    def _told(self, text: str) -> str:
        self._length += len(text)
        return text

    def _step(self, step: Any, level: int) -> Iterator[str]:
        if not hasattr(step, "params"):
            yield self._told(f"<{type(step).__qualname__}, not initialised>")
            return
        yield self._told(_name_of(step))
        arguments = _arguments(step)
        if self._is_brief and level > 0 and arguments:
            yield self._told(f"({_CUT})")
        else:
            yield from self._call(arguments, level)

    def _call(self, arguments: Iterable[tuple[str | None, Any]], level: int) -> Iterator[str]:
        yield self._told("(")
        for index, (name, value) in enumerate(arguments):
            if index:
                yield self._told(", ")
            if self._length > self._most_characters:
                yield self._told(_CUT)
                break
            if name is not None:
                yield self._told(f"{name}=")
            yield from self._value(value, level + 1)
        yield self._told(")")

    def _value(self, value: Any, level: int) -> Iterator[str]:
        value = getattr(value, "param", value) if type(value).__name__ == "PersistableParam" else value
        kind = type(value)
        if self._length > self._most_characters or (level > _MOST_LEVELS and not isinstance(value, (*_PLAIN, str))):
            yield self._told(_CUT)
        elif is_step(value):
            yield from self._step(value, level)
        elif kind in (list, tuple, set, frozenset) and value:
            yield from self._members(value, level)
        elif kind is dict and value:
            yield from self._entries(value, level)
        elif dataclasses.is_dataclass(kind):
            yield self._told(kind.__qualname__)
            yield from self._call(((field.name, getattr(value, field.name)) for field in _fields(value)), level)
        else:
            yield self._told(_shown_alone(value))

    def _members(self, members: Any, level: int) -> Iterator[str]:
        kinds: dict[Any, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}")}
        begin, end = kinds.get(type(members), ("frozenset({", "})"))
        yield self._told(begin)
        yield from self._first(members, lambda member: self._value(member, level + 1))
        yield self._told("," + end if type(members) is tuple and len(members) == 1 else end)

    def _entries(self, entries: dict[Any, Any], level: int) -> Iterator[str]:
        yield self._told("{")
        yield from self._first(entries.items(), lambda entry: self._entry(entry, level + 1))
        yield self._told("}")

    def _entry(self, entry: tuple[Any, Any], level: int) -> Iterator[str]:
        key, value = entry
        yield from self._value(key, level)
        yield self._told(": ")
        yield from self._value(value, level)

    def _first(self, items: Collection[Any], show: Callable[[Any], Iterator[str]]) -> Iterator[str]:
        """Shows the first items, and how many there are."""
        for index, item in enumerate(items):
            if index:
                yield self._told(", ")
            if index == _MOST_MEMBERS:
                yield self._told(f"{_CUT} {len(items)} in all")
                break
            yield from show(item)


def _name_of(step: Any) -> str:
    definition = definition_of(step)
    name: str = type(step).__qualname__ if definition is None else definition.function.__name__
    return name.rpartition(".")[2]


def _arguments(step: Any) -> list[tuple[str | None, Any]]:
    """Returns the dependencies and params of a step: by name, and first those that have none."""
    named: dict[str, Any] = {}
    unnamed: list[Any] = []
    held = step.__dict__.get("tracked_persistable_dependencies")
    definition = definition_of(step)
    rows = None if definition is None else step._rows
    if isinstance(held, Mapping):
        named.update(held)
    elif held is not None and rows:
        named.update(in_rows(rows, held))
    elif held is not None:
        unnamed.extend(held)
    named.update((name, value) for name, value in _params(step.params) if not name.endswith("[]"))
    if definition is not None:
        order = {name: index for index, name in enumerate(definition.called.signature.parameters)}
        named = dict(sorted(named.items(), key=lambda item: order.get(item[0], len(order))))
    return [*((None, value) for value in unnamed), *named.items()]


def _params(params: Any) -> Iterable[tuple[str, Any]]:
    if params is None:
        return ()
    if isinstance(params, Mapping):
        return ((str(name), value) for name, value in params.items())
    if hasattr(params, "_asdict"):
        return tuple(params._asdict().items())
    if dataclasses.is_dataclass(params):
        return tuple((field.name, getattr(params, field.name)) for field in _fields(params))
    return tuple((name, value) for name, value in vars(params).items() if not name.startswith("_"))


def _fields(value: Any) -> tuple[Any, ...]:
    return tuple(field for field in dataclasses.fields(value) if field.repr and hasattr(value, field.name))


def _shown_alone(value: Any) -> str:
    """Returns how a value shows that holds nothing to look into."""
    kind = type(value)
    try:
        if isinstance(value, (str, bytes)):
            return repr(value) if len(value) <= _MOST_OF_TEXT else f"{value[:_MOST_OF_TEXT]!r}{_CUT}"
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape:
            return f"<{kind.__qualname__} {'x'.join(map(str, shape))}>"
        if not isinstance(value, _PLAIN) and hasattr(kind, "__len__") and len(value) > _MOST_MEMBERS:
            return f"<{kind.__qualname__}, {len(value)} members>"
        text = repr(value)
    except Exception:
        return f"<{kind.__qualname__}>"
    text = " ".join(text.split())
    return text if len(text) <= _MOST_OF_TEXT else f"{text[:_MOST_OF_TEXT]}{_CUT}"
