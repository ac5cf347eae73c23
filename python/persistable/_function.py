"""A function that is a step: how it is called, and what its payload is validated by."""

from __future__ import annotations

import inspect
import os
import re
from typing import TYPE_CHECKING, Any, Callable

from persistable import _core
from persistable._arguments import Arguments, Params, as_given, handed, is_row, marks, own
from persistable._coerce import coerced
from persistable._dependencies import Places, in_rows, steps_in
from persistable._is_step import is_step_class
from persistable._lazy import Lazy, without_lazy
from persistable._persistable import Persistable
from persistable._refused import refuse_kind, refuse_method
from persistable._signature import Signature
from persistable.exceptions import InvalidPayloadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from persistable._store import Store

_Parameter = inspect.Parameter


class Function:
    """A function with what is known of its parameters."""

    def __init__(self, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
        """Refuses functions that can't be steps, and options that name what is not a parameter."""
        refuse_kind(function)
        self._function = function
        self.signature = Signature(function)
        refuse_method(function, self.signature)
        self.parameter_names = frozenset(self.signature.parameters)
        self._untracked = frozenset(options["untracked"])
        self._given_defaults: dict[str, Any] = dict(options["added_with_defaults"])
        self._renamed_attributes: dict[str, str] = dict(options["renamed"])
        self._custom_type_encoder_map: dict[type, Any] = dict(options["encoders"])
        self._coerced = dict(getattr(function, "__annotations__", {})) if options["coerce"] else {}
        self.has_rules = bool(self._given_defaults or self._renamed_attributes or self._custom_type_encoder_map)
        self._refuse_unknown_names()
        self._handles: frozenset[str] | None = None
        self._lazy: frozenset[str] | None = None
        self._validator = options["validate"]
        self._seen_by_validator = () if self._validator is None else self._names_of(self._validator)

    @property
    def _added_with_defaults(self) -> dict[str, Any]:
        """The defaults, coerced as params are. They are asked for late: annotations may name what is defined later."""
        if not self._coerced:
            return self._given_defaults
        return {
            name: coerced(default, self._coerced[name], self._function) if name in self._coerced else default
            for name, default in self._given_defaults.items()
        }

    def payload_name(self) -> str:
        """Returns the function's name in snake case."""
        if self._function.__name__ == "<lambda>":
            raise TypeError("a lambda has no name: give a payload_name")
        return _core.snake_case(self._function.__name__)

    def sort(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Sorts the arguments of a call. A default counts as given."""
        params, untracked = Params(), {}
        held: dict[str, Any] = {}
        lazy: list[Any] = []
        names_of_lazy = self._names_of_lazy()
        is_listed = True
        for name, value in self.signature.bind(args, kwargs).items():
            if names_of_lazy and name in names_of_lazy:
                value = without_lazy(value, [])
                lazy.extend(steps_in(value))
            if name in self._untracked:
                untracked[name] = value
            elif isinstance(value, Persistable) or is_row(value):
                held[name] = value
                is_listed = is_listed and name not in self._given_defaults
            elif type(value) in (list, tuple, dict) and value and _core.holds_steps(value):
                held[name] = value
                is_listed = False
            elif isinstance(value, Lazy):
                raise TypeError(
                    f"{self.signature}: {name} is given as Lazy, but the function would get the payload. Annotate the "
                    f"parameter, as in {name}: Lazy[float], and use {name}.payload"
                )
            elif is_step_class(value) and not self._takes_classes(name):
                raise TypeError(f"{self.signature}: {name} is {value.__qualname__}, a class: make a step of it first")
            elif name in self._coerced:
                params[name] = as_given(coerced(value, self._coerced[name], self._function))
            else:
                params[name] = as_given(value)
        if not is_listed:
            return Arguments(params, Places(held), {}, untracked, tuple(lazy))
        dependencies: list[Persistable[Any, Any]] = []
        rows: dict[str, tuple[type, int] | None] = {}
        for name, value in held.items():
            is_single = isinstance(value, Persistable)
            dependencies.extend((value,) if is_single else value)
            rows[name] = None if is_single else (type(value), len(value))
        params.update(marks(rows, self._renamed_attributes))
        return Arguments(params, tuple(dependencies), rows, untracked, tuple(lazy))

    def no_data_dir(self, args: tuple[Any, ...]) -> TypeError:
        """Returns the error for a call without a data folder, where that has to be the first argument."""
        name = self._function.__name__
        found = f", not {args[0]!r}" if args else ""
        return TypeError(
            f"{self.signature}: the first argument must be the data folder (a str, a Path or a Store){found}: "
            f'call {name}("data", ...), or {name}.bind("data") once'
        )

    def on_data_dir(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Returns a hint for a wrong call whose first argument was perhaps not meant as the data folder."""
        is_alone = len(args) == 1 and not kwargs and isinstance(args[0], str)
        return f"; the first argument, {args[0]!r}, is taken as the data folder" if is_alone else ""

    def on_store(self, store: Store, args: tuple[Any, ...]) -> str:
        """Returns a hint for a wrong call that perhaps has a data folder where none is asked for."""
        if not args or not isinstance(args[0], (str, os.PathLike)):
            return ""
        return f"; {self._function.__name__} is bound to {store!r}: leave the data folder out"

    def call(
        self,
        params: Mapping[str, Any],
        rows: Mapping[str, tuple[type, int] | None],
        dependencies: Any,
        untracked: Mapping[str, Any],
    ) -> Any:
        """Calls the function with the present params, and with the payloads of the dependencies."""
        unknown = untracked.keys() - self._untracked
        if unknown:
            name = min(unknown)
            raise TypeError(
                f"{name!r} is not an untracked parameter of {self._function.__name__}, so it must be part of the key: "
                f"pass it to {self._function.__name__}(), which makes the step"
            )
        values = {name: own(value) for name, value in params.items()}
        held = dependencies if isinstance(dependencies, Places) else self._by_name(rows, dependencies)
        values.update((name, self._handed(name, value, own)) for name, value in held.items())
        values.update((name, self._handed(name, value, lambda value: value)) for name, value in untracked.items())
        positional, named = [], {}
        for name in self.signature.parameters:
            if name in self.signature.positional_only:
                positional.append(values[name])
            else:
                named[name] = values[name]
        return self._function(*positional, **named)

    def load(self, rows: Mapping[str, tuple[type, int] | None], dependencies: Any) -> None:
        """Loads or generates the payloads that the function gets."""
        held = dependencies if isinstance(dependencies, Places) else self._by_name(rows, dependencies)
        for name, value in held.items():
            self._handed(name, value, lambda value: value)

    def validate(self, payload: Any, params: Mapping[str, Any], untracked: Mapping[str, Any]) -> None:
        """Calls the validator."""
        if self._validator is None:
            return
        seen = {name: own(params[name]) for name in self._seen_by_validator if name in params}
        seen.update((name, untracked[name]) for name in self._seen_by_validator if name in untracked)
        verdict = self._validator(payload, **seen)
        if verdict is not None and not verdict:
            raise InvalidPayloadError(f"the validator of {self._function.__name__} refuses the payload")

    def _by_name(self, rows: Mapping[str, tuple[type, int] | None], dependencies: Any) -> dict[str, Any]:
        """Returns the dependencies by the parameters that they are for. They may have been reassigned."""
        steps = list(dependencies or ())
        expected = sum(1 if row is None else row[1] for row in rows.values())
        if len(steps) != expected:
            raise ValueError(f"{self._function.__name__} has {len(steps)} dependencies in places for {expected}")
        return in_rows(rows, steps)

    def _handed(self, name: str, held: Any, of_value: Callable[[Any], Any]) -> Any:
        """Returns what the function gets for steps: their payloads, unless it wants the steps themselves."""
        if name in self._names_of_lazy():
            return handed(held, Lazy, of_value)
        is_handle = name in self._names_of_handles()
        return handed(held, (lambda step: step) if is_handle else (lambda step: step.payload), of_value)

    def _takes_classes(self, name: str) -> bool:
        """Tells whether a parameter is annotated as a class itself."""
        annotation = self.signature.parameters[name].annotation
        text = annotation if isinstance(annotation, str) else repr(annotation)
        return annotation is type or re.search(r"\b[Tt]ype\b", text.replace("<class 'type'>", "type")) is not None

    def _refuse_unknown_names(self) -> None:
        for option, names in (
            ("untracked", self._untracked),
            ("added_with_defaults", self._given_defaults),
            ("renamed", self._renamed_attributes),
        ):
            unknown = [name for name in sorted(names) if name not in self.parameter_names]
            if unknown:
                raise TypeError(f"{self.signature}: {option} names {unknown[0]!r}, but there is no such parameter")
        both = self._untracked & (self._given_defaults.keys() | self._renamed_attributes.keys())
        if both:
            raise TypeError(f"{self.signature}: {min(both)} is untracked, so no other option may name it")
        keyed = [self._renamed_attributes.get(name, name) for name in self.signature.parameters]
        twice = [name for name in keyed if keyed.count(name) > 1]
        if twice:
            raise TypeError(f"{self.signature}: renamed gives two parameters the name {twice[0]!r} in the key")

    def _names_of(self, validator: Callable[..., object]) -> tuple[str, ...]:
        try:
            parameters = list(inspect.signature(validator).parameters.values())[1:]
        except (TypeError, ValueError):  # Some functions of C modules have no signature.
            return ()
        names = tuple(
            parameter.name
            for parameter in parameters
            if parameter.kind in (_Parameter.POSITIONAL_OR_KEYWORD, _Parameter.KEYWORD_ONLY)
            and (parameter.default is _Parameter.empty or parameter.name in self.parameter_names)
        )
        for name in names:
            if name not in self.parameter_names:
                raise TypeError(
                    f"{self.signature}: the validator has a parameter {name!r}, but the function has no such parameter"
                )
        return names

    def _names_of_handles(self) -> frozenset[str]:
        # Not when decorating: annotations may name what is defined further down.
        if self._handles is None:
            self._handles = self._names_annotated(Persistable)
        return self._handles

    def _names_of_lazy(self) -> frozenset[str]:
        if self._lazy is None:
            self._lazy = self._names_annotated(Lazy)
        return self._lazy

    def _names_annotated(self, kind: type) -> frozenset[str]:
        """Returns the names of the parameters that want objects of a class."""
        parameters = self.signature.parameters.values()
        return frozenset(each.name for each in parameters if self._mentions(each.annotation, kind))

    def _mentions(self, annotation: Any, kind: type) -> bool:
        annotation = getattr(annotation, "__forward_arg__", annotation)
        if isinstance(annotation, str):
            try:
                return self._mentions(eval(annotation, getattr(self._function, "__globals__", {})), kind)
            except Exception:  # A name that only type checkers know, or syntax of a later Python.
                return re.search(rf"\b{kind.__name__}\b", annotation) is not None
        if isinstance(annotation, type) and issubclass(annotation, kind):
            return True
        origin = getattr(annotation, "__origin__", None)
        members = (origin, *getattr(annotation, "__args__", ()))
        return any(self._mentions(member, kind) for member in members if member is not None)
