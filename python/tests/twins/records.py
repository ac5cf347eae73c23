"""Records, as CSV and as Avro."""

from __future__ import annotations

from typing import Any

import polars

from persistable.io import AvroFileIO, CsvFileIO
from twins.twin import given

ROWS: dict[str, list[Any]] = {
    "id": [-(2**63), 0, 2**63 - 1],
    "ratio": [0.1, float("-inf"), 5e-324],
    "word": ["naïve 𝄞", 'a, "b"\r\nc\n', "12"],
    "flag": [True, False, True],
    "grade": ["Good", "Fair", "Good"],
    "note": [None, " x ", "true"],
    "score": [-0.0, None, 1e300],
}

NOTES: dict[str, list[Any]] = {"note": [None, "first", None]}

# What is all digits and yet no number that Python's libraries hold.
CODES: dict[str, list[Any]] = {"code": ["007", "12"], "large": ["18446744073709551615", "1"]}

# The schema that the struct in Rust derives.
_READING = {
    "type": "record",
    "name": "Reading",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "small", "type": "int"},
        {"name": "single", "type": "float"},
        {"name": "value", "type": "double"},
        {"name": "flag", "type": "boolean"},
        {"name": "text", "type": "string"},
        {"name": "grade", "type": {"type": "enum", "name": "Grade", "symbols": ["Good", "Fair"]}},
        {"name": "maybe", "type": ["null", "string"]},
        {
            "name": "list",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "double"}]},
            },
        },
        {"name": "by_name", "type": {"type": "map", "values": "int"}},
    ],
}


def _reading(number: int, maybe: str | None, *floats: float) -> dict[str, Any]:
    return {
        "id": number,
        "small": -5,
        "single": 0.5,
        "value": -0.0,
        "flag": True,
        "text": "naïve 𝄞 \0",
        "grade": "Fair",
        "maybe": maybe,
        "list": [{"x": x} for x in floats],
        "by_name": {"a": -(2**31)},
    }


def _record(number: int, text: str | None) -> dict[str, Any]:
    return {"id": number, "value": 0.1, "text": text, "flags": [True, False], "inner": {"x": 1.5}}


TWINS = dict(
    [
        given("csv_rows", CsvFileIO("polars"), lambda: polars.DataFrame(ROWS)),
        given("csv_codes", CsvFileIO("polars"), lambda: polars.DataFrame(CODES)),
        given(
            "avro_records",
            AvroFileIO(_READING),
            lambda: [_reading(-(2**63), "", float("inf"), 5e-324), _reading(2**63 - 1, None)],
        ),
        given("plain_avro_records", AvroFileIO(), lambda: [_record(1, "one"), _record(2, None)]),
    ]
)
