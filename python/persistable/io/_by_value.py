"""Classes and functions that can't be imported: those of `__main__`, local ones and lambdas.

cloudpickle takes them apart. A definition of `__main__` is kept beside its name and used only where the `__main__` that
loads it has no such name, so that the same script, run again, meets its own classes.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import sys
import types
from typing import TYPE_CHECKING, Any

from persistable.io import _unpickle
from persistable.io._require import import_if_there

if TYPE_CHECKING:
    from persistable.io._pickler import Pickler

# What definitions consist of, and what pickle refuses.
NEEDS_CLOUDPICKLE = frozenset(
    {types.ModuleType, types.CodeType, types.CellType, types.GetSetDescriptorType, property, classmethod, staticmethod}
)
# Types that `pickle` knows by themselves and that no module has.
_BUILTIN_SINGLETON_TYPES = (type(None), type(Ellipsis), type(NotImplemented))

# What dataclasses tell apart by identity, by its name in that module.
_DATACLASS_MARKS = {
    "_MISSING_TYPE": "MISSING",
    "_HAS_DEFAULT_FACTORY_CLASS": "_HAS_DEFAULT_FACTORY",
    "_KW_ONLY_TYPE": "KW_ONLY",
}

# A definition that drags more globals along than this goes by its name alone, as with pickle.
_DEFINITION_BYTES = 4 << 20


def name_of_mark(kind: type) -> str | None:
    """Returns the name in `dataclasses` of what dataclasses tell apart by identity, by its type; `None` for others."""
    return _DATACLASS_MARKS.get(kind.__name__) if kind.__module__ == "dataclasses" else None


class ByValue:
    """cloudpickle's knowledge of how to take definitions apart, for one stream."""

    def __init__(self, cloudpickle: Any) -> None:
        """Takes the module."""
        # It writes nothing. Functions that share their globals do so by what it remembers.
        self._reducers: Any = cloudpickle.Pickler(io.BytesIO(), protocol=5)

    @classmethod
    def if_there(cls) -> ByValue | None:
        """Returns one, or `None` if cloudpickle is not installed."""
        cloudpickle = import_if_there("cloudpickle")
        return None if cloudpickle is None else cls(cloudpickle)

    def reduce_definition(self, obj: Any) -> Any:
        """Reduces a class or a function to its parts."""
        return self._reducers.reducer_override(obj)

    def reduce_part(self, obj: Any) -> Any:
        """Reduces what is found in definitions, and nothing else."""
        kind = type(obj)
        if kind in copyreg.dispatch_table:
            return NotImplemented
        mark = name_of_mark(kind)
        if mark is not None:
            return mark
        reduce = self._reducers.dispatch_table.get(kind)
        return NotImplemented if reduce is None else reduce(obj)


def reduce_definition(pickler: Pickler, obj: Any) -> Any:
    """Reduces a class or a function."""
    if any(obj is kind for kind in _BUILTIN_SINGLETON_TYPES) or type(obj) in copyreg.dispatch_table:
        return NotImplemented
    name = getattr(obj, "__qualname__", None) or obj.__name__
    module = getattr(obj, "__module__", None)
    if module in _unpickle.MAIN_NAMES and _unpickle.main_attribute(name) is obj:
        return _reduce_definition_of_main(pickler, obj, module, name)
    if _is_importable(obj, module, name):
        return NotImplemented
    by_value = pickler.by_value()
    if by_value is None:
        raise pickle.PicklingError(
            f"{module}.{name} can't be imported, and only cloudpickle can pickle such a {_kind_of(obj)}: "
            "pip install 'persistable[cloudpickle]', or define it at the top level of a module"
        )
    return by_value.reduce_definition(obj)


def _kind_of(obj: Any) -> str:
    return "class" if isinstance(obj, type) else "function"


def _is_importable(obj: Any, module_name: Any, name: str) -> bool:
    if not isinstance(module_name, str):
        return True  # pickle searches for it.
    module = sys.modules.get(module_name)
    if module is None:
        try:
            __import__(module_name)
        except Exception:
            return False
        module = sys.modules.get(module_name)
    return _unpickle.attribute(module, name) is obj


def _reduce_definition_of_main(pickler: Pickler, obj: Any, module: str, name: str) -> Any:
    # A process that multiprocessing spawned has its `__main__` by another name, which no other process knows.
    by_name = NotImplemented if module == "__main__" else (_unpickle.of_main, (name,))
    by_value = pickler.by_value()
    if by_value is None:
        return by_name
    if pickler.in_definition:
        return _unless_in_main(by_value.reduce_definition(obj), name)
    definition = _definition_of(type(pickler), obj)
    if definition is None:
        return by_name
    return _unpickle.of_main_or_definition, (name, *definition)


def _unless_in_main(reduced: Any, name: str) -> Any:
    """Makes a reduction look for the name in `__main__` first, while it still can refer to itself."""
    if not isinstance(reduced, tuple) or len(reduced) != 6:
        return reduced
    make, args, state, _, _, set_state = reduced
    made = (_unpickle.of_main_or_made, (name, make, args))
    return (*made, (name, set_state, state), None, None, _unpickle.complete_unless_of_main)


class _TooLargeError(Exception):
    pass


class _Limited(io.BytesIO):
    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > _DEFINITION_BYTES:
            raise _TooLargeError
        return super().write(data)


def _definition_of(kind: type[Pickler], obj: Any) -> tuple[Any, ...] | None:
    """Pickles a definition by value, into bytes and large buffers; `None` if that can't be done within reason."""
    file = _Limited()
    # All buffers stay in the stream, where they are counted.
    pickler = kind(file, out_of_band_bytes=_DEFINITION_BYTES + 1, in_definition=True)
    try:
        pickler.dump(obj)
    # Whatever a global of the user's holds: by its name the class can be kept all the same.
    except Exception:
        return None
    return None if pickler.buffers else (file.getvalue(),)
