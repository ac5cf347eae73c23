"""The dependencies of a step, as a user gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from persistable._is_step import is_step, is_step_class
from persistable._lazy import without_lazy

__all__ = ["Places", "checked", "in_rows", "split", "steps_in", "told"]


class Places(dict[str, Any]):
    """The arguments of a function that hold steps, by name. Used if a list would not say where each step stands."""

    __slots__ = ()


def split(dependencies: Any, kind: type) -> tuple[Any, tuple[Any, ...]]:
    """Returns dependencies as they are kept, and those of them that were given as `Lazy`. Checks them."""
    if dependencies is None:
        return None, ()
    if isinstance(dependencies, Places):  # `Lazy` was taken out where the arguments were sorted.
        return dependencies, ()
    if type(dependencies) in (list, tuple) and all(isinstance(step, kind) for step in dependencies):
        return dependencies, ()
    if isinstance(dependencies, (Mapping, list, tuple, set, frozenset)) or not isinstance(dependencies, Iterable):
        given = dependencies
    else:
        given = tuple(dependencies)
    found: list[Any] = []
    plain = without_lazy(given, found)
    return checked(plain, kind), tuple(found)


def checked(dependencies: Any, kind: type) -> Any:
    """Checks that all dependencies are steps (of class `kind`), and returns them so that they can be read again."""
    if isinstance(dependencies, (list, tuple, set, frozenset)):
        for dependency in dependencies:
            if not isinstance(dependency, kind):
                raise TypeError(f"a dependency must be a Persistable, not {told(dependency)}")
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


def in_rows(rows: Mapping[str, tuple[type, int] | None], steps: Iterable[Any]) -> dict[str, Any]:
    """Returns steps by the parameters that they are for: `None` stands for one step, a type and a number for a row."""
    remaining = iter(steps)
    return {
        name: next(remaining, None) if row is None else row[0](islice(remaining, row[1])) for name, row in rows.items()
    }


def _of_one_name(given: Any, kind: type) -> Any:
    if isinstance(given, Mapping):
        raise TypeError("under the name of a dependency, give one Persistable, an iterable of them, or None")
    return given if given is None or isinstance(given, kind) else checked(given, kind)


def told(given: Any) -> str:
    """Returns what was given in place of a step, and what to do."""
    if is_step_class(given):
        return f"the class {given.__qualname__}: make a step of it, and pass that"
    kind = type(given)
    if kind.__module__ in ("persistable._bound", "persistable._decorator"):
        name = given.__name__
        return f"the function {name}, which makes steps: call it, as in {name}(...), and pass the step"
    hint = "" if isinstance(given, (str, type(None))) else ": pass the step, not its payload"
    return f"an object of type {kind.__qualname__}{hint}"


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
