"""A step on its way to another process: without its payload, with data folders that any working directory finds."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any, NamedTuple

from persistable import _core
from persistable._bound import BoundStepFunction
from persistable._by_value import by_name, by_parts
from persistable._copies import HANDLE, with_handle
from persistable._decorator import StepFunction
from persistable._main_script import importable_main
from persistable._persistable import Persistable
from persistable._settings import setting_of
from persistable._store import Store
from persistable.exceptions import ReproductionError
from persistable.io._require import import_if_there
from persistable.io._unpickle import MAIN_NAMES, main_attribute

__all__ = ["Parcel", "pack", "settled"]


class Parcel(NamedTuple):
    """What the other process needs to have the step."""

    key: str
    """The step's key, which is the same in the other process unless something is amiss."""
    main: dict[str, str] | None
    """The script that it has to import first, by its path or its name."""
    pickled: bytes


def pack(step: Persistable[Any, Any], untracked: dict[str, Any]) -> Parcel:
    """Pickles a step with all that it depends on.

    If the other process can find a definition by its name, only the name is sent. It finds those of a script that can
    be imported, as `multiprocessing` does. Definitions of a notebook, of a script without `if __name__ == "__main__"`,
    and inside functions are sent completely. This needs cloudpickle.
    """
    key = _core.full_key(step)
    try:
        by_name = _pickled(pickle.Pickler, {"step": step, "untracked": untracked, "definitions": {}})
    except Exception as error:
        failure: Exception | None = error
    else:
        if b"__main__" not in by_name and b"__mp_main__" not in by_name:
            return Parcel(key, None, by_name)
        main = importable_main()
        if main is not None:
            return Parcel(key, main, by_name)
        failure = None
    cloudpickle = import_if_there("cloudpickle")
    if cloudpickle is None:
        why = "it is defined in a notebook or in a script that can't be imported" if failure is None else str(failure)
        raise ReproductionError(
            f"{step!r} can't be sent to another process ({why}): pip install 'persistable[cloudpickle]', or define it "
            "at the top level of a module"
        ) from failure
    try:
        names = _Names()
        _pickled(cloudpickle.Pickler, {"step": step, "untracked": untracked}, names)
        contents = {"step": step, "untracked": untracked, "definitions": names.definitions()}
        return Parcel(key, None, _pickled(cloudpickle.Pickler, contents))
    except Exception as error:
        raise ReproductionError(
            f"{step!r} can't be sent to another process: {type(error).__name__}: {error}"
        ) from error


def settled(step: Persistable[Any, Any]) -> dict[str, Any]:
    """Returns the attributes that make what is persisted of a step load as it is, whatever it was made from.

    A step whose key has its code keeps that key.
    """
    attributes: dict[str, Any] = {"input_change": "ignore", "dependency_change": "ignore"}
    if setting_of(step, "code_change") != "key":
        return {**attributes, "code_change": "ignore"}
    manifest = _core.manifest(step)
    if manifest is None:
        return attributes
    return {**attributes, "code_change": "ignore", "payload_version": json.loads(manifest)["version"]}


class _Names:
    """The names in `__main__` of what is taken apart."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def note(self, obj: Any) -> None:
        name = getattr(obj, "__qualname__", None)
        if getattr(obj, "__module__", None) in MAIN_NAMES and isinstance(name, str) and main_attribute(name) is obj:
            self._names.add(name.partition(".")[0])

    def definitions(self) -> dict[str, Any]:
        return {name: main_attribute(name) for name in sorted(self._names)}


def _pickled(pickler: Any, contents: dict[str, Any], names: _Names | None = None) -> bytes:
    file = io.BytesIO()
    by_value = pickler is not pickle.Pickler

    class Packer(pickler):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, Persistable):
                return _reduced_step(obj)
            if by_value:
                if isinstance(obj, (StepFunction, BoundStepFunction)):
                    reduced = _reduced_function(obj)
                    if names is not None and not isinstance(reduced, str):
                        names.note(obj)
                    return reduced
                if names is not None and callable(obj):
                    names.note(obj)
                return super().reducer_override(obj)
            return NotImplemented

    Packer(file, 5).dump(contents)
    return file.getvalue()


def _reduced_step(step: Persistable[Any, Any]) -> Any:
    reduced: Any = with_handle(step.__reduce_ex__(5), lambda _: None)
    if not isinstance(reduced, tuple) or len(reduced) < 3 or not isinstance(reduced[2], dict):
        return reduced  # The class pickles itself in its own way.
    make, arguments, state, *rest = reduced
    return (make, arguments, _state_to_send(step, state), *rest)


def _state_to_send(step: Persistable[Any, Any], state: dict[str, Any]) -> dict[str, Any]:
    # Without what it has in memory, and without its logger.
    sent = {name: value for name, value in state.items() if name not in (HANDLE, "logger")}
    folder = _core.folder_of(step)
    # A `Store` that is more than a folder is found anywhere.
    if folder is not None and not isinstance(step.data_dir, Store):
        sent["data_dir"] = Path(folder)
    sent.update(settled(step))
    return sent


def _reduced_function(function: StepFunction[Any, Any] | BoundStepFunction[Any, Any]) -> Any:
    name = by_name(function, function.function)
    return name if name is not None and function.function.__module__ not in MAIN_NAMES else by_parts(function)
