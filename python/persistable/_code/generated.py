"""Methods that a library generates from the fields of a class. The fields say all that there is to them."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any

from persistable._code.origins import is_rebuilt, written_code_of

__all__ = ["is_generated"]

# The line on which a method stands that `dataclasses` generates, in a text of its own. One that somebody wrote comes
# after the decorator and the name of the class.
_DATACLASS_LINE = 2
_OF_ATTRS = frozenset(
    {"__attrs_init__", "__eq__", "__ge__", "__gt__", "__hash__", "__init__", "__le__", "__lt__", "__ne__", "__repr__"}
)


def is_generated(cls: type, name: str, value: Any) -> bool:
    """Tells whether a library generated a method of a class, in this process or in that which the class comes from."""
    function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
    if type(function) is not FunctionType:
        return False
    # What a dataclass shows itself by is wrapped once more.
    wrapped = function.__dict__.get("__wrapped__")
    function = wrapped if type(wrapped) is FunctionType else function
    code, own = function.__code__, vars(cls)
    is_dataclass, is_attrs = "__dataclass_fields__" in own, "__attrs_attrs__" in own
    if not is_rebuilt(code):
        file = code.co_filename
        is_made = file.startswith("<string>") and (is_dataclass or "_fields" in own)
        return is_made or file.startswith("<attrs ")
    if "_fields" in own and issubclass(cls, tuple):
        return name == "__new__"
    return (is_dataclass or is_attrs) and _looks_generated(function, name, is_dataclass=is_dataclass)


def _looks_generated(function: FunctionType, name: str, *, is_dataclass: bool) -> bool:
    code = function.__code__
    if sys.version_info >= (3, 11):
        # Nobody writes a method outside of a class and under the name that it has there.
        return code.co_qualname == name or code.co_qualname.startswith("__create_fn__")
    if is_dataclass:
        return code.co_firstlineno == _DATACLASS_LINE
    written = written_code_of(function)
    return name in _OF_ATTRS and (written is code or written.co_firstlineno != code.co_firstlineno)
