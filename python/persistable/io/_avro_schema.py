"""Which Avro schema fits records or a frame, and whether a record came back as it was."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any, Callable

from persistable.io._require import require

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGS = range(-(1 << 63), 1 << 63)


class _Names:
    """Names for the records in a schema: each is used once."""

    def __init__(self) -> None:
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return "Record" if self._count == 1 else f"Record{self._count}"


def schema_of_records(records: list[Any]) -> dict[str, Any]:
    """Finds the schema that fits all records, or refuses them with the place of what differs."""
    if not records:
        raise TypeError("an empty list does not say what its records look like: give AvroFileIO a schema")
    for row, record in enumerate(records):
        if type(record) is not dict:
            raise TypeError(f"AvroFileIO stores a list of dicts, but item {row} is {type(record).__qualname__}")
    if not records[0]:
        raise TypeError("Avro records have fields, but these dicts are empty: use JsonFileIO")
    schema: dict[str, Any] = _schema_of_dicts(records, "", _Names())
    return schema


def _schema_of(values: list[Any], where: str, names: _Names) -> Any:
    """Finds the schema of all values at one place."""
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if len(kinds) > 1:
        found = ", ".join(sorted(kind.__qualname__ for kind in kinds))
        raise TypeError(
            f"at {where}: the values are of several types ({found}), which Avro would mix up: use PickleFileIO"
        )
    if not kinds:
        return "null"
    kind = kinds.pop()
    if kind is dict:
        schema = _schema_of_dicts(present, where, names)
    elif kind is list:
        items = [item for value in present for item in value]
        schema = {"type": "array", "items": _schema_of(items, f"{where}[]", names)}
    else:
        describe = _SCALARS.get(kind)
        if describe is None:
            raise TypeError(
                f"at {where}: Avro has no place for {kind.__module__}.{kind.__qualname__}: use PickleFileIO"
            )
        schema = describe(present, where)
    return ["null", schema] if len(present) < len(values) else schema


def _schema_of_dicts(dicts: list[dict[Any, Any]], where: str, names: _Names) -> Any:
    keys = list(dicts[0])
    for value in dicts:
        if value.keys() != dicts[0].keys():
            differing = sorted(map(repr, value.keys() ^ dicts[0].keys()))
            raise TypeError(
                f"{_at(where)}not all have the key {differing[0]}: give it the value None where it is missing"
            )
    for key in keys:
        if type(key) is not str or not _NAME.fullmatch(key):
            raise TypeError(
                f"{_at(where)}the key {key!r} can't be a name in Avro: letters, digits and _, and no digit first"
            )
    if not keys:
        raise TypeError(f"{_at(where)}a record of Avro has fields, but this dict is empty")
    name = names.next()  # Before those of the records within, so that the outermost is number one.
    fields = [
        {"name": key, "type": _schema_of([value[key] for value in dicts], f"{where}.{key}".lstrip("."), names)}
        for key in keys
    ]
    return {"type": "record", "name": name, "fields": fields}


def _at(where: str) -> str:
    return f"at {where}: " if where else ""


def _int(values: list[Any], where: str) -> Any:
    if not all(value in _LONGS for value in values):
        raise TypeError(f"at {where}: there is an integer of more than 64 bits")
    return "long"


def _datetime(values: list[Any], where: str) -> Any:
    zones = {value.tzinfo is None for value in values}
    if len(zones) > 1:
        raise TypeError(f"at {where}: some moments have a zone and others have none")
    return _logical("long", "local-timestamp-micros" if zones.pop() else "timestamp-micros")


def _decimal(values: list[Any], where: str) -> Any:
    parts = [value.as_tuple() for value in values]
    places = {part.exponent for part in parts}
    (exponent,) = places if len(places) == 1 else (None,)
    if not isinstance(exponent, int) or exponent > 0:
        raise TypeError(
            f"at {where}: Avro needs the same number of decimal places everywhere, "
            "but these have different numbers, or none"
        )
    precision = max(max(len(part.digits) for part in parts), -exponent, 1)
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": -exponent}


def _logical(kind: str, logical: str) -> Any:
    return {"type": kind, "logicalType": logical}


def _plain(schema: Any) -> Callable[[list[Any], str], Any]:
    return lambda _, __: schema


_SCALARS: dict[type, Callable[[list[Any], str], Any]] = {
    bool: _plain("boolean"),
    int: _int,
    float: _plain("double"),
    str: _plain("string"),
    bytes: _plain("bytes"),
    datetime.date: _plain(_logical("int", "date")),
    datetime.time: _plain(_logical("long", "time-micros")),
    datetime.datetime: _datetime,
    Decimal: _decimal,
}


def schema_of_arrow(table: Any) -> dict[str, Any]:
    """Returns the Avro schema of a frame's Arrow schema, or refuses a column for which there is none."""
    if table.num_columns == 0:
        raise TypeError("Avro would not give back a frame without columns: use PickleFileIO")
    if len(set(table.column_names)) != table.num_columns:
        raise TypeError(
            "in Avro, each field has a name of its own, but two columns have the same name: use PickleFileIO"
        )
    return _schema_of_fields(list(table.schema), "", _Names())


def _schema_of_fields(fields: list[Any], where: str, names: _Names) -> dict[str, Any]:
    described = []
    name = names.next()
    for field in fields:
        place = f"{where}.{field.name}".lstrip(".")
        if not _NAME.fullmatch(field.name):
            raise TypeError(
                f"{_at(where)}{field.name!r} can't be a name in Avro: letters, digits and _, and no digit first"
            )
        described.append({"name": field.name, "type": _schema_of_field(field, place, names)})
    return {"type": "record", "name": name, "fields": described}


def _schema_of_field(field: Any, where: str, names: _Names) -> Any:
    schema = _schema_of_type(field.type, where, names)
    return ["null", schema] if field.nullable and schema != "null" else schema


_ARROW_SCALARS = {
    "null": "null",
    "bool": "boolean",
    **dict.fromkeys(("int8", "int16", "int32", "uint8", "uint16"), "int"),
    **dict.fromkeys(("int64", "uint32"), "long"),
    **dict.fromkeys(("halffloat", "float"), "float"),
    "double": "double",
    **dict.fromkeys(("string", "large_string", "string_view"), "string"),
    **dict.fromkeys(("binary", "large_binary", "binary_view"), "bytes"),
}


def _schema_of_type(kind: Any, where: str, names: _Names) -> Any:
    types = require("pyarrow.types", "arrow", "AvroFileIO")
    known = _ARROW_SCALARS.get(str(kind))
    if known is not None:
        return known
    if types.is_date32(kind):
        return _logical("int", "date")
    if types.is_time(kind) and kind.unit != "ns":
        return _logical("long", "time-micros")
    if types.is_timestamp(kind) and kind.unit != "ns":
        return _logical("long", "local-timestamp-micros" if kind.tz is None else "timestamp-micros")
    if types.is_decimal128(kind) and kind.scale >= 0:
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}
    if types.is_dictionary(kind):
        return _schema_of_type(kind.value_type, where, names)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return {"type": "array", "items": _schema_of_field(kind.value_field, f"{where}[]", names)}
    if types.is_struct(kind) and kind.num_fields:
        return _schema_of_fields([kind.field(place) for place in range(kind.num_fields)], where, names)
    raise TypeError(f"at {where}: Avro has no place for {kind}: use ParquetFileIO")


def find_difference(before: Any, after: Any, where: str = "") -> str | None:
    """Returns what differs between a record and what came back, with its place, or `None`."""
    if type(before) is not type(after):
        return f"{_at(where)}{before!r:.100} would be {after!r:.100}"
    if type(before) is dict:
        if before.keys() != after.keys():
            return f"{_at(where)}its keys would be {list(after)}"
        pairs = ((f"{where}.{key}".lstrip("."), before[key], after[key]) for key in before)
    elif type(before) is list and len(before) == len(after):
        pairs = ((f"{where}[{place}]", *both) for place, both in enumerate(zip(before, after)))
    else:
        return None if _is_same(before, after) else f"{_at(where)}{before!r:.100} would be {after!r:.100}"
    return next(
        (found for place, one, other in pairs if (found := find_difference(one, other, place)) is not None), None
    )


def _is_same(before: Any, after: Any) -> Any:
    if type(before) is float:
        import math

        return (before == after and math.copysign(1, before) == math.copysign(1, after)) or (
            before != before and after != after
        )
    if type(before) is datetime.datetime:
        # A zone other than UTC would be lost, though the moment is the same.
        return before == after and before.utcoffset() == after.utcoffset() and before.fold == after.fold
    if type(before) is Decimal:
        return before.as_tuple() == after.as_tuple()
    return bool(before == after)
