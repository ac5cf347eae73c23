"""What a step has where nothing is said."""

from __future__ import annotations

from typing import Any

from persistable import _core
from persistable.io import PickleFileIO

__all__ = ["DEFAULT_SUFFIX", "DefaultIO", "checked_io", "default_name"]


class _DefaultSuffix(str):
    """The suffix if none was given. It can be told apart from an equal suffix that was given."""


DEFAULT_SUFFIX = _DefaultSuffix(".persistable")

# Payload names by class name: making one anew costs more than all else that a step's `__init__` does.
_names: dict[str, str] = {}


def default_name(class_name: str) -> str:
    """Returns the payload name of a class."""
    name = _names.get(class_name)
    if name is None:
        name = _names[class_name] = _core.snake_case(class_name)
    return name


def checked_io(payload_io: Any) -> Any:
    """Returns a payload IO. Refuses here what can't save and load, and not after hours of generating."""
    if isinstance(payload_io, type):
        name = payload_io.__name__
        call = f"{name}(JsonFileIO())" if name == "ZstdFileIO" else f"{name}()"
        raise TypeError(f"payload_io is the class {name}, but has to be an instance: write payload_io={call}")
    if not callable(getattr(payload_io, "save", None)) or not callable(getattr(payload_io, "load", None)):
        kind = type(payload_io).__qualname__
        raise TypeError(f"payload_io is of type {kind}: pass a payload IO, such as PickleFileIO() or JsonFileIO()")
    return payload_io


class DefaultIO:
    """Gives a step its payload IO when that is first asked for: of a large graph, most steps are only keyed."""

    def __get__(self, step: Any, owner: Any) -> Any:
        if step is None:
            return self
        step.payload_io = PickleFileIO()
        return step.payload_io
