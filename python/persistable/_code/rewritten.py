"""Functions of modules whose assertions pytest rewrote, so that the bytecode is not that of the source."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import CodeType
from typing import Any

from persistable._code.bytecode import digest_of

__all__ = ["is_rewritten", "written_code_in"]

# What pytest puts into the namespace of each module that it rewrites.
_MARK = "@pytest_ar"
_MAX_FILES = 64
# The rewritten functions of a file by name and first line, as long as the file is the same.
_known: dict[str, tuple[tuple[int, int], dict[tuple[str, int], list[CodeType]]]] = {}


def is_rewritten(namespace: dict[str, Any]) -> bool:
    """Tells whether pytest rewrote a module."""
    return _MARK in namespace


def written_code_in(namespace: dict[str, Any], code: CodeType) -> CodeType | None:
    """Returns what the compiler makes of the source of a rewritten function.

    `None` if rewriting the source gives other code: the file was edited since it was imported.
    """
    # Most loads need no source.
    from persistable._code.sources import functions_in

    place = code.co_name, code.co_firstlineno
    functions = functions_in(code.co_filename, code.co_flags).get(code.co_name, [])
    plain = [each for each, _ in functions if each.co_firstlineno == code.co_firstlineno]
    rewritten = _rewritten_in(code.co_filename, namespace).get(place, [])
    if len(plain) != len(rewritten):
        return None
    wanted = digest_of(code)
    return next((each for each, other in zip(plain, rewritten) if digest_of(other) == wanted), None)


def _rewritten_in(filename: str, namespace: dict[str, Any]) -> dict[tuple[str, int], list[CodeType]]:
    from persistable._code.sources import codes_in

    path = Path(filename)
    stat = path.stat()
    stamp = stat.st_mtime_ns, stat.st_size
    known = _known.get(filename)
    if known is not None and known[0] == stamp:
        return known[1]
    # There is no other way to do again what it did. If a later version has it under another name, that is an
    # `AttributeError`, and the function is one without a source.
    rewrite = sys.modules["_pytest.assertion.rewrite"]._rewrite_test
    with warnings.catch_warnings():  # It has said already which assertions are always true.
        warnings.simplefilter("ignore")
        _, module = rewrite(path, namespace["__spec__"].loader.config)
    if len(_known) >= _MAX_FILES:
        _known.clear()
    _known[filename] = stamp, codes_in(module)
    return _known[filename][1]
