"""Functions that come otherwise than from the compiler: as they were written."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from persistable._code.bytecode import digest_of
from persistable._code.rewritten import is_rewritten, written_code_in

if TYPE_CHECKING:
    from types import CodeType, FunctionType

__all__ = ["is_rebuilt", "namespace_of", "written_code_of"]

# What cloudpickle calls the file of functions that it rebuilds. Other versions of it leave the original name.
_REBUILT = "<dynamic-code>"


def is_rebuilt(code: CodeType) -> bool:
    """Tells whether cloudpickle brought a code object from another process."""
    return code.co_filename == _REBUILT


def written_code_of(function: FunctionType) -> CodeType:
    """Returns the code of a function as its source file says; the code that runs, where that is not known.

    Both do the same. That of the file knows where it stands.
    """
    code = function.__code__
    if is_rebuilt(code):
        return _in_file(code, function.__globals__.get("__file__")) or code
    if is_rewritten(function.__globals__):
        with contextlib.suppress(Exception):  # The file can't be read or parsed, or rewriting it fails.
            return written_code_in(function.__globals__, code) or code
    return code


def _in_file(code: CodeType, file: Any) -> CodeType | None:
    """Returns the same code in a file, as long as the file has it."""
    if not isinstance(file, str):
        return None
    # Most loads need no source.
    from persistable._code.sources import functions_in

    try:
        candidates = functions_in(file, code.co_flags).get(code.co_name, [])
    except Exception:  # The file can't be read or parsed here.
        return None
    wanted = digest_of(code), _path_of(code)
    same = [candidate for candidate, _ in candidates if (digest_of(candidate), _path_of(candidate)) == wanted]
    return min(same, key=lambda each: abs(each.co_firstlineno - code.co_firstlineno), default=None)


def _path_of(code: CodeType) -> str:
    """Returns the name with those of the classes and functions around it, which Python knows from 3.11 on."""
    return str(getattr(code, "co_qualname", code.co_name))


def namespace_of(cls: type) -> dict[str, Any]:
    """Returns the namespace of the module that a class is of: that of its methods, if they were brought from elsewhere.

    The module `__main__` of this process is another one than that of the process which they come from.
    """
    for value in vars(cls).values():
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        code = getattr(function, "__code__", None)
        if code is not None and is_rebuilt(code) and function.__globals__.get("__name__") == cls.__module__:
            namespace: dict[str, Any] = function.__globals__
            return namespace
    module = sys.modules.get(cls.__module__)
    return {"__name__": cls.__module__} if module is None else vars(module)
