"""Frames, and records."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import polars
import pyarrow
from twins.twin import given

from persistable.io import ArrowFileIO, AvroFileIO, CsvFileIO, ParquetFileIO

_ROWS: dict[str, list[Any]] = {
    "id": [-(2**63), 0, 2**63 - 1],
    "ratio": [0.1, float("-inf"), 5e-324],
    "word": ["naïve 𝄞", 'a, "b"\r\nc\n', "12"],
    "flag": [True, False, True],
    "note": [None, " x ", "true"],
}

# The schema that the struct in Rust derives.
_READING = {
    "type": "record",
    "name": "Reading",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "value", "type": "double"},
        {"name": "flag", "type": "boolean"},
        {"name": "text", "type": "string"},
        {"name": "grade", "type": {"type": "enum", "name": "Grade", "symbols": ["Good", "Fair"]}},
        {"name": "maybe", "type": ["null", "string"]},
        {"name": "list", "type": {"type": "array", "items": "double"}},
        {"name": "by_name", "type": {"type": "map", "values": "int"}},
    ],
}


def _reading(number: int, grade: str, maybe: str | None, *floats: float) -> dict[str, Any]:
    return {
        "id": number,
        "value": -0.0,
        "flag": True,
        "text": "naïve 𝄞 \0",
        "grade": grade,
        "maybe": maybe,
        "list": list(floats),
        "by_name": {"a": -(2**31)},
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_VALUES: dict[str, list[Any]] = {
    "number": [-(2**63), None, 2**53 + 1],
    "ratio": [0.1, -0.0, float("inf")],
    "word": ["naïve 𝄞", None, ""],
    "flag": [True, False, True],
    "moment": [_EPOCH + timedelta(microseconds=count) for count in (0, -1, 1_700_000_000_123_456)],
    "day": [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29)],
}


def _of_pandas() -> pd.DataFrame:
    """A frame of what only pandas has: a named index with a frequency, and its own types."""
    frame = pd.DataFrame(
        {
            "count": pd.array([2**53 + 1, None, 3], dtype="Int64"),
            "ratio": [0.1, -0.0, float("inf")],
            "word": ["naïve 𝄞", None, ""],
            "kind": pd.Categorical(["b", "a", "b"], categories=["b", "a", "unused"]),
        },
        index=pd.date_range("2024-02-28", periods=3, freq="D", name="day"),
    )
    frame["moment"] = frame.index.tz_localize("Europe/Vienna")
    return frame


def _of_polars() -> polars.DataFrame:
    return polars.DataFrame(_VALUES).with_columns(
        polars.Series("list", [[1, None], None, []], polars.List(polars.Int8))
    )


def _plain_of_pandas() -> pd.DataFrame:
    return pd.DataFrame({"number": [1, 2], "ratio": [0.5, float("inf")], "word": ["naïve", "b"]})


IN_BOTH = dict(
    [
        given("csv", CsvFileIO("polars"), lambda: polars.DataFrame(_ROWS)),
        given(
            "avro",
            AvroFileIO(_READING),
            lambda: [_reading(-(2**63), "Fair", "", float("inf"), 5e-324), _reading(2**63 - 1, "Good", None)],
        ),
        given("arrow", ArrowFileIO("pyarrow"), lambda: pyarrow.table(_VALUES)),
        given("parquet", ParquetFileIO("pyarrow"), lambda: pyarrow.table(_VALUES)),
    ]
)
IN_PYTHON = dict(
    [
        given("csv_of_pandas", CsvFileIO("pandas"), _plain_of_pandas),
        given("avro_of_pandas", AvroFileIO(), _plain_of_pandas),
        given("arrow_of_pandas", ArrowFileIO(), _of_pandas),
        given("arrow_of_polars", ArrowFileIO(), _of_polars),
        given("parquet_of_pandas", ParquetFileIO(), _of_pandas),
        given("parquet_of_polars", ParquetFileIO(), _of_polars),
    ]
)
