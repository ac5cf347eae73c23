"""Frames as columns of plain cells: what CSV can hold of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from persistable.io._frames import FrameLibrary, library_of
from persistable.io._require import import_if_there, require


@dataclass
class FrameOfCells:
    """A frame whose columns, by name, are of kind "int", "float", "bool" or "str"."""

    library: FrameLibrary
    columns: dict[str, str]
    height: int
    values: Callable[[str, int, int], list[Any]]
    """Returns the values of a column from one row to another, missing ones as `None`."""


def open_frame(payload: Any) -> FrameOfCells:
    """Looks at a frame, or refuses one with other columns."""
    library = library_of(payload, "CsvFileIO")
    if payload.shape[1] == 0:
        raise TypeError("CSV would not give back a frame without columns: use PickleFileIO")
    if library == "pandas":
        frame = _open_pandas(payload)
    elif library == "polars":
        frame = _open_polars(payload)
    else:
        frame = _open_arrow(payload)
    return frame


def library_for_cells() -> FrameLibrary:
    """Returns the first library that is installed. Unlike with Parquet, pandas needs nothing else."""
    for library in ("pandas", "polars"):
        if import_if_there(library) is not None:
            return library
    require("pyarrow", "arrow", "CsvFileIO")
    return "pyarrow"


def frame_of_cells(columns: dict[str, tuple[str, list[Any]]], library: FrameLibrary) -> Any:
    """Makes a frame of typed columns."""
    module = require(library, "arrow", "CsvFileIO")
    if library == "pandas":
        return module.DataFrame(
            {name: _pandas_series(module, kind, values) for name, (kind, values) in columns.items()}
        )
    if library == "polars":
        types = {"int": module.Int64, "float": module.Float64, "bool": module.Boolean, "str": module.String}
        schema = {name: types[kind] for name, (kind, _) in columns.items()}
        return module.DataFrame({name: values for name, (_, values) in columns.items()}, schema=schema)
    types = {"int": module.int64(), "float": module.float64(), "bool": module.bool_(), "str": module.string()}
    return module.table({name: module.array(values, types[kind]) for name, (kind, values) in columns.items()})


def _pandas_series(pandas: Any, kind: str, values: list[Any]) -> Any:
    if kind == "str":
        return pandas.Series(values, dtype=_pandas_text(pandas))
    if kind == "float":
        return pandas.Series(values, dtype="float64")
    has_missing = any(value is None for value in values)
    whole, nullable = ("int64", "Int64") if kind == "int" else ("bool", "boolean")
    return pandas.Series(values, dtype=nullable if has_missing else whole)


def _pandas_text(pandas: Any) -> Any:
    return pandas.Series(["text"]).dtype


def _refuse(name: object, kind: object) -> TypeError:
    return TypeError(f"CSV would not give column {name!r} back as {kind}: use ParquetFileIO, or convert it")


def _open_pandas(frame: Any) -> FrameOfCells:
    pandas = require("pandas", "arrow", "CsvFileIO")
    if not frame.index.equals(pandas.RangeIndex(len(frame))) or not isinstance(frame.index, pandas.RangeIndex):
        raise TypeError("CSV keeps no index: call reset_index(), or use ParquetFileIO")
    if frame.index.name is not None or frame.columns.name is not None or frame.attrs:
        raise TypeError("CSV keeps no name of the index or of the columns, and no attrs: use ParquetFileIO")
    if not frame.flags.allows_duplicate_labels:
        raise TypeError("CSV does not keep the flag allows_duplicate_labels: use PickleFileIO")
    names = list(frame.columns)
    if not all(type(name) is str for name in names) or len(set(names)) != len(names):
        raise TypeError("in CSV, the names of columns are texts, and each is used once: use ParquetFileIO")
    if type(frame.columns) is not pandas.Index or frame.columns.dtype != _pandas_text(pandas):
        raise TypeError(f"CSV would not give back columns of {frame.columns.dtype}: use ParquetFileIO")
    kinds = {"int64": "int", "float64": "float", "bool": "bool"}
    columns = {}
    for name, dtype in zip(names, frame.dtypes):
        kind = kinds.get(str(dtype)) if not hasattr(dtype, "storage") else None
        if dtype == _pandas_text(pandas) and repr(dtype) == repr(_pandas_text(pandas)):
            kind = "str"
            if str(dtype) == "object" and not all(_is_text_or_missing(value) for value in frame[name]):
                raise _refuse(name, "objects")
        if kind is None:
            raise _refuse(name, dtype)
        columns[name] = kind

    def values(name: str, start: int, end: int) -> list[Any]:
        cells: list[Any] = frame[name].iloc[start:end].tolist()
        return [cell if type(cell) is str else None for cell in cells] if columns[name] == "str" else cells

    return FrameOfCells("pandas", columns, len(frame), values)


def _is_text_or_missing(value: Any) -> bool:
    return type(value) is str or value is None or (type(value) is float and value != value)


def _open_polars(frame: Any) -> FrameOfCells:
    polars = require("polars", "arrow", "CsvFileIO")
    kinds: dict[Any, str] = {polars.Int64: "int", polars.Float64: "float", polars.Boolean: "bool", polars.String: "str"}
    columns = {}
    for name, dtype in frame.schema.items():
        if dtype not in kinds:
            raise _refuse(name, dtype)
        columns[name] = kinds[dtype]
    return FrameOfCells(
        "polars", columns, frame.height, lambda name, start, end: frame.get_column(name)[start:end].to_list()
    )


def _open_arrow(table: Any) -> FrameOfCells:
    if table.schema.metadata or any(field.metadata or not field.nullable for field in table.schema):
        raise TypeError("CSV keeps no metadata of schemas: use ParquetFileIO")
    if len(set(table.column_names)) != table.num_columns:
        raise TypeError("in CSV, each name of a column is used once: use PickleFileIO")
    kinds = {"int64": "int", "double": "float", "bool": "bool", "string": "str"}
    columns = {}
    for field in table.schema:
        if str(field.type) not in kinds:
            raise _refuse(field.name, field.type)
        columns[field.name] = kinds[str(field.type)]
    return FrameOfCells(
        "pyarrow", columns, table.num_rows, lambda name, start, end: table.column(name)[start:end].to_pylist()
    )
