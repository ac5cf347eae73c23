"""Frames, series and dtypes of Polars. How a series is chunked does not count."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.columns import Column, frame_values, nullable
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    import polars as pl

    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]

# The typecodes of Python's own arrays, for where NumPy is not installed.
_TYPECODES = {"int8": "b", "int16": "h", "int32": "i", "int64": "q", "float32": "f", "float64": "d", "bool": "b"}
_TYPECODES.update({f"u{name}": code.upper() for name, code in _TYPECODES.items() if name.startswith("int")})


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a type of Polars."""
    pl: Any = sys.modules["polars"]
    if cls is pl.DataFrame:
        return _frame
    if cls is pl.Series:
        return _series
    if cls is pl.Schema:
        return lambda schema: Value.record("polars.Schema", [("fields", list(schema.items()))])
    if issubclass(cls, pl.DataType):
        return _dtype
    if cls in (pl.LazyFrame, pl.Expr):
        return _refuse_lazy
    return None


def _frame(frame: pl.DataFrame) -> Value:
    columns = [_column(series) for series in frame.get_columns()]
    return Value.record(
        "polars.DataFrame", [("height", frame.height), ("values", frame_values(frame.columns, columns))]
    )


def _series(series: pl.Series) -> Value:
    return Value.record("polars.Series", [("name", series.name), ("values", _column(series).to_value())])


def _dtype(dtype: pl.DataType) -> Value:
    return Value.record("polars.DataType", [("values", _column(_empty(dtype)).to_value())])


def _refuse_lazy(value: object) -> Value:
    name = type(value).__name__
    raise Refusal(name, "is a query that has not been run", "run it with .collect(), or pass what it is made from")


def _empty(dtype: Any) -> Any:
    pl: Any = sys.modules["polars"]
    return pl.Series([], dtype=dtype)


def _column(series: pl.Series) -> Column:
    pl: Any = sys.modules["polars"]
    dtype: Any = series.dtype
    if dtype in (pl.String, pl.Binary, pl.Null, pl.Object):
        return Column(str(dtype), cells=series.to_list())
    if dtype == pl.Decimal:
        return Column(f"Decimal[{dtype.precision}, {dtype.scale}]", cells=series.to_list())
    if dtype.is_temporal():
        return _number_column(_temporal_name(dtype), series.to_physical())
    if dtype.is_numeric() or dtype == pl.Boolean:
        return _number_column(str(dtype), series)
    if dtype == pl.Enum:
        codes = _number_column("codes", series.to_physical().cast(pl.UInt32))
        return Column("Enum", parts=[("categories", dtype.categories.to_list()), ("codes", codes.to_value())])
    if isinstance(dtype, pl.Categorical):
        return _categorical_column(series)
    if dtype == pl.List:
        return _list_column(series)
    if dtype == pl.Array:
        items = series.drop_nulls().explode()
        parts = [("width", dtype.size), ("items", _column(items).to_value())]
        return Column("Array", missing=_missing(series), parts=parts)
    if dtype == pl.Struct:
        fields = [(name, _column(series.struct.field(name)).to_value()) for name in series.struct.fields]
        return Column("Struct", missing=_missing(series), parts=[("fields", fields)])
    raise Refusal("Series", f"has dtype {dtype}, which is not known", "cast it to another dtype")


def _temporal_name(dtype: Any) -> str:
    parts = [part for part in (getattr(dtype, "time_unit", None), getattr(dtype, "time_zone", None)) if part]
    name = type(dtype).__name__
    return f"{name}[{', '.join(parts)}]" if parts else name


def _number_column(name: str, numbers: pl.Series) -> Column:
    dtype = "bool" if str(numbers.dtype) == "Boolean" else str(numbers.dtype).lower()
    if numbers.null_count() == 0:
        return Column(name, values=_values(dtype, numbers))
    zero = False if dtype == "bool" else 0
    return nullable(
        name,
        len(numbers),
        numbers.to_list,
        lambda: (_values(dtype, numbers.fill_null(zero)), _missing(numbers)),
    )


def _missing(series: pl.Series) -> Value:
    return _values("bool", series.is_null())


def _values(dtype: str, numbers: pl.Series) -> Value:
    if dtype in ("int128", "uint128"):
        is_signed = dtype == "int128"
        elements = b"".join(number.to_bytes(16, "little", signed=is_signed) for number in numbers.to_list())
        return Value.array(dtype, [len(numbers)], elements)
    try:
        array = numbers.to_numpy()
    except ModuleNotFoundError:
        return _values_without_numpy(dtype, numbers)
    from persistable._encoders.numpy import array_value

    return array_value(array)


def _values_without_numpy(dtype: str, numbers: pl.Series) -> Value:
    import struct
    from array import array

    if dtype == "float16":
        return Value.array(dtype, [len(numbers)], struct.pack(f"<{len(numbers)}e", *numbers.to_list()))
    return Value.array(dtype, [len(numbers)], array(_TYPECODES[dtype], numbers.to_list()).tobytes())


def _categorical_column(series: pl.Series) -> Column:
    """Takes the text: which code a text has depends on what else the process saw."""
    pl: Any = sys.modules["polars"]
    cells = series.cast(pl.String).to_list()
    categories = getattr(series.dtype, "categories", None)  # Since Polars 1.32.
    if categories is None or not hasattr(categories, "is_global") or categories.is_global():
        return Column("Categorical", cells=cells)
    parts = [("name", categories.name()), ("namespace", categories.namespace())]
    return Column("Categorical", cells=cells, parts=parts)


def _list_column(series: Any) -> Column:
    pl: Any = sys.modules["polars"]
    lengths = series.list.len().cast(pl.Int64)
    filled = series.filter(lengths > 0)  # An empty list would become a missing item.
    items = filled.explode() if len(filled) else _empty(series.dtype.inner)
    return Column("List", parts=[("lengths", _column(lengths).to_value()), ("items", _column(items).to_value())])
