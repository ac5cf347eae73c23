"""A hint in the log if a param's value has another type than its annotation, but could be converted."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable import _core
from persistable._annotated import expected_by, names_of
from persistable._coerce import expected_of_fields
from persistable._definition import definition_of
from persistable._expected import NO, Expected
from persistable.inputs import InputFile, InputFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from persistable._persistable import Persistable

__all__ = ["log_hints"]

# Levels of `logging`, which is imported only if there is something to log.
_INFO, _WARNING = 20, 30

# A class or function, and its field: a hint is given once in a process.
_given: set[tuple[str, str, str]] = set()


class _Hint(NamedTuple):
    level: int
    text: str


def log_hints(step: Persistable[Any, Any]) -> None:
    """Logs what another type would change: it is called before a generation, and never where a payload is loaded."""
    try:
        hints = list(_hints_of_function(step) if isinstance(step.params, dict) else _hints_of_params(step.params))
    except Exception:  # A hint is not worth an error.
        return
    for hint in hints:
        step.logger.log(hint.level, hint.text)


def _hints_of_params(params: Any) -> Iterator[_Hint]:
    cls = type(params)
    if not dataclasses.is_dataclass(cls):
        return
    expected = expected_of_fields(cls)
    for field in dataclasses.fields(cls):
        value = getattr(params, field.name, None)
        if dataclasses.is_dataclass(type(value)):
            yield from _hints_of_params(value)
        else:
            yield from _hint(cls, field.name, field.type, value, expected[field.name], "_coerce_by_annotation = True")


def _hints_of_function(step: Any) -> Iterator[_Hint]:
    function = getattr(definition_of(step), "function", None)
    for name, annotation in getattr(function, "__annotations__", {}).items():
        if name in step.params:
            expected = expected_by(annotation, names_of(function))
            yield from _hint(function, name, annotation, step.params[name], expected, "coerce=True for the step")


def _hint(of: Any, name: str, annotation: Any, value: Any, expected: Expected, choice: str) -> Iterator[_Hint]:
    place = (of.__module__, of.__qualname__, name)
    if place in _given:
        return
    taken = expected.take(value)
    if taken is NO or taken is value:
        return
    shown = _shown(value)
    said = f"{of.__qualname__}.{name} is annotated {_text_of(annotation)} and holds the {type(value).__name__} {shown}"
    if isinstance(taken, (InputFile, InputFolder)):
        # This one is about wrong results, and not about further ones.
        _given.add(place)
        yield _Hint(
            _WARNING,
            f"{said}, which counts by its text: if what is there changes, the old result is loaded. "
            f"Write {taken!r}, or set {choice}",
        )
        return
    if _core.encode(taken) == _core.encode(value):
        return
    _given.add(place)
    other = _shown(taken)
    yield _Hint(_INFO, f"{said}. {shown} and {other} have different keys. Write {other}, or set {choice}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text_of(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation.strip("'\"")
    if isinstance(annotation, type) and not getattr(annotation, "__args__", None):
        return annotation.__name__
    return str(annotation).replace("typing.", "").replace("pathlib.", "")
