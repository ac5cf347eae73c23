"""State: what the code of a step itself assigns or changes, such as counters and caches. It is no part of the code.

Whether it is filled differs between the process that generated a payload and the one that loads it.
"""

from __future__ import annotations

import collections.abc
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Callable

from persistable._code.bytecode import mentions_of
from persistable._code.effects import Effect, effects_of
from persistable._code.states import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NO_STATE", "State", "is_changed_param"]

_CONTAINERS = (
    collections.abc.MutableMapping,
    collections.abc.MutableSequence,
    collections.abc.MutableSet,
    collections.deque,
)
# They run when a class is defined, so that what they do is part of what the class is.
_DEFINING = frozenset({"__init_subclass__", "__set_name__", "__class_getitem__"})
# They run when an object is made. What they give it is what it is.
_MAKING = frozenset(
    {"__init__", "__new__", "__post_init__", "__attrs_post_init__", "__attrs_pre_init__", "__setstate__"}
)
_IMPLICIT = frozenset({"__new__", *_DEFINING})


_Changes = dict[str, dict[str, set[str]]]
"""What is done to attributes, by the name of their class."""


class State:
    """What functions assign and change beside their own variables."""

    def __init__(self, functions: Iterable[tuple[FunctionType, CodeType, str]], shown: Callable[[Any], str]) -> None:
        """Takes functions with their code and name. `shown` gives the name of a class."""
        self._shown = shown
        self._places: set[tuple[int, str]] = set()
        """Names of modules, functions and objects, by the address of what has them."""
        self._objects: set[int] = set()
        """Containers, which other modules may know by other names."""
        self._of_classes: _Changes = {}
        self._of_objects: _Changes = {}
        # So that nothing else comes to stand at their addresses.
        self._kept: list[Any] = []
        functions = list(functions)
        making = _making(functions)
        for function, code, name in functions:
            own_name = code.co_name
            if own_name not in _DEFINING:
                for effect in effects_of(code):
                    self._take(function, effect, name.rpartition(".")[0], is_making=id(function) in making)
        self._keys = {key for _, key in self._places}
        for each in (*self._of_classes.values(), *self._of_objects.values()):
            self._keys.update(each)

    def told(self) -> tuple[Any, ...]:
        """Returns what two of them have in common if they are the same."""
        return self._places, self._objects, self._of_classes, self._of_objects

    def concerns(self, keys: set[str]) -> bool:
        """Tells whether any of these names may be state."""
        return bool(self._objects) or not self._keys.isdisjoint(keys)

    # --- what is state ----------------------------------------------------------------------------------------------

    def has(self, namespace: Any, key: str, value: Any) -> bool:
        """Tells whether what a module, a function or a closure's cell holds is state."""
        return (id(namespace), key) in self._places or id(value) in self._objects

    def has_of_class(self, cls: type, key: str, value: Any) -> bool:
        """Tells whether an attribute of a class is state."""
        if id(value) in self._objects:
            return True
        return self._is_changed_in(self._of_classes, [*cls.__mro__, *_all_below(cls)], key, value)

    def has_of_object(self, holder: Any, key: str, value: Any) -> bool:
        """Tells whether an attribute of an object is state."""
        if self.has(holder, key, value):
            return True
        return self._is_changed_in(self._of_objects, type(holder).__mro__, key, value)

    def _is_changed_in(self, changes: _Changes, classes: Iterable[type], key: str, value: Any) -> bool:
        if key not in self._keys:
            return False
        return any(_is_any_change(changes.get(self._shown(cls), {}).get(key, ()), value) for cls in classes)

    # --- how it is found --------------------------------------------------------------------------------------------

    def _take(self, function: FunctionType, effect: Effect, owner: str, *, is_making: bool) -> None:
        kind, name, path, action = effect
        if kind == "global":
            # Names of the function's own module are compared by what the source gives them at first: see `written`.
            if path:
                self._take_attribute(function.__globals__.get(name, ABSENT), path, action)
        elif kind == "cell":
            cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
            if name in cells:
                self._take_cell(cells[name], path, action)
        elif len(path) == 1:
            is_class = kind == "class" or _is_class_method(function, name)
            if name and name != function.__code__.co_varnames[0]:
                return
            if is_class or action != "assign":
                self._of_classes.setdefault(owner, {}).setdefault(path[0], set()).add(action)
            if not is_class and not is_making:
                self._of_objects.setdefault(owner, {}).setdefault(path[0], set()).add(action)

    def _take_cell(self, cell: Any, path: tuple[str, ...], action: str) -> None:
        try:
            value = cell.cell_contents
        except ValueError:
            value = ABSENT
        if path:
            self._take_attribute(value, path, action)
        else:
            self._note(cell, "cell_contents", value, action)

    def _take_attribute(self, holder: Any, path: tuple[str, ...], action: str) -> None:
        for key in path[:-1]:
            holder = _attribute_of(holder, key)
        key = path[-1]
        if holder is ABSENT:
            return
        if isinstance(holder, type):
            self._of_classes.setdefault(self._shown(holder), {}).setdefault(key, set()).add(action)
        elif isinstance(holder, ModuleType):
            from persistable._code.written import beginnings_of

            if key in beginnings_of(vars(holder)).empty:
                self._note(vars(holder), key, vars(holder).get(key, ABSENT), action)
        elif isinstance(holder, FunctionType):
            self._note(vars(holder), key, vars(holder).get(key, ABSENT), action)
        else:
            self._note(holder, key, _attribute_of(holder, key), action)

    def _note(self, namespace: Any, key: str, value: Any, action: str) -> None:
        if action == "assign":
            self._kept.append(namespace)
            self._places.add((id(namespace), key))
        elif _is_changed(value, action):
            self._kept.append(value)
            self._objects.add(id(value))


def is_changed_param(code: CodeType, name: str, value: Any) -> bool:
    """Tells whether a function changes the default of one of its params: `def fib(n, memo={})`."""
    return any(
        effect.kind == "param" and effect.name == name and not effect.path and _is_changed(value, effect.action)
        for effect in effects_of(code)
    )


def _is_any_change(actions: Iterable[str], value: Any) -> bool:
    return any(action == "assign" or _is_changed(value, action) for action in actions)


def _is_changed(value: Any, action: str) -> bool:
    """Tells whether an action can change a value of this type."""
    if isinstance(value, _CONTAINERS):
        return True
    return action in ("item", "add") and hasattr(type(value), "__setitem__") and not isinstance(value, ModuleType)


def _attribute_of(holder: Any, key: str) -> Any:
    """Returns an attribute without running code."""
    if isinstance(holder, type):
        return next((vars(base)[key] for base in holder.__mro__ if key in vars(base)), ABSENT)
    try:
        own = object.__getattribute__(holder, "__dict__")
    except Exception:
        return ABSENT
    if isinstance(own, (dict, MappingProxyType)) and key in own:
        return own[key]
    return ABSENT if isinstance(holder, ModuleType) else _attribute_of(type(holder), key)


def _is_class_method(function: FunctionType, param: str) -> bool:
    """Tells whether the first param of a method is the class."""
    return param == "cls" or function.__name__ in _IMPLICIT


def _making(functions: list[tuple[FunctionType, CodeType, str]]) -> set[int]:
    """Returns the methods that only run while an object is made: those that nobody names but others of them."""
    making = {id(function): code for function, code, _ in functions if _is_method(function)}
    named = {"_generate_payload"}
    pending = [code for function, code, _ in functions if id(function) not in making]
    making_methods = list(making.items())
    while pending:
        for code in pending:
            named |= mentions_of(code).names
        pending = []
        for address, code in making_methods:
            is_special = code.co_name.startswith("__") and code.co_name.endswith("__")
            is_run = code.co_name in named or (is_special and code.co_name not in _MAKING)
            if address in making and is_run and code.co_name not in _MAKING:
                pending.append(making.pop(address))
    return set(making)


def _is_method(function: FunctionType) -> bool:
    return function.__qualname__.rpartition(".")[0][-1:] not in ("", ">")


def _all_below(cls: type) -> list[type]:
    found: list[type] = []
    pending: list[type] = list(type.__subclasses__(cls))
    while pending:
        each = pending.pop()
        found.append(each)
        pending.extend(type.__subclasses__(each))
    return found


NO_STATE = State((), str)
