"""The dependencies of a step, as a user gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Places", "checked", "is_step", "steps_in"]


class Places(dict[str, Any]):
    """The arguments of a function that hold steps, by name. Used if a list would not say where each step stands."""

    __slots__ = ()


def checked(dependencies: Any, kind: type) -> Any:
    """Checks that all dependencies are steps (of class `kind`), and returns them so that they can be read again."""
    if isinstance(dependencies, (list, tuple, set, frozenset)):
        for dependency in dependencies:
            if not isinstance(dependency, kind):
                raise TypeError(_not_a_step(dependency))
        return dependencies
    if isinstance(dependencies, Places):
        return dependencies
    if isinstance(dependencies, Mapping):
        for name in dependencies:
            if not isinstance(name, str):
                raise TypeError(f"the name of a dependency must be a str, not {name!r}")
        named = {name: _of_one_name(given, kind) for name, given in dependencies.items()}
        is_same = type(dependencies) is dict and all(named[name] is given for name, given in dependencies.items())
        return dependencies if is_same else named
    if isinstance(dependencies, kind):
        raise TypeError("tracked_persistable_dependencies must be an iterable of steps: put the step into a list")
    return checked(tuple(dependencies), kind)


def _not_a_step(dependency: Any) -> str:
    kind = type(dependency)
    if kind.__module__.startswith("persistable.") and hasattr(kind, "bind"):
        name = dependency.function.__name__
        return (
            f"a dependency must be a Persistable, but {name} is a function that makes steps: call it, as in {name}(...)"
        )
    if isinstance(dependency, type):
        return f"a dependency must be a Persistable, not the class {dependency.__qualname__}: pass an object of it"
    return f"a dependency must be a Persistable, not an object of type {kind.__qualname__}"


def _of_one_name(given: Any, kind: type) -> Any:
    if isinstance(given, Mapping):
        raise TypeError("under the name of a dependency, give one Persistable, an iterable of them, or None")
    return given if given is None or isinstance(given, kind) else checked(given, kind)


def is_step(value: Any) -> bool:
    """Tells whether an object is a step. Asks for nothing that would load or generate."""
    return hasattr(type(value), "tracked_persistable_dependencies")


def steps_in(dependencies: Any) -> Iterator[Any]:
    """Iterates over the steps in dependencies, in whatever way they were given."""
    if is_step(dependencies):
        yield dependencies
    elif isinstance(dependencies, Mapping):
        for given in dependencies.values():
            yield from steps_in(given)
    elif isinstance(dependencies, (list, tuple, set, frozenset)):
        for given in dependencies:
            yield from steps_in(given)
