"""Frames of pandas and polars, and Arrow tables: which is which, and how each becomes the other."""

from __future__ import annotations

import sys
from typing import Any, Callable, Literal

from persistable.io._require import import_if_there, require
from persistable.io._same import is_same

FrameLibrary = Literal["pandas", "polars", "pyarrow"]

# What a file says of itself: whose frame was persisted, and what pandas forgets to note.
FRAME = b"persistable.frame"
_INDEX_FREQUENCY = b"persistable.pandas_index_freq"
_COLUMN_RANGE = b"persistable.pandas_column_range"
_FIELD_ID = b"PARQUET:field_id"

# What to do with what is nearly a frame.
_ADVICE = {
    "Series": "convert it by its method to_frame()",
    "LazyFrame": "convert it by its method collect()",
    "RecordBatch": "convert it by pyarrow.Table.from_batches",
    "ndarray": "use NumpyFileIO",
}

_TYPES = {"pandas": "DataFrame", "polars": "DataFrame", "pyarrow": "Table"}


def check_library(frame: str | None) -> FrameLibrary | None:
    """Returns the argument `frame` of a payload IO, once it is one that there is."""
    if frame is not None and frame not in _TYPES:
        raise ValueError(f"frame must be 'pandas', 'polars', 'pyarrow' or None, not {frame!r}")
    return frame  # type: ignore[return-value]


def library_of(payload: object, wanted_by: str, and_also: str = "") -> FrameLibrary:
    """Returns whose frame the payload is. Subclasses are not: they would come back as what they are derived from."""
    for library, name in _TYPES.items():
        module = sys.modules.get(library)
        if module is not None and type(payload) is getattr(module, name, None):
            return library  # type: ignore[return-value]
    kind = f"{type(payload).__module__}.{type(payload).__qualname__}"
    keeps = f"{wanted_by} stores pandas.DataFrame, polars.DataFrame and pyarrow.Table{and_also}"
    raise TypeError(f"{keeps}, not {kind}: {_ADVICE.get(type(payload).__name__, 'use PickleFileIO')}")


def first_installed(wanted_by: str) -> FrameLibrary:
    """Returns the library in which to give back a frame that another program wrote."""
    has_arrow = import_if_there("pyarrow") is not None
    if has_arrow and import_if_there("pandas") is not None:
        return "pandas"
    if import_if_there("polars") is not None:
        return "polars"
    require("pyarrow", "arrow", wanted_by)
    return "pyarrow"


def table_of(frame: Any, library: FrameLibrary, wanted_by: str) -> Any:
    """Returns an Arrow table of a frame, which says whose frame it is. Where it can be, no memory is copied."""
    pyarrow = require("pyarrow", "arrow", wanted_by)
    metadata = {FRAME: library.encode()}
    if library == "pandas":
        table = pyarrow.Table.from_pandas(frame)
        frequency = getattr(frame.index, "freqstr", None) if hasattr(frame.index, "freq") else None
        if frequency is not None:
            metadata[_INDEX_FREQUENCY] = frequency.encode()
        labels = frame.columns
        if type(labels).__name__ == "RangeIndex":
            metadata[_COLUMN_RANGE] = f"{labels.start},{labels.stop},{labels.step}".encode()
    elif library == "polars":
        polars = require("polars", "arrow", wanted_by)
        table = frame.to_arrow(compat_level=polars.CompatLevel.newest())
    else:
        table = frame
        if FRAME in (table.schema.metadata or {}):
            raise ValueError(
                f"the table's metadata has the key {FRAME.decode()!r} already, which is for persistable itself"
            )
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata})


def frame_of(table: Any, wanted: FrameLibrary | None, wanted_by: str) -> Any:
    """Returns the frame of an Arrow table: of the library that is wanted, else of that which wrote it."""
    metadata = dict(table.schema.metadata or {})
    written_by = metadata.pop(FRAME, b"").decode()
    if not written_by and b"pandas" in metadata:
        written_by = "pandas"
    frequency = metadata.pop(_INDEX_FREQUENCY, b"").decode()
    labels = metadata.pop(_COLUMN_RANGE, b"").decode()
    table = table.replace_schema_metadata(metadata or None)
    library = wanted or check_library(written_by or None) or first_installed(wanted_by)
    if library == "pyarrow":
        return table
    if library == "polars":
        return require("polars", "arrow", wanted_by).from_arrow(table, rechunk=False)
    pandas = require("pandas", "arrow", wanted_by)
    # A file that pandas wrote says which types it had. In another, integers are to stay such where some are missing.
    is_foreign = b"pandas" not in metadata
    frame = table.to_pandas(integer_object_nulls=is_foreign)
    if is_foreign:
        _use_nullable_types(frame, table)
    if frequency and isinstance(frame.index, (pandas.DatetimeIndex, pandas.TimedeltaIndex)):
        frame.index.freq = frequency
    if labels:
        columns = pandas.RangeIndex(*map(int, labels.split(",")), name=frame.columns.name)
        if frame.columns.equals(columns):
            frame.columns = columns
    return frame


def _use_nullable_types(frame: Any, table: Any) -> None:
    """Gives integers and booleans of which some are missing pandas' nullable types, in place of objects."""
    from pandas.api.types import pandas_dtype
    from pyarrow import types

    for place, column in enumerate(table.columns):
        is_integer = types.is_integer(column.type)
        if column.null_count and (is_integer or types.is_boolean(column.type)):
            dtype = pandas_dtype("boolean" if not is_integer else str(column.type).replace("i", "I").replace("u", "U"))
            frame.isetitem(place, column.to_pandas(types_mapper=lambda _, dtype=dtype: dtype))


def without_field_ids(table: Any) -> Any:
    """Takes the numbers away that reading Parquet puts into the metadata of fields."""
    fields = []
    for field in table.schema:
        metadata = dict(field.metadata or {})
        metadata.pop(_FIELD_ID, None)
        fields.append(field.with_metadata(metadata or None))
    pyarrow = require("pyarrow", "arrow", "ParquetFileIO")
    return table.cast(pyarrow.schema(fields, table.schema.metadata)) if fields else table


def check_comes_back(frame: Any, library: FrameLibrary, round_trip: Callable[[Any], Any], format_name: str) -> None:
    """Refuses a frame whose types or labels the format would change: its first row makes the round trip.

    Columns of Python objects, of which no row tells about the next, make it whole.
    """
    if library == "pandas":
        sample = frame.iloc[:1]
        back = round_trip(sample)
        changed = _difference_of_pandas(sample, back) or _difference_of_objects(frame, round_trip)
    elif library == "polars":
        sample = frame.head(1)
        back = round_trip(sample)
        changed = None if back.schema == frame.schema else f"its schema would be {back.schema}"
    else:
        sample = frame.slice(0, 1)
        back = round_trip(sample)
        same = back.schema.equals(frame.schema, check_metadata=True)
        changed = None if same else f"its schema would be {back.schema}"
    if changed is None and back.shape[1] != frame.shape[1]:
        changed = "it would have other columns"
    if changed is None and back.shape != sample.shape:
        # A format that has only columns forgets the rows of a frame without any.
        changed = "it would have other rows"
    if changed is not None:
        raise TypeError(
            f"{format_name} would not give this frame back as it is: {changed}. Use PickleFileIO, or convert it"
        )


def _difference_of_pandas(sample: Any, back: Any) -> str | None:
    for label, before, after in (("columns", sample.columns, back.columns), ("index", sample.index, back.index)):
        has_names = is_same(list(before.names), list(after.names))
        if type(before) is not type(after) or not before.equals(after) or not has_names:
            return f"its {label} would be {after!r:.200}"
        if getattr(before, "dtype", None) != getattr(after, "dtype", None):
            return f"its {label} would be {after!r:.200}"
    for name, before, after in zip(sample.columns, sample.dtypes, back.dtypes):
        if before != after or repr(before) != repr(after):
            return f"column {name!r} would be {after} and not {before}"
    if sample.flags.allows_duplicate_labels != back.flags.allows_duplicate_labels:
        return "its flag allows_duplicate_labels would be lost"
    return None if is_same(sample.attrs, back.attrs) else "its attrs would be lost"


def _difference_of_objects(frame: Any, round_trip: Callable[[Any], Any]) -> str | None:
    names = [position for position, dtype in enumerate(frame.dtypes) if str(dtype) == "object"]
    index = frame.index
    has_object_labels = any(str(dtype) == "object" for dtype in getattr(index, "dtypes", [index.dtype]))
    if not names and not has_object_labels:
        return None
    objects = frame.iloc[:, names]
    back = round_trip(objects)
    for position, name in enumerate(objects.columns):
        for row, (before, after) in enumerate(zip(objects.iloc[:, position], back.iloc[:, position])):
            if not _is_same_cell(before, after):
                return f"row {row} of column {name!r} would be {after!r:.100} and not {before!r:.100}"
    if has_object_labels:
        for row, (before, after) in enumerate(zip(index, back.index)):
            if not _is_same_cell(before, after):
                return f"row {row} of its index would be {after!r:.100} and not {before!r:.100}"
    return None


def _is_same_cell(before: Any, after: Any) -> bool:
    if type(before) in (type(None), float) and type(after) in (type(None), float):
        # pandas takes None and NaN in such columns for the same.
        return before == after or ((before is None or before != before) and (after is None or after != after))
    return is_same(before, after)
