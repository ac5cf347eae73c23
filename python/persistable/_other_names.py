"""Names that people bring along: from joblib, and of steps when they have only the function that makes them."""

from __future__ import annotations

import sys

__all__ = ["no_attribute_of_function", "no_attribute_of_store", "of_option"]

_OPTIONS = {
    "ignore": "joblib's ignore is untracked here",
    "mmap_mode": "leave it out: arrays are always mapped",
    "compress": "write payload_io=ZstdFileIO(PickleFileIO())",
    "cache_validation_callback": "make what the result depends on a parameter, such as a date or an InputFile",
}
_OF_FUNCTIONS = {
    "func": "write {name}.function",
    "call": "write {name}(...).generate()",
    "call_and_shelve": "write {name}(...), which gives a step",
    "check_call_in_cache": "write {name}(...).load(), which raises a FileNotFoundError if nothing is stored",
    "clear": "write {name}(...).remove() for each result, or delete files of the data folder",
}
_OF_STORES = {
    "cache": "write store.step",
    "clear": "remove() of a step removes its result; delete the folder to remove all results",
    "reduce_size": "remove() of a step removes its result",
}


def of_option(option: str) -> str | None:
    """Returns what to write in place of an option of joblib; `None` for any other name."""
    return _OPTIONS.get(option)


def no_attribute_of_function(function: object, attribute: str, steps: type) -> AttributeError:
    """Returns the error for an attribute that a function of steps does not have: it says what to write in its place.

    `steps` is the class of its steps.
    """
    name = function.__dict__.get("__name__", "function")
    return _no_attribute(function, attribute, _of_function(name, attribute, steps))


def no_attribute_of_store(store: object, attribute: str) -> AttributeError:
    """Returns the error for an attribute that a store does not have. `Memory` of joblib has some of them."""
    return _no_attribute(store, attribute, _OF_STORES.get(attribute))


def _of_function(name: str, attribute: str, steps: type) -> str | None:
    known = _OF_FUNCTIONS.get(attribute)
    if known is not None:
        return known.format(name=name)
    if not attribute.startswith("_") and hasattr(steps, attribute):
        return f"call it first, since its steps have it: {name}(...).{attribute}"
    return None


def _no_attribute(holder: object, attribute: str, advice: str | None) -> AttributeError:
    message = f"{type(holder).__name__!r} object has no attribute {attribute!r}"
    error = AttributeError(f"{message}: {advice}" if advice else message)
    if sys.version_info >= (3, 10):
        # Python proposes a name that is like another one if it knows the object.
        error.name, error.obj = attribute, holder
    return error
