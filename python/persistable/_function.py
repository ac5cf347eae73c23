"""How a function that is a step is called: what of its arguments is a param, what a dependency, what untracked."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from persistable._persistable import Persistable
from persistable._signature import Signature
from persistable.data import PersistableParam
from persistable.exceptions import InvalidPayloadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_Parameter = inspect.Parameter


class Arguments(NamedTuple):
    """A call's arguments, sorted."""

    params: dict[str, Any]
    dependencies: tuple[Persistable[Any, Any], ...]
    places: dict[str, int | None]
    """The parameters that hold dependencies, in order: the number in a list, `None` for a single step."""
    untracked: dict[str, Any]


class Function:
    """A function with what is known of its parameters."""

    def __init__(
        self, function: Callable[..., Any], untracked: Iterable[str], validator: Callable[..., object] | None
    ) -> None:
        """Refuses functions that can't be steps."""
        if not inspect.isfunction(function) and not inspect.isbuiltin(function):
            raise TypeError(_not_a_function(function))
        for is_kind, kind in (
            (inspect.iscoroutinefunction, "a coroutine"),
            (inspect.isasyncgenfunction, "an asynchronous generator"),
            (inspect.isgeneratorfunction, "a generator, which can't be persisted: return a list"),
        ):
            if is_kind(function):
                raise TypeError(f"{function.__name__} gives {kind}")
        self._function = function
        self.signature = Signature(function)
        self._untracked = frozenset({untracked} if isinstance(untracked, str) else untracked)
        self._handles: frozenset[str] | None = None
        self._refuse_method()
        unknown = self._untracked - self.signature.parameters.keys()
        if unknown:
            raise TypeError(f"{function.__name__} has no parameter {sorted(unknown)[0]!r} that could be untracked")
        self._validator = validator
        self._seen_by_validator = () if validator is None else self._names_of(validator)

    def payload_name(self) -> str:
        """Returns the function's name in snake case."""
        from persistable import _core

        if self._function.__name__ == "<lambda>":
            raise TypeError("a lambda has no name: give a payload_name")
        return _core.snake_case(self._function.__name__)

    def sort(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Sorts the arguments of a call; defaults count as given."""
        arguments = self.signature.bind(args, kwargs)
        params: dict[str, Any] = {}
        dependencies: list[Persistable[Any, Any]] = []
        places: dict[str, int | None] = {}
        untracked: dict[str, Any] = {}
        for name, value in arguments.items():
            if name in self._untracked:
                untracked[name] = value
            elif isinstance(value, Persistable):
                dependencies.append(value)
                places[name] = None
            elif type(value) in (list, tuple) and value and all(isinstance(step, Persistable) for step in value):
                dependencies.extend(value)
                places[name] = len(value)
            else:
                params[name] = value
        params.update(_marks(places))
        return Arguments(params, tuple(dependencies), places, untracked)

    def no_data_dir(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> TypeError:
        """Returns the error for a call without a data folder, where that has to be the first argument."""
        name = self._function.__name__
        found = f", and not {args[0]!r}" if args else ""
        return TypeError(
            f"{self.signature}: the first argument is the data folder, a str, a Path or a Store{found}: "
            f'call {name}("data", ...), or {name}.bind("data") once'
        )

    def call(
        self,
        params: Mapping[str, Any],
        places: Mapping[str, int | None],
        dependencies: Sequence[Persistable[Any, Any]],
        untracked: Mapping[str, Any],
    ) -> Any:
        """Calls the function with the present params, and with the payloads of the dependencies."""
        unknown = untracked.keys() - self._untracked
        if unknown:
            name = min(unknown)
            raise TypeError(
                f"{name!r} is no untracked parameter of {self._function.__name__}: its value would not be in the key"
            )
        expected = sum(1 if number is None else number for number in places.values())
        if len(dependencies) != expected:
            raise ValueError(f"{self._function.__name__} has {len(dependencies)} dependencies in places for {expected}")
        values = {name: _own(value) for name, value in params.items()}
        values.update((name, self._handed(name, value)) for name, value in untracked.items())
        remaining = iter(dependencies)
        for name, number in places.items():
            held = next(remaining) if number is None else [next(remaining) for _ in range(number)]
            values[name] = self._handed(name, held)
        positional, named = [], {}
        for name in self.signature.parameters:
            if name in self.signature.positional_only:
                positional.append(values[name])
            else:
                named[name] = values[name]
        return self._function(*positional, **named)

    def validate(self, payload: Any, params: Mapping[str, Any], untracked: Mapping[str, Any]) -> None:
        """Calls the validator."""
        if self._validator is None:
            return
        seen = {name: _own(params[name]) for name in self._seen_by_validator if name in params}
        seen.update((name, untracked[name]) for name in self._seen_by_validator if name in untracked)
        verdict = self._validator(payload, **seen)
        if verdict is not None and not verdict:
            raise InvalidPayloadError(f"the validator of {self._function.__name__} refuses the payload")

    def _refuse_method(self) -> None:
        """Refuses a function in the body of a class that takes the object: its attributes would be in no key."""
        owner, _, name = self._function.__qualname__.rpartition(".")
        first = next(iter(self.signature.parameters), None)
        if owner and not owner.endswith("<locals>") and first in ("self", "cls"):
            raise TypeError(
                f"{name} is a method of {owner}, and a step is made of a function without {first}: "
                f"move it out of the class, make what it uses of {first} parameters, "
                f"or derive a class from Persistable"
            )

    def _names_of(self, validator: Callable[..., object]) -> tuple[str, ...]:
        try:
            parameters = list(inspect.signature(validator).parameters.values())[1:]
        except (TypeError, ValueError):  # Some functions of C modules have no signature.
            return ()
        names = tuple(
            parameter.name
            for parameter in parameters
            if parameter.kind in (_Parameter.POSITIONAL_OR_KEYWORD, _Parameter.KEYWORD_ONLY)
            and (parameter.default is _Parameter.empty or parameter.name in self.signature.parameters)
        )
        for name in names:
            if name not in self.signature.parameters:
                raise TypeError(f"the validator wants {name!r}, which is no parameter of {self._function.__name__}")
        return names

    def _handed(self, name: str, held: Any) -> Any:
        """Returns what the function gets for steps: their payloads, unless it wants the steps themselves."""
        if isinstance(held, Persistable):
            return held if name in self._names_of_handles() else held.payload
        if type(held) is list and held and all(isinstance(step, Persistable) for step in held):
            return [self._handed(name, step) for step in held]
        return held

    def _names_of_handles(self) -> frozenset[str]:
        # Not when decorating: annotations may name what is defined further down.
        if self._handles is None:
            parameters = self.signature.parameters.values()
            self._handles = frozenset(each.name for each in parameters if self._is_handle(each.annotation))
        return self._handles

    def _is_handle(self, annotation: Any) -> bool:
        annotation = getattr(annotation, "__forward_arg__", annotation)
        if isinstance(annotation, str):
            try:
                return self._is_handle(eval(annotation, getattr(self._function, "__globals__", {})))
            except Exception:  # A name that only type checkers know, or syntax of a later Python.
                return re.search(r"\bPersistable\b", annotation) is not None
        if isinstance(annotation, type) and issubclass(annotation, Persistable):
            return True
        origin = getattr(annotation, "__origin__", None)
        members = (origin, *getattr(annotation, "__args__", ()))
        return any(self._is_handle(member) for member in members if member is not None)


def _not_a_function(function: Any) -> str:
    if isinstance(function, (staticmethod, classmethod)):
        return f"@step is above @{type(function).__name__}: let it be below, next to the function"
    if isinstance(function, type):
        return f"step decorates functions, and {function.__qualname__} is a class: derive it from Persistable instead"
    return f"step decorates functions, and not an object of type {type(function).__qualname__}"


def _marks(places: Mapping[str, int | None]) -> dict[str, int]:
    """Returns what tells apart calls whose dependencies are the same list in other places.

    Parameters that hold one step each need none, and neither do several in the only place. The name is not one that a
    parameter can have.
    """
    numbers = list(places.values())
    if len(numbers) == 1 and numbers[0] != 1:
        return {}
    return {f"{name}[]": number for name, number in places.items() if number is not None}


def _own(param: Any) -> Any:
    """Returns what a function gets for a param: containers as copies, so that it may change them in place.

    Those that don't count are as little copied as what is untracked.
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
