"""A call's arguments, sorted into params, steps and untracked ones, and what the function gets for each."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from persistable import _core
from persistable._dependencies import Places
from persistable._is_step import is_step
from persistable.data import PersistableParam

if TYPE_CHECKING:
    from collections.abc import Mapping

    from persistable._persistable import Persistable

__all__ = ["Arguments", "Params", "as_given", "handed", "is_row", "marks", "own"]


class Params(dict[str, Any]):
    """The params of a step that a function makes: by name, as in `params["n"]`, and as in `params.n`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no param {name!r}: the params are {', '.join(self)}") from None


class Arguments(NamedTuple):
    """A call's arguments, sorted."""

    params: Params
    dependencies: tuple[Persistable[Any, Any], ...] | Places
    rows: dict[str, tuple[type, int] | None]
    """If the dependencies are a tuple: the parameters that hold steps, in order. `None` stands for a single step. A
    type and a number stand for a list or a tuple of that many steps."""
    untracked: dict[str, Any]
    lazy: tuple[Persistable[Any, Any], ...]
    """Those of the dependencies that are for parameters annotated as `Lazy`."""


def is_row(value: Any) -> bool:
    """Tells whether a value is a list or a tuple of steps, and of nothing else."""
    return type(value) in (list, tuple) and bool(value) and all(map(is_step, value))


def marks(rows: Mapping[str, tuple[type, int] | None], renamed: Mapping[str, str]) -> dict[str, int]:
    """Returns marks for calls that have the same list of dependencies, but in other places.

    If each parameter holds one step, no mark is needed. If there is only one place, several steps in it need no mark.
    No parameter can have the name of a mark.
    """
    numbers = list(rows.values())
    if len(numbers) == 1 and (numbers[0] is None or numbers[0][1] != 1):
        return {}
    return {f"{renamed.get(name, name)}[]": row[1] for name, row in rows.items() if row is not None}


def handed(held: Any, of_step: Callable[[Persistable[Any, Any]], Any], of_value: Callable[[Any], Any]) -> Any:
    """Returns an argument with something in place of each step in it, and of each value that holds none."""
    if is_step(held):
        return of_step(held)
    if not _core.holds_steps(held):
        return of_value(held)
    if type(held) is dict:
        return {key: handed(part, of_step, of_value) for key, part in held.items()}
    return type(held)(handed(part, of_step, of_value) for part in held)


def as_given(value: Any, copies: dict[int, Any] | None = None) -> Any:
    """Returns a param with copies of its containers, so that it stays as it is if the caller changes them."""
    kind = type(value)
    if kind not in (list, dict, set, tuple) or not value:
        return value
    copies = {} if copies is None else copies
    if id(value) in copies:  # A container that holds itself is refused later, with a better message.
        return copies[id(value)]
    copied: Any
    if kind is set:
        copied = set(value)
    elif kind is tuple:
        copied = tuple(as_given(part, copies) for part in value)
        return value if all(map(operator.is_, copied, value)) else copied
    elif kind is list:
        copied = copies[id(value)] = []
        copied.extend(as_given(part, copies) for part in value)
    else:
        copied = copies[id(value)] = {}
        copied.update((key, as_given(part, copies)) for key, part in value.items())
    return copied


def own(param: Any) -> Any:
    """Returns what a function gets for a param: containers as copies, so that it may change them in place.

    Params that are not part of the key are not copied, and neither are untracked ones.
    """
    value = param
    if isinstance(param, PersistableParam):
        value = param.param
        if param.exclude_from_file_hash:
            return value
    # A tuple may hold lists. One that does not is its own copy.
    if type(value) in (list, dict, set, tuple):
        import copy

        return copy.deepcopy(value)
    return value
