"""What travels to a worker: a step without payloads, and with keys in place of what its dependencies depend on."""

from __future__ import annotations

import functools
import io
import pickle
from typing import Any

from persistable import _core
from persistable._copies import HANDLE
from persistable._persistable import Persistable
from persistable._tree import dependencies_of
from persistable.io._by_value import name_of_mark

__all__ = ["KeyOnly", "opened", "shell_of"]


class KeyOnly:
    """Stands on a worker for a step that is further down. Only its name and its key are known."""

    def __init__(self, payload_name: str, key: str) -> None:
        """Takes what is known."""
        self.payload_name = payload_name
        self.key = key

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"on a worker of a run, {self.payload_name} has no {name}: a step may use its direct dependencies. "
            "Make this step one of them"
        )

    def __repr__(self) -> str:
        return f"<{self.payload_name}({self.key[:32]}), of which only the key is known here>"


def shell_of(step: Persistable[Any, Any], imports_main: bool = False) -> bytes:
    """Returns a pickle of a step for a worker. Its size does not depend on how deep the pipeline is.

    `imports_main` says that the worker imports the script that runs. That helps where cloudpickle is missing.
    """
    file = io.BytesIO()
    try:
        _pickler_class()(file, step).dump(step)
    except Exception as error:
        if _has_cloudpickle() or "pickle" not in f"{type(error).__name__} {error}".lower():
            raise
        raise _unsendable(step, str(error)) from error
    shell = file.getvalue()
    if not imports_main and b"__main__" in shell and not _has_cloudpickle():
        raise _unsendable(step, "it is defined in a notebook, or in a script that a worker can't import")
    return shell


def _has_cloudpickle() -> bool:
    from persistable.io._require import import_if_there

    return import_if_there("cloudpickle") is not None


def _unsendable(step: Persistable[Any, Any], why: str) -> pickle.PicklingError:
    return pickle.PicklingError(
        f"{step!r} can't be sent to a worker ({why}): pip install 'persistable[cloudpickle]', "
        "or define it at the top of a module"
    )


def opened(shell: bytes) -> Persistable[Any, Any]:
    """Returns the step of a shell."""
    step: Persistable[Any, Any] = pickle.loads(shell)
    return step


def _reduced(step: Persistable[Any, Any], is_direct: bool) -> Any:
    """Returns what reduces a step other than the one that travels; `NotImplemented` where the class has its own way."""
    kind = type(step)
    if not _has_usual_pickles(kind) or kind.__reduce__ is not object.__reduce__:
        return NotImplemented
    name, key, params_digest = _core.key_parts(step)
    if not is_direct:
        return KeyOnly, (name, key)
    below = tuple(KeyOnly(each.payload_name, _core.full_key(each)) for each in dependencies_of(step))
    reduced = _without_payload(step, {"tracked_persistable_dependencies": below})
    if reduced is NotImplemented:
        return NotImplemented
    make, arguments, state = reduced
    return make, arguments, (state, name, key, bytes(params_digest)), None, None, _set_key_only


def _has_usual_pickles(kind: Any) -> bool:
    return kind.__reduce_ex__ is Persistable.__reduce_ex__


def _without_payload(step: Persistable[Any, Any], others: dict[str, Any]) -> Any:
    """Returns what reduces a step, with some attributes replaced."""
    reduced = object.__reduce_ex__(step, 2)
    if not isinstance(reduced, tuple) or len(reduced) < 3:
        return NotImplemented
    make, arguments, state, *_ = reduced
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if not isinstance(attributes, dict):
        return NotImplemented
    handle = attributes.get(HANDLE)
    if isinstance(handle, _core.Handle):
        others = {HANDLE: handle.without_payload(), **others}
    attributes = {**attributes, **others}
    return make, arguments, (attributes if slots is None else (attributes, slots))


def _set_state(step: Any, state: Any) -> None:
    own = getattr(step, "__setstate__", None)
    if own is not None:
        own(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, {})
    step.__dict__.update(attributes)
    for name, value in slots.items():
        setattr(step, name, value)


def _set_key_only(step: Any, state: tuple[Any, str, str, bytes]) -> None:
    attributes, name, key, params_digest = state
    _set_state(step, attributes)
    _core.freeze_as_key(step, name, key, params_digest)


def _below_lazy(step: Persistable[Any, Any]) -> dict[int, Any]:
    """Returns the lazy dependencies and all steps below them, by their ids. The worker may have to generate these."""
    found: dict[int, Any] = {}
    pending = list(_core.lazy_of(step))
    while pending:
        below = pending.pop()
        if id(below) not in found:
            found[id(below)] = below
            pending.extend(dependencies_of(below))
    return found


def _cached(function: Any, parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def _pickler_class() -> type[Any]:
    """Returns a pickler over that of cloudpickle, if it is installed: that takes along what a worker can't import."""
    from persistable.io._require import import_if_there

    cloudpickle = import_if_there("cloudpickle")
    base: Any = pickle.Pickler if cloudpickle is None else cloudpickle.Pickler

    class ShellPickler(base):  # type: ignore[misc]
        def __init__(self, file: Any, step: Any) -> None:
            super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
            self._step = step
            self._direct = {id(each) for each in dependencies_of(step)}
            self._whole = _below_lazy(step)

        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, Persistable):
                if id(value) in self._whole:
                    reduced = NotImplemented  # As any pickle has it: it may be deep.
                elif value is not self._step:
                    reduced = _reduced(value, id(value) in self._direct)
                elif _has_usual_pickles(type(value)):
                    reduced = _without_payload(value, {})
                else:
                    reduced = NotImplemented
                if reduced is not NotImplemented:
                    return reduced
            mark = name_of_mark(type(value))
            if mark is not None:  # A copy of it would be no mark.
                return mark
            if isinstance(value, functools._lru_cache_wrapper) and value.__module__ == "__main__":
                return _cached, (value.__wrapped__, value.cache_parameters())  # cloudpickle would send a name.
            override = getattr(super(), "reducer_override", None)
            return NotImplemented if override is None else override(value)

    return ShellPickler
