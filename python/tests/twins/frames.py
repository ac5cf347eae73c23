"""One frame in the three libraries."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

LIBRARIES = ("pandas", "polars", "pyarrow")

_EPOCH = datetime(1970, 1, 1)


def _moments(*microseconds: int, zone: timezone | None = None) -> list[datetime]:
    return [(_EPOCH + timedelta(microseconds=count)).replace(tzinfo=zone) for count in microseconds]


VALUES: dict[str, list[Any]] = {
    "number": [-(2**63), 0, 2**63 - 1],
    "ratio": [0.1, -0.0, float("inf")],
    "word": ["naïve 𝄞", "", "c"],
    "flag": [True, False, True],
    "count": [2**53 + 1, None, 3],
    "label": ["x", None, ""],
    "moment": _moments(0, -1, 1_700_000_000_123_456, zone=timezone.utc),
    "local": _moments(1, 2, 3),
    "day": [date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29)],
    "kind": ["b", "a", "b"],
}


# What only Rust writes.
RICH_VALUES: dict[str, list[Any]] = {
    "unsigned": [2**64 - 1, None, 1],
    "small": [255, None, 1],
    "flag": [True, None, False],
    "bytes": [b"\xff", None, b""],
    "decimal": [Decimal("1.50"), None, Decimal("-0.01")],
    "lists": [["a", None], None, []],
    "point": [{"x": 2**53 + 1}, {"x": None}, {"x": 3}],
    "moment": [
        datetime(1970, 1, 1, tzinfo=timezone.utc),
        None,
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc),
    ],
    "hour": [time(0, 0, 1), None, time(23, 59, 59)],
    "nothing": [None, None, None],
}


def frame_in(library: str) -> Any:
    """Returns the frame as users of a library have it."""
    if library == "pandas":
        import pandas as pd

        frame = pd.DataFrame({name: values for name, values in VALUES.items() if name != "count"})
        frame.insert(4, "count", pd.array(VALUES["count"], dtype="Int64"))
        frame["kind"] = frame["kind"].astype("category")
        return frame
    if library == "polars":
        import polars

        return polars.DataFrame(VALUES).with_columns(polars.col("kind").cast(polars.Categorical))
    import pyarrow

    table = pyarrow.table(VALUES)
    return table.set_column(9, "kind", table.column("kind").dictionary_encode())


def values_in(frame: Any, library: str) -> dict[str, list[Any]]:
    """Returns the values of a frame, missing ones as `None`, moments in UTC."""
    if library == "polars":
        columns = frame.to_dict(as_series=False)
    elif library == "pyarrow":
        columns = frame.to_pydict()
    else:
        columns = {name: frame[name].tolist() for name in frame.columns}
    return {name: [_plain(value) for value in values] for name, values in columns.items()}


def _plain(value: Any) -> Any:
    import numpy as np
    import pandas as pd

    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    return value.astimezone(timezone.utc) if isinstance(value, datetime) and value.tzinfo is not None else value
