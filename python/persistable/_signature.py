"""The parameters of a function that is a step, and how a call's arguments go to them."""

from __future__ import annotations

import inspect
from typing import Any, Callable

from persistable._wrong_call import WrongCallError

__all__ = ["Signature"]

_Parameter = inspect.Parameter
_NO_DEFAULT = _Parameter.empty
_BY_POSITION = (_Parameter.POSITIONAL_ONLY, _Parameter.POSITIONAL_OR_KEYWORD)
_LONGEST_DEFAULT = 40


class Signature:
    """The parameters of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Refuses functions with parameters that take any number of arguments."""
        self.name = function.__name__
        self.parameters = dict(inspect.signature(function).parameters)
        each = self.parameters.values()
        for parameter in each:
            if parameter.kind in (_Parameter.VAR_POSITIONAL, _Parameter.VAR_KEYWORD):
                kind = "list" if parameter.kind is _Parameter.VAR_POSITIONAL else "dict"
                raise TypeError(
                    f"{self.name} takes {parameter}, but each param of a step needs a name of its own: "
                    f"write {parameter.name}, and pass a {kind}"
                )
        self.positional_only = tuple(each.name for each in each if each.kind is _Parameter.POSITIONAL_ONLY)
        self._by_position = tuple(each.name for each in each if each.kind in _BY_POSITION)
        self._by_name = frozenset(self.parameters).difference(self.positional_only)
        self._defaults = tuple((each.name, each.default) for each in each)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Returns the argument of each parameter, in their order. A default counts as given."""
        given = dict(zip(self._by_position, args))
        if len(args) > len(self._by_position):
            raise self._error(self._too_many(len(args)))
        if kwargs:
            if not self._by_name.issuperset(kwargs):
                raise self._error(self._unknown(given, kwargs))
            twice = given.keys() & kwargs.keys()
            if twice:
                raise self._error(f"{min(twice)} is given twice, by position and by name")
            given.update(kwargs)
        arguments = {name: given.get(name, default) for name, default in self._defaults}
        if len(given) < len(arguments):
            missing = [name for name, value in arguments.items() if value is _NO_DEFAULT]
            if missing:
                raise self._error(f"missing {' and '.join(missing)}")
        return arguments

    def __str__(self) -> str:
        return f"{self.name}{inspect.Signature([_brief(each) for each in self.parameters.values()])}"

    def with_data_dir(self, function: Callable[..., Any]) -> inspect.Signature:
        """Returns the signature of a function whose data folder is given with each call."""
        name = "data_dir"
        while name in self.parameters:
            name = f"_{name}"
        first = _Parameter(name, _Parameter.POSITIONAL_ONLY)
        signature = inspect.signature(function)
        return signature.replace(parameters=[first, *signature.parameters.values()])

    def _error(self, problem: str) -> WrongCallError:
        return WrongCallError(f"{self}: {problem}")

    def _too_many(self, number: int) -> str:
        most = len(self._by_position)
        return f"takes {most} argument{'' if most == 1 else 's'} by position, but {number} were given"

    def _unknown(self, given: dict[str, Any], kwargs: dict[str, Any]) -> str:
        unknown = next(name for name in kwargs if name not in self._by_name)
        if unknown in self.positional_only:
            return f"{unknown} is given by name, but can only be given by position"
        return f"there is no parameter {unknown}{self._meant(unknown, given, kwargs)}"

    def _meant(self, unknown: str, given: dict[str, Any], kwargs: dict[str, Any]) -> str:
        import difflib

        free = [
            name for name, _ in self._defaults if name in self._by_name and name not in kwargs and name not in given
        ]
        missing = [name for name, default in self._defaults if name in free and default is _NO_DEFAULT]
        close = difflib.get_close_matches(unknown, free, n=1)
        if not close and len(missing) == 1 and all(name in self._by_name for name in kwargs if name != unknown):
            close = missing
        return f"; did you mean {close[0]}?" if close else ""


class _Elided:
    def __repr__(self) -> str:
        return "..."


def _brief(parameter: inspect.Parameter) -> inspect.Parameter:
    default = parameter.default
    is_long = default is not _NO_DEFAULT and len(repr(default)) > _LONGEST_DEFAULT
    return parameter.replace(annotation=_Parameter.empty, default=_Elided() if is_long else default)
