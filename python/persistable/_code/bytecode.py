"""Code objects: a digest of what one does, and the names that it mentions."""

from __future__ import annotations

import dis
import sys
from types import CodeType
from typing import Any

from persistable._code.rows import NamedTuple

try:
    from _blake2 import blake2b  # What `hashlib` has, which takes long to import.
except ImportError:
    from hashlib import blake2b

__all__ = ["TAG", "Mentions", "digest_of", "hex_of", "mentions_of"]

TAG = sys.implementation.cache_tag or f"{sys.implementation.name}-{sys.version_info[0]}{sys.version_info[1]}"
"""What bytecode digests are tagged by: they are comparable within one version of Python."""

# Flags that say what a function is: it takes *args or **kwargs, is a generator or a coroutine.
_FLAGS = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
_HAS_DOCSTRING = 0x4000000  # From Python 3.13 on.
_SCALARS = frozenset({int, float, complex, bool, str, bytes, type(None), type(Ellipsis)})

# The code objects are kept, so that no other one can come to stand at the address of one. A process that makes code
# without end must not keep it all.
_MAX_KNOWN = 20_000
_digests: dict[int, tuple[CodeType, str]] = {}
_mentions: dict[int, tuple[CodeType, Mentions]] = {}


def hex_of(*parts: bytes) -> str:
    """Returns 32 hex digits: BLAKE2b of 16 bytes, over the parts with their lengths."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def digest_of(code: CodeType) -> str:
    """Returns the digest of a code object: what it does, not where it stands, and no docstring."""
    known = _digests.get(id(code))
    if known is None:
        if len(_digests) >= _MAX_KNOWN:
            _digests.clear()
        known = _digests[id(code)] = (code, _digest(code))
    return known[1]


def _digest(code: CodeType) -> str:
    arguments = code.co_argcount + code.co_kwonlyargcount
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & _FLAGS)
    constants = code.co_consts
    if _has_docstring(code):
        constants = (None, *constants[1:])
    return hex_of(
        repr((counts, code.co_varnames[:arguments], code.co_names)).encode("utf-8", "surrogatepass"),
        code.co_code,
        bytes(getattr(code, "co_exceptiontable", b"")),
        _constant(constants).encode("utf-8", "surrogatepass"),
    )


def _has_docstring(code: CodeType) -> bool:
    if sys.version_info >= (3, 13):
        return bool(code.co_flags & _HAS_DOCSTRING)
    # A function without one has None there. Comprehensions have none, and a text there may be any.
    if code.co_name.startswith("<") and code.co_name != "<lambda>":
        return False
    return bool(code.co_consts) and isinstance(code.co_consts[0], str)


def _constant(value: Any) -> str:
    """Returns a text that tells a constant and its type."""
    kind = type(value)
    if kind is CodeType:
        return f"code {digest_of(value)}"
    if kind is tuple:
        return f"({','.join(map(_constant, value))})"
    if kind is frozenset:
        return f"{{{','.join(sorted(map(_constant, value)))}}}"
    if kind is int:
        return hex(value)  # Python refuses to write very large numbers in decimal digits.
    if kind in _SCALARS:
        return repr(value)
    if kind is slice:  # From Python 3.14 on.
        return f"slice{_constant((value.start, value.stop, value.step))}"
    return f"{kind.__qualname__} {value!r}"


class Mentions(NamedTuple):
    """What a code object, with those in it, mentions by name."""

    globals: tuple[str, ...]
    """Names that are looked up in the module, in order of their first use."""
    names: frozenset[str]
    """All names but those of local variables: globals, attributes, what is imported."""
    imports: tuple[tuple[str, int, tuple[str, ...]], ...]
    """Modules that are imported: name, level, and what is imported from it."""
    texts: frozenset[str]
    """Constants that could be the name of an attribute or a module."""


def mentions_of(code: CodeType) -> Mentions:
    """Returns what a code object mentions."""
    known = _mentions.get(id(code))
    if known is None:
        if len(_mentions) >= _MAX_KNOWN:
            _mentions.clear()
        known = _mentions[id(code)] = (code, _scan(code))
    return known[1]


def _opcodes(*names: str) -> frozenset[int]:
    return frozenset(dis.opmap[name] for name in names if name in dis.opmap)


_EXTENDED = dis.opmap["EXTENDED_ARG"]
_GLOBAL = _opcodes("LOAD_GLOBAL")
_NAME = _opcodes("LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_CLASSDEREF_OR_GLOBAL")
_CONST = _opcodes("LOAD_CONST")
_SMALL_INT = _opcodes("LOAD_SMALL_INT")
_IMPORT = _opcodes("IMPORT_NAME")
_SCANNED = _GLOBAL | _NAME | _CONST | _SMALL_INT | _IMPORT | {_EXTENDED}
# From Python 3.11 on, the lowest bit says whether the value is called.
_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0


def _scan(code: CodeType) -> Mentions:
    found: dict[str, None] = {}
    imports: list[tuple[str, int, tuple[str, ...]]] = []
    names, constants, raw = code.co_names, code.co_consts, code.co_code
    held: list[Any] = [0, None]  # The last two constants: an import takes a level and names.
    extended = 0
    for index, opcode in enumerate(raw[::2]):
        if opcode not in _SCANNED:
            extended = 0
            continue
        argument = raw[2 * index + 1] | extended
        if opcode == _EXTENDED:
            extended = argument << 8
            continue
        extended = 0
        if opcode in _GLOBAL:
            found[names[argument >> _GLOBAL_SHIFT]] = None
        elif opcode in _CONST:
            held = [held[1], constants[argument]]
        elif opcode in _SMALL_INT:
            held = [held[1], argument]
        elif opcode in _NAME:
            found[names[argument]] = None
        elif opcode in _IMPORT:
            level, wanted = held
            level = level if isinstance(level, int) else 0
            imports.append((names[argument], level, wanted if isinstance(wanted, tuple) else ()))
    every = set(names)
    texts = {text for text in constants if type(text) is str and text.replace(".", "_").isidentifier()}
    for constant in constants:
        if type(constant) is CodeType:
            inner = mentions_of(constant)
            found.update(dict.fromkeys(inner.globals))
            imports.extend(inner.imports)
            every |= inner.names
            texts |= inner.texts
        elif type(constant) is tuple:
            texts.update(text for text in constant if type(text) is str and text.isidentifier())
    return Mentions(tuple(found), frozenset(every), tuple(imports), frozenset(texts))
