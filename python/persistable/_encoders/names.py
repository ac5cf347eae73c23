"""The names under which classes and functions are part of an identity."""

from __future__ import annotations

import sys
from typing import Any

from persistable._encoders.refusal import Refusal

__all__ = ["class_name", "function_name", "record_name"]

_MAIN = ("__main__", "__mp_main__")  # The second is what a spawned child calls the script of its parent.


def record_name(cls: type) -> str:
    """Returns the name of a class's records and enum members: `Outer.Inner`, without module and enclosing functions.

    A text `_type_name` in the class's own body replaces it, so that a class may be renamed and keep its identity.
    """
    own = cls.__dict__.get("_type_name")
    if own is None:
        own = _private_default(cls, "_type_name")
    if isinstance(own, str):
        return own
    return cls.__qualname__.rpartition("<locals>.")[2]


def _private_default(cls: type, name: str) -> object:
    """Returns what a pydantic model has in its own body as a private attribute: pydantic takes it out of the class."""
    private = cls.__dict__.get("__private_attributes__", {}).get(name)
    for base in cls.__mro__[1:]:
        if private is base.__dict__.get("__private_attributes__", {}).get(name):
            return None  # It is the base's, or there is none.
    return getattr(private, "default", None)


def class_name(cls: type) -> str:
    """Returns the full name of a class that can be imported by it."""
    if cls is type(None):  # Python 3.9 has no other name for it.
        return "builtins.NoneType"
    return _importable(cls, cls.__module__, cls.__qualname__, "type")


def function_name(function: Any) -> str:
    """Returns the full name of a function, builtin or ufunc that can be imported by it."""
    name: str = getattr(function, "__qualname__", None) or function.__name__
    if name.rpartition(".")[2] == "<lambda>":
        raise Refusal("function", "is a lambda, which has no name that identifies it", _define_it("function"))
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, type(sys)):
        advice = f"pass the object and the name of the method, or a module-level function, {_register_for('method')}"
        raise Refusal("method", "is bound to an object", advice)
    return _importable(function, _module_of(function), name, "function")


def _module_of(function: Any) -> str:
    module = getattr(function, "__module__", None)
    if module is None:  # A method of a builtin class, or a ufunc of an older NumPy.
        module = getattr(getattr(function, "__objclass__", None), "__module__", "numpy")
    return str(module)


def _importable(found: object, module_name: str, name: str, kind: str) -> str:
    full_name = f"{_main_name() if module_name in _MAIN else module_name}.{name}"
    if "<locals>" in name:
        raise Refusal(kind, f"is `{name}`, defined inside a function", _define_it(kind))
    there: Any = sys.modules.get(module_name)
    for part in name.split("."):
        there = getattr(there, part, None)
    if there is not found:
        raise Refusal(kind, f"is not the object that can be imported as `{full_name}`", _define_it(kind))
    return full_name


def _main_name() -> str:
    """Returns the name the script would have if it were imported; without a script, as in a notebook, `__main__`."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and spec.name not in _MAIN:
        return str(spec.name)
    file = getattr(main, "__file__", None)
    if not file:
        return "__main__"
    from pathlib import PurePath

    return PurePath(file).stem


def _define_it(kind: str) -> str:
    article = "class" if kind == "type" else "function"
    return f"define it as a {article} at the top of a module, {_register_for(kind)}"


def _register_for(kind: str) -> str:
    return f"or wrap the {kind} in a class T of your own and call persistable.register_encoder(T, function)"
