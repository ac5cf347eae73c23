"""Constants: what a value is, told by a digest, and what code there is in it."""

from __future__ import annotations

import collections
import contextlib
import enum
import functools
import types
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Callable

from persistable import _core
from persistable._code.bytecode import hex_of
from persistable._code.foreign import functions_in, parts_of, size_of
from persistable._code.kinds import SCALARS, is_code, is_immutable, is_inert
from persistable._code.rows import NamedTuple

if TYPE_CHECKING:
    from persistable._code.paths import Folder
    from persistable._code.places import Places

__all__ = ["Described", "describe", "digest_of_value"]

MAX_BYTES = 1 << 20
_MAX_PARTS = 50_000
_MAX_DEPTH = 60
# So many bytes of text weigh as much as one part.
_BYTES_PER_PART = 32

_LISTS = (list, tuple, collections.deque)
_SETS = (set, frozenset)
_DICTS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter, types.MappingProxyType)
_BUILT_IN: tuple[Any, ...] = (dict, list, tuple, set, frozenset, int, float, complex, str, bytes, bytearray)


class Described(NamedTuple):
    """What was found out about a value."""

    digest: str | None
    """`None` if it can't be identified at all, as when it is too large."""
    codes: list[tuple[Any, str]]
    """Functions, classes, modules and steps in it, with a name for those that have none."""
    containers: list[Any]
    """The lists, dicts and sets in it: while they hold the same objects, the value is the same."""
    is_opaque: bool
    """Whether it may change without a container's showing it."""
    problems: list[str]
    """What in it can't be identified."""


class _TooLargeError(Exception):
    pass


def describe(
    value: Any,
    name: str,
    places: Places,
    shown: Callable[[Any], str],
    folder: Folder,
    is_state: Callable[[Any, str, Any], bool],
) -> Described:
    """Describes a value.

    `shown` gives the name of a function, class or module. `folder` is that of the module which has the value.
    Attributes of objects that `is_state` finds are left out.
    """
    if type(value) in SCALARS and type(value) is not str:
        with contextlib.suppress(Exception):
            return Described(digest_of_value(value), [], [], False, [])
    found = _Description(places, shown, folder, is_state)
    try:
        plain = found.plain(value, name, 0)
        try:
            return found.described(digest_of_value(plain))
        except Exception:  # Something in it has no canonical form. All else still tells.
            found = _Description(places, shown, folder, is_state, is_strict=True)
            return found.described(digest_of_value(found.plain(value, name, 0)))
    except _TooLargeError:
        found.problems.append(f"{name}: it is larger than 1 MiB")
    except RecursionError:
        found.problems.append(f"{name}: it is nested too deeply")
    except Exception as error:  # Code of others runs here: properties, `__iter__` and the like.
        found.problems.append(f"{name}: {type(error).__name__} when looking into it")
    return found.described(None)


def digest_of_value(value: Any) -> str:
    """Returns the digest of a value that has a canonical form."""
    encoded = _core.encode(value).canonical_bytes()
    if len(encoded) > MAX_BYTES:
        raise _TooLargeError
    return hex_of(b"value", encoded)


class _Description:
    def __init__(
        self,
        places: Places,
        shown: Callable[[Any], str],
        folder: Folder,
        is_state: Callable[[Any, str, Any], bool],
        *,
        is_strict: bool = False,
    ) -> None:
        self._places = places
        self._folder = folder
        self._shown = shown
        self._is_state = is_state
        self._is_strict = is_strict
        self._parts = 0
        # Objects are told by their addresses, so those that are made on the way are kept.
        self._kept: list[Any] = []
        self._open: dict[int, int] = {}
        self._done: dict[int, tuple[Any, Any, int]] = {}
        self.codes: list[tuple[Any, str]] = []
        self.containers: list[Any] = []
        self.is_opaque = False
        self.problems: list[str] = []

    def described(self, digest: str | None) -> Described:
        return Described(digest, self.codes, self.containers, self.is_opaque, self.problems)

    def plain(self, value: Any, name: str, depth: int) -> Any:
        """Returns a value that has a canonical form: the given one, or one with names in place of code."""
        kind = type(value)
        if kind in SCALARS:
            self._count(1 + (len(value) // _BYTES_PER_PART if kind in (str, bytes) else 0))
            return self._text(value) if kind is str else value
        if is_code(value):
            return self._code(value, name)
        known = self._done.get(id(value))
        if known is not None:
            self._count(known[2])  # Shared parts are written out again.
            return known[1]
        if id(value) in self._open:
            return _core.Value.enum("persistable.cycle", str(depth - self._open[id(value)]))
        if depth > _MAX_DEPTH:
            raise RecursionError
        self._open[id(value)] = depth
        before = self._parts
        try:
            plain = self._composed(value, name, depth + 1)
        finally:
            del self._open[id(value)]
        self._done[id(value)] = (value, plain, self._parts - before)
        return plain

    def _text(self, value: str) -> Any:
        if self._is_strict and not _is_unicode(value):
            return _core.Value.enum("persistable.surrogates", ascii(value))
        told = self._folder.told(value) if value[:1] in "/\\" or value[1:2] == ":" else None
        return value if told is None else _core.Value.enum("persistable.path", told)

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > _MAX_PARTS:
            raise _TooLargeError

    def _code(self, value: Any, name: str) -> Any:
        self._count(1)
        self.codes.append((value, name))
        return _core.Value.enum("persistable.code", self._shown(value) or name)

    def _composed(self, value: Any, name: str, depth: int) -> Any:
        kind = type(value)
        self._count(1)
        if kind in _LISTS:
            return self._list(value, name, depth)
        if kind is collections.defaultdict and value.default_factory is not None:
            factory = self.plain(value.default_factory, f"{name}.default_factory", depth)
            return _core.Value.tuple_([factory, self._dict(value, name, depth)])
        if kind in _DICTS:
            return self._dict(value, name, depth)
        if kind in _SETS:
            return self._set(value, name, depth)
        if kind is functools.partial or kind is functools.partialmethod:
            parts = [("func", value.func), ("args", value.args), ("keywords", value.keywords)]
            return self._record(f"functools.{kind.__name__}", parts, name, depth)
        if kind is types.MethodType:
            parts = [("function", value.__func__), ("self", value.__self__)]
            return self._record("method", parts, name, depth)
        if kind is types.SimpleNamespace:
            return self._record("types.SimpleNamespace", list(self._attributes(value)), name, depth)
        if kind is types.CellType:
            return self._record("cell", [("contents", value.cell_contents)], name, depth)
        if kind is types.GenericAlias:
            return self._record("alias", [("origin", value.__origin__), ("args", value.__args__)], name, depth)
        if is_inert(value):
            return _core.Value.enum("persistable.inert", kind.__qualname__)
        if self._places.is_users_class(kind):
            return self._object(value, name, depth)
        return self._foreign(value, name, depth)

    def _list(self, value: Any, name: str, depth: int) -> Any:
        kind = type(value)
        if kind is list:
            self.containers.append(value)
        self.is_opaque |= kind is collections.deque
        if self._are_scalars(value):
            return value
        plain = [self.plain(each, f"{name}[{index}]", depth) for index, each in enumerate(list(value))]
        if all(map(_is, plain, value)):
            return value
        return _core.Value.tuple_(plain) if kind is tuple else _core.Value.list_(plain)

    def _set(self, value: Any, name: str, depth: int) -> Any:
        if type(value) is set:
            self.containers.append(value)
        if self._are_scalars(value):
            return value
        members = list(value)
        plain = [self.plain(each, f"{name}[…]", depth) for each in members]
        # The order of a set's members is not the same in each process.
        self.codes.sort(key=lambda code: self._shown(code[0]) or code[1])
        return value if all(map(_is, plain, members)) else _core.Value.set_(plain)

    def _dict(self, value: Any, name: str, depth: int) -> Any:
        kind = type(value)
        if kind is not types.MappingProxyType:
            self.containers.append(value)
        else:
            self.is_opaque = True
        if self._are_scalars(value) and self._are_scalars(value.values()):
            return value
        pairs = [
            (self.plain(key, f"{name}[…]", depth), self.plain(held, _place(name, key), depth))
            for key, held in list(value.items())
        ]
        if all(map(_is, (key for key, _ in pairs), value)) and all(
            map(_is, (held for _, held in pairs), value.values())
        ):
            return value
        return _core.Value.map_(pairs)

    def _are_scalars(self, values: Any) -> bool:
        if self._is_strict or not SCALARS.issuperset(map(type, values)):
            return False
        if any(type(value) is str and self._text(value) is not value for value in values):
            return False
        self._count(len(values))
        return True

    def _record(self, type_name: str, parts: list[tuple[str, Any]], name: str, depth: int) -> Any:
        plain = [(str(key), self.plain(held, f"{name}.{key}", depth)) for key, held in parts]
        return _core.Value.record(type_name, plain)

    def _object(self, value: Any, name: str, depth: int) -> Any:
        """Describes an object of a class of the user's: by the class and the attributes."""
        kind = type(value)
        self.codes.append((kind, name))
        class_name = self._shown(kind) or kind.__qualname__
        if issubclass(kind, enum.Enum):
            return _core.Value.enum(class_name, str(value.name))
        parts = list(self._attributes(value))
        for base in _BUILT_IN:
            if issubclass(kind, base):
                # What it is beside its attributes. A container that is made here stands for no other one.
                self.is_opaque |= not issubclass(base, (tuple, frozenset, int, float, complex, str, bytes))
                items = base(value)
                parts.append(("", items))
                self._done[id(items)] = (items, self._composed(items, name, depth + 1), 1)
                break
        return self._record(class_name, parts, name, depth)

    def _attributes(self, value: Any) -> list[tuple[str, Any]]:
        found: dict[str, Any] = {}
        try:
            own = object.__getattribute__(value, "__dict__")
        except AttributeError:
            own = None
        if isinstance(own, dict):
            self.containers.append(own)
            found.update(
                (key, held)
                for key, held in list(own.items())
                if isinstance(key, str) and not _is_remembered(type(value), key)
            )
        for base in type(value).__mro__:
            for slot, member in vars(base).items():
                if type(member) is types.MemberDescriptorType and slot not in found:
                    self.is_opaque = True
                    try:
                        found[slot] = member.__get__(value, type(value))
                    except AttributeError:
                        continue
        return sorted((key, held) for key, held in found.items() if not self._is_state(value, key, held))

    def _foreign(self, value: Any, name: str, depth: int) -> Any:
        """Describes an object of a library, by the package's encoders."""
        kind = type(value)
        if isinstance(value, PurePath):
            told = self._folder.told(str(value))
            return value if told is None else _core.Value.enum("persistable.path", told)
        if is_immutable(value):
            return value
        if size_of(value) > MAX_BYTES:
            raise _TooLargeError
        users = [
            (held, f"{name}.{key}")
            for key, held in functions_in(value)
            if type(held) is types.FunctionType or self._places.is_users_class(held)
        ]
        self.codes.extend(users)
        if not self._is_strict:
            self.is_opaque = True
            return value
        with contextlib.suppress(Exception):
            _core.encode(value)
            self.is_opaque = True
            return value
        type_name = f"{kind.__module__}.{kind.__qualname__}"
        with contextlib.suppress(Exception):
            parts = parts_of(value)
            if parts is not None:
                self._kept.append(parts)
                self.is_opaque = True
                return self._record(type_name, [("parts", parts)], name, depth)
        # What can't be identified need not be looked at again on each hit.
        if not users:  # Otherwise it is a wrapper, such as `np.vectorize(f)`, of code that is seen.
            self.problems.append(f"{name}: objects of type {type_name} can't be identified")
        return _core.Value.enum("persistable.unidentified", type_name)


def _is_remembered(cls: type, key: str) -> bool:
    """Tells whether an attribute is what a cached property found: it follows from the others."""
    return any(isinstance(vars(base).get(key), functools.cached_property) for base in cls.__mro__)


def _is(left: Any, right: Any) -> bool:
    return left is right


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _place(name: str, key: Any) -> str:
    return f"{name}[{key!r}]" if type(key) in (str, int, bool) else f"{name}[…]"
