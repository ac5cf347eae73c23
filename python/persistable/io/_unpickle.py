"""What pickles that this package wrote call when they are loaded.

The names in this module are in files: they stay, and go on understanding what was written for them. spec/pickle-v1.md
lists them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Callable

# multiprocessing runs the script of its parent under the second name.
MAIN_NAMES = frozenset({"__main__", "__mp_main__"})
_NOTHING = object()


def attribute(obj: Any, name: str) -> Any:
    """Follows a dotted name; returns an object that nothing else is where it ends early."""
    for part in name.split("."):
        obj = getattr(obj, part, _NOTHING)
        if obj is _NOTHING:
            break
    return obj


def main_attribute(name: str) -> Any:
    """Looks a dotted name up in the program that runs now."""
    return attribute(sys.modules.get("__main__"), name)


def of_main(name: str) -> Any:
    """Returns what the program that runs now calls so."""
    found = main_attribute(name)
    if found is _NOTHING:
        import pickle

        raise pickle.UnpicklingError(
            f"it needs {name} of the script that persisted it, but this program's __main__ does not have it. "
            "Define it in a module that can be imported"
        )
    return found


def of_main_or_definition(name: str, definition: bytes) -> Any:
    """Returns what the program that runs now calls so, or else rebuilds it."""
    found = main_attribute(name)
    if found is not _NOTHING and callable(found):
        return found
    import pickle

    return pickle.loads(definition)


def of_main_or_made(name: str, make: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Does as `of_main_or_definition`, within a definition."""
    found = main_attribute(name)
    return found if found is not _NOTHING and callable(found) else make(*args)


def complete_unless_of_main(obj: Any, state: tuple[str, Callable[[Any, Any], Any], Any]) -> None:
    """Fills in what `of_main_or_made` made, and leaves alone what it found."""
    name, set_state, inner = state
    if main_attribute(name) is not obj:
        set_state(obj, inner)


def array_of(elements: Any, dtype: Any, shape: tuple[int, ...], order: str) -> Any:
    """Makes an array that lies in the memory of its elements."""
    numpy = import_module("numpy")
    return numpy.frombuffer(elements, dtype=dtype).reshape(shape, order=order)


def array_as(array: Any, kind: Any) -> Any:
    """Sees an array as one of a subclass."""
    return array.view(kind)


def masked_array_of(data: Any, mask: Any, fill_value: Any, is_hard: bool, info: dict[str, Any]) -> Any:
    """Makes a masked array that lies in the memory of its data and its mask; a mask of `None` masks nothing."""
    numpy = import_module("numpy")
    array = numpy.ma.MaskedArray(data, mask=numpy.ma.nomask if mask is None else mask, hard_mask=is_hard)
    array._fill_value = fill_value
    array._optinfo.update(info)
    return array


def polars_frame_of(table: Any) -> Any:
    """Makes a polars frame that lies in the memory of an Arrow table."""
    return import_module("polars").from_arrow(table, rechunk=False)


def polars_series_of(table: Any) -> Any:
    """Makes a polars series of the only column of an Arrow table."""
    return polars_frame_of(table).to_series(0)
