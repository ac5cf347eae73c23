"""Warns of `None` from a step that does not say that it may be."""

from __future__ import annotations

from typing import Any

from persistable._checks.annotations import Verdict, payload_verdict
from persistable._checks.returns import Returns, returns_of
from persistable._definition import definition_of


def warn_of_none(payload: object, step: Any) -> None:
    """Issues a `NonePayloadWarning` if the payload is `None`, and this is probably a mistake.

    It is a mistake if the annotation names a type that does not include `None`. It is also one if there is no
    annotation, and the function has no `return` with a value.
    """
    if payload is not None:
        return
    from persistable._settings import setting_of

    if setting_of(step, "none_payload") == "ignore":
        return
    functions = _functions_of(step)
    verdict = payload_verdict(type(step), functions)
    if verdict.allows:
        return
    name = _name_of(step)
    returns = next((each for each in map(returns_of, functions) if each is not None and not each.has_value), None)
    if returns is not None:
        _warn(f"{name} returned None. Did it forget its `return`?{_place(returns)} {_way_out(verdict)}", step)
    elif verdict.refuses:
        place = next((each for each in map(returns_of, functions) if each is not None), None)
        question = f"{name} returned None, but its annotation says {verdict.text}. Did a branch forget its `return`?"
        _warn(f"{question}{_place(place)} {_way_out(verdict)}", step)


def _functions_of(step: Any) -> list[Any]:
    """Returns the function that generates, and what it wraps."""
    definition = definition_of(step)
    function = getattr(definition, "function", None) or getattr(type(step), "_generate_payload", None)
    functions: list[Any] = []
    while function is not None and len(functions) < 16:
        function = getattr(function, "__func__", function)
        functions.append(function)
        function = getattr(function, "__wrapped__", None)
    return functions


def _name_of(step: Any) -> str:
    definition = definition_of(step)
    if definition is not None:
        return str(getattr(definition.function, "__name__", step.payload_name))
    return f"{type(step).__name__}._generate_payload"


def _place(returns: Returns | None) -> str:
    return "" if returns is None else f" ({returns.file}:{returns.line})"


def _way_out(verdict: Verdict) -> str:
    if verdict.refuses:
        return f"If None is meant, annotate it: `Optional[{verdict.text}]`"
    return "If None is meant, annotate it: `-> None`"


def _warn(message: str, step: Any) -> None:
    from persistable._stale import warn
    from persistable.exceptions import NonePayloadWarning

    warn(NonePayloadWarning, message, step)
