"""Values of Python's standard library.

The records of a library's types begin with the library's name. So they can't be confused with a user's class.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable

from persistable._core import Value
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    import array
    import decimal
    import fractions
    import functools
    import re
    import uuid
    from collections import Counter, OrderedDict, defaultdict, deque
    from pathlib import PurePath
    from types import MappingProxyType, SimpleNamespace

    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a type of the standard library, or of a type of functions."""
    table = _TABLES.get(cls.__module__.partition(".")[0])
    if table is not None:
        found = table().get(cls)
        if found is not None:
            return found
    from persistable._encoders import callables

    return callables.encoder_of(cls)


def _of_builtins() -> dict[type, Encoder]:
    return {
        range: _range,
        slice: _slice,
        bytearray: _bytearray,
        memoryview: _memoryview,
        type(Ellipsis): lambda value: Value.record("builtins.Ellipsis", []),
        type(int.__dict__): _mapping_proxy,
    }


def _of_datetime() -> dict[type, Encoder]:
    from persistable._encoders import times

    return times.table()


def _of_zoneinfo() -> dict[type, Encoder]:
    from persistable._encoders import times

    return times.zoneinfo_table()


def _of_types() -> dict[type, Encoder]:
    types = sys.modules["types"]
    return {types.SimpleNamespace: _namespace}


def _of_collections() -> dict[type, Encoder]:
    collections = sys.modules["collections"]
    return {
        collections.OrderedDict: _ordered_dict,
        collections.defaultdict: _defaultdict,
        collections.Counter: _counter,
        collections.deque: _deque,
    }


def _of_pathlib() -> dict[type, Encoder]:
    pathlib = sys.modules["pathlib"]
    names = ("PurePosixPath", "PureWindowsPath", "PosixPath", "WindowsPath")
    return {getattr(pathlib, name): _path for name in names}


def _of_ipaddress() -> dict[type, Encoder]:
    ipaddress = sys.modules["ipaddress"]
    names = [f"IPv{version}{kind}" for version in (4, 6) for kind in ("Address", "Network", "Interface")]
    return {getattr(ipaddress, name): _text_of(name) for name in names}


def _text_of(name: str) -> Encoder:
    return lambda value: Value.record(f"ipaddress.{name}", [("value", str(value))])


# A module's first name → its encoders. A table is asked for only when a value of that module is met, so that the module
# is loaded.
_TABLES: dict[str, Callable[[], dict[type, Encoder]]] = {
    "builtins": _of_builtins,
    "types": _of_types,
    "collections": _of_collections,
    "pathlib": _of_pathlib,
    "ipaddress": _of_ipaddress,
    "datetime": _of_datetime,
    "zoneinfo": _of_zoneinfo,
    "array": lambda: {sys.modules["array"].array: _array},
    "decimal": lambda: {sys.modules["decimal"].Decimal: _decimal},
    "fractions": lambda: {sys.modules["fractions"].Fraction: _fraction},
    "functools": lambda: {sys.modules["functools"].partial: _partial},
    "re": lambda: {sys.modules["re"].Pattern: _pattern},
    "uuid": lambda: {sys.modules["uuid"].UUID: _uuid},
}


def _range(value: range) -> Value:
    return Value.record("builtins.range", [("start", value.start), ("stop", value.stop), ("step", value.step)])


def _slice(value: slice) -> Value:
    return Value.record("builtins.slice", [("start", value.start), ("stop", value.stop), ("step", value.step)])


def _bytearray(value: bytearray) -> Value:
    return Value.record("builtins.bytearray", [("value", bytes(value))])


def _memoryview(value: memoryview) -> Value:
    if value.itemsize != 1:
        advice = "pass it as a NumPy array, numpy.asarray(view), or as bytes, view.tobytes()"
        raise Refusal("memoryview", f"holds elements of format `{value.format}`, not bytes", advice)
    parts = [("format", value.format), ("shape", tuple(value.shape or ())), ("value", value.tobytes())]
    return Value.record("builtins.memoryview", parts)


def _mapping_proxy(value: MappingProxyType[Any, Any]) -> Value:
    return Value.record("types.MappingProxyType", [("items", Value.map_(value.items()))])


def _namespace(value: SimpleNamespace) -> Value:
    return Value.record("types.SimpleNamespace", list(vars(value).items()))


def _ordered_dict(value: OrderedDict[Any, Any]) -> Value:
    # One map for each entry, so that a refusal says at which key, and what is excluded leaves nothing.
    entries = [Value.map_([entry]) for entry in value.items()]
    nothing = Value.map_([])
    return Value.record("collections.OrderedDict", [("items", [entry for entry in entries if entry != nothing])])


def _defaultdict(value: defaultdict[Any, Any]) -> Value:
    items = Value.map_(value.items())
    return Value.record("collections.defaultdict", [("default_factory", value.default_factory), ("items", items)])


def _counter(value: Counter[Any]) -> Value:
    return Value.record("collections.Counter", [("items", Value.map_(value.items()))])


def _deque(value: deque[Any]) -> Value:
    return Value.record("collections.deque", [("items", Value.list_(value)), ("maxlen", value.maxlen)])


def _path(value: PurePath) -> Value:
    return Value.path(value.as_posix())


def _array(value: array.array[Any]) -> Value:
    code = value.typecode
    if code in "uw":
        elements: object = value.tounicode()
    else:
        kind = "float" if code in "fd" else "int" if code.islower() else "uint"
        if sys.byteorder == "big":
            value = value[:]
            value.byteswap()
        elements = Value.array(f"{kind}{8 * value.itemsize}", [len(value)], value.tobytes())
    return Value.record("array.array", [("typecode", code), ("elements", elements)])


def _decimal(value: decimal.Decimal) -> Value:
    if value.is_snan():
        raise Refusal("Decimal", "is a signalling NaN", "pass a quiet one, Decimal('NaN')")
    sign, digits, exponent = value.as_tuple()
    if value.is_nan():
        return Value.decimal("NaN")
    minus = "-" if sign else ""
    if value.is_infinite():
        return Value.decimal(f"{minus}Infinity")
    coefficient = "".join(map(str, digits)).lstrip("0") or "0"
    return Value.decimal(f"{minus}{coefficient}E{exponent}")


def _fraction(value: fractions.Fraction) -> Value:
    return Value.record("fractions.Fraction", [("numerator", value.numerator), ("denominator", value.denominator)])


def _partial(value: functools.partial[Any]) -> Value:
    if value.__dict__:
        raise Refusal("partial", "has attributes of its own", "pass its function and arguments as params")
    parts = [("func", value.func), ("args", value.args), ("keywords", value.keywords)]
    return Value.record("functools.partial", parts)


def _pattern(value: re.Pattern[Any]) -> Value:
    return Value.record("re.Pattern", [("pattern", value.pattern), ("flags", value.flags)])


def _uuid(value: uuid.UUID) -> Value:
    return Value.uuid(value.bytes)
