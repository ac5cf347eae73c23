"""Whether the annotations of a step say that its payload may be `None`."""

from __future__ import annotations

import re
import sys
from typing import Annotated, Any, ForwardRef, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

_MENTIONS_NONE = re.compile(r"\b(None|Optional|Any|object)\b")
_NEVER = frozenset({"NoReturn", "Never"})


class Verdict(NamedTuple):
    """What annotations say of a payload that is `None`: it may be, or may not be, or nothing at all."""

    allows: bool
    refuses: bool
    text: str = ""


_ALLOWED = Verdict(True, False)
_UNKNOWN = Verdict(False, False)


def payload_verdict(step_class: type, functions: list[Any]) -> Verdict:
    """Returns what the step's base class and its function say. One that allows it suffices."""
    verdicts = [_verdict_of_base(step_class)]
    for function in functions:
        annotations = getattr(function, "__annotations__", None) or {}
        if "return" in annotations:
            verdicts.append(_verdict(annotations["return"], getattr(function, "__globals__", {})))
    for verdict in verdicts:
        if verdict.allows:
            return verdict
    return next((verdict for verdict in reversed(verdicts) if verdict.refuses), _UNKNOWN)


def _verdict_of_base(step_class: type) -> Verdict:
    found = _payload_type(step_class, {})
    if found is None:
        return _UNKNOWN
    annotation, namespace = found
    return _verdict(annotation, namespace)


def _payload_type(kind: type, given: dict[Any, Any]) -> tuple[Any, dict[str, Any]] | None:
    """Returns what stands for the payload's type in `Persistable[…, …]` among the bases, and where it was written."""
    from persistable._persistable import Persistable

    namespace = getattr(sys.modules.get(kind.__module__), "__dict__", {})
    for base in kind.__dict__.get("__orig_bases__", kind.__bases__):
        origin = get_origin(base) or base
        if not isinstance(origin, type) or not issubclass(origin, Persistable):
            continue
        args = tuple(given.get(arg, arg) for arg in get_args(base))
        if origin is Persistable:
            return (args[0], namespace) if args else None
        found = _payload_type(origin, dict(zip(getattr(origin, "__parameters__", ()), args)))
        if found is not None:
            return found
    return None


def _verdict(annotation: Any, namespace: dict[str, Any]) -> Verdict:
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        text = annotation
        try:
            annotation = eval(text, dict(namespace))
        except Exception:  # A name that only type checkers know, or syntax of a later Python.
            return _ALLOWED if _MENTIONS_NONE.search(text) else Verdict(False, True, text)
        if isinstance(annotation, str):
            return _UNKNOWN
    if annotation is None:
        return _ALLOWED
    # Anything at all: its author did not say.
    if annotation is Any or isinstance(annotation, TypeVar):
        return _UNKNOWN
    if getattr(annotation, "_name", None) in _NEVER:
        return _ALLOWED
    return _ALLOWED if _has_none(annotation, namespace) else Verdict(False, True, _text(annotation))


def _has_none(annotation: Any, namespace: dict[str, Any]) -> bool:
    """Returns whether a type has `None` among its values, as far as one can tell."""
    alias = getattr(annotation, "__value__", None) or getattr(annotation, "__supertype__", None)
    if alias is not None:
        return not _verdict(alias, namespace).refuses
    origin = get_origin(annotation)
    args = get_args(annotation)
    if origin is Annotated:
        return not _verdict(args[0], namespace).refuses
    if origin is Literal:
        return None in args
    if origin is Union or getattr(origin, "__name__", "") == "UnionType":
        return any(not _verdict(arg, namespace).refuses for arg in args)
    if origin is not None:
        annotation = origin
    if not isinstance(annotation, type):
        return True
    try:
        return isinstance(None, annotation)
    except TypeError:  # A protocol that can't be asked.
        return True


def _text(annotation: Any) -> str:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation.__qualname__
    return str(annotation).replace("typing.", "")
