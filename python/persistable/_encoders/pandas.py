"""Frames, series, indexes and scalars of pandas.

Content and types count. Which blocks hold a frame, how text is stored and whether an index is a range do not: pandas
takes such frames for equal, and they behave alike.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders import arrow, times
from persistable._encoders.columns import Column, frame_values, nullable
from persistable._encoders.numpy import array_value, is_plain
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]

# Kinds of index that differ by the type of their values alone.
_FLAT_INDEXES = [f"{kind}Index" for kind in ("", "Range", "Datetime", "Timedelta", "Period", "Interval", "Categorical")]
_FLAT_INDEXES += ["Int64Index", "UInt64Index", "Float64Index"]  # Of pandas 1.


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a type of pandas."""
    pd: Any = sys.modules["pandas"]
    ready = {
        pd.DataFrame: _frame,
        pd.Series: _series,
        pd.MultiIndex: _index,
        pd.Timestamp: _timestamp,
        pd.Timedelta: _timedelta,
        pd.Period: _period,
        pd.Interval: _interval,
        type(pd.NA): lambda value: Value.record("pandas.NA", []),
        type(pd.NaT): lambda value: Value.record("pandas.NaT", []),
    }
    ready.update({getattr(pd, name): _index for name in _FLAT_INDEXES if hasattr(pd, name)})
    found = ready.get(cls)
    if found is None and issubclass(cls, pd.tseries.offsets.BaseOffset) and _is_of_pandas(pd, cls):
        return _frequency
    if found is None and issubclass(cls, pd.api.extensions.ExtensionArray):
        return lambda value: Value.record("pandas.array", [("values", _column(value).to_value())])
    if found is None and issubclass(cls, pd.api.extensions.ExtensionDtype):
        return lambda value: Value.record("pandas.dtype", [("values", _column(pd.array([], dtype=value)).to_value())])
    return found


def _frame(frame: Any) -> Value:
    # By position, since names may repeat.
    columns = [_column(frame.iloc[:, at].array) for at in range(frame.shape[1])]
    names = [label if isinstance(label, str) else "" for label in frame.columns]
    parts: list[tuple[str, object]] = [
        ("index", frame.index),
        ("columns", frame.columns),  # With the types of the labels, and their name.
        ("values", frame_values(names, columns)),
    ]
    return Value.record("pandas.DataFrame", [*parts, *_attrs_and_flags(frame)])


def _series(series: Any) -> Value:
    parts = [("name", series.name), ("index", series.index), ("values", _column(series.array).to_value())]
    return Value.record("pandas.Series", [*parts, *_attrs_and_flags(series)])


def _attrs_and_flags(of: Any) -> list[tuple[str, object]]:
    parts: list[tuple[str, object]] = [("attrs", of.attrs)] if of.attrs else []
    return parts if of.flags.allows_duplicate_labels else [*parts, ("allows_duplicate_labels", False)]


def _index(index: Any) -> Value:
    pd: Any = sys.modules["pandas"]
    if type(index) is pd.MultiIndex:
        levels = [_labels(index.get_level_values(at)).to_value() for at in range(index.nlevels)]
        return Value.record("pandas.MultiIndex", [("names", list(index.names)), ("levels", levels)])
    parts = [("name", index.name), ("values", _labels(index).to_value())]
    if isinstance(index, (pd.DatetimeIndex, pd.TimedeltaIndex)) and index.freq is not None:
        parts.append(("freq", _frequency(index.freq)))
    return Value.record("pandas.Index", parts)


def _frequency(freq: Any) -> Value:
    """Tells a frequency by its parts: the texts for it have changed between versions of pandas."""
    parts = dict(freq.kwds)
    calendar = parts.pop("calendar", None)
    if calendar is not None:
        parts["calendar"] = [calendar.weekmask, calendar.holidays]
    fields = [("n", freq.n), ("normalize", freq.normalize), ("parts", parts)]
    return Value.record(f"pandas.{type(freq).__name__}", fields)


def _is_of_pandas(pd: Any, cls: type) -> bool:
    """Tells whether an offset is of pandas itself: one of a user's own may hold anything."""
    return getattr(pd.tseries.offsets, cls.__name__, None) is cls


def _labels(index: Any) -> Column:
    """Takes text for text, whether its dtype is `object` or one of text: that is a matter of the version of pandas."""
    if index.dtype == object or index.dtype.name in ("str", "string"):
        cells = index.tolist()
        if all(type(cell) is str for cell in cells):
            return Column("str", cells=cells)
    return _column(index.array)


def _column(array: Any) -> Column:
    pd: Any = sys.modules["pandas"]
    dtype = array.dtype
    name: str = dtype.name
    if not isinstance(dtype, pd.api.extensions.ExtensionDtype) or type(array).__name__ in _NUMPY_BACKED:
        return _numpy_column(array.to_numpy())
    if isinstance(dtype, pd.StringDtype):
        # The two kinds of text differ in what is missing, NaN or NA, and so in how they compare.
        kind = "string" if dtype.na_value is pd.NA else "str"
        return Column(kind, cells=array.to_numpy(dtype=object, na_value=None).tolist())
    if isinstance(dtype, pd.CategoricalDtype):
        parts: list[tuple[str, object]] = [("categories", array.categories), ("ordered", array.ordered)]
        return Column("category", values=array_value(array.codes.astype("int32")), parts=parts)
    if isinstance(dtype, pd.DatetimeTZDtype):
        zone = [("zone", times.zone_value(dtype.tz))]
        return Column(f"datetime64[{dtype.unit}]", values=array_value(array.asi8), parts=zone)
    if isinstance(dtype, pd.PeriodDtype):
        return Column(name, values=array_value(array.asi8))
    if isinstance(dtype, pd.IntervalDtype):
        bounds = [("left", _column(array.left.array).to_value()), ("right", _column(array.right.array).to_value())]
        return Column("interval", parts=[("closed", array.closed), *bounds])
    if isinstance(dtype, pd.SparseDtype):
        dense = _numpy_column(array.to_dense())
        return Column("sparse", parts=[("fill_value", dtype.fill_value), ("values", dense.to_value())])
    if isinstance(dtype, getattr(pd, "ArrowDtype", ())):
        column = arrow.column_of(array.__arrow_array__())
        return Column("arrow", parts=[("values", column.to_value())])
    if name in _MASKED:
        return _masked_column(array)
    raise Refusal(type(array).__name__, f"has dtype {dtype}, which is not known", _ADVICE)


_NUMPY_BACKED = ("NumpyExtensionArray", "PandasArray")  # The second before pandas 2.1.
_ADVICE = "convert it to a dtype of pandas or NumPy"
_MASKED = {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)} | {"Float32", "Float64", "boolean"}


def _numpy_column(array: Any) -> Column:
    dtype = array.dtype
    if is_plain(dtype):
        return Column(dtype.name, values=array_value(array))
    if dtype.kind in "mM":  # What is missing is a value of these types, NaT.
        return Column(dtype.name, values=array_value(array.view("int64")))
    if dtype.kind == "O":
        return Column("object", cells=array.tolist())
    raise Refusal("ndarray", f"has dtype {dtype}, which no column of pandas has", _ADVICE)


def _masked_column(array: Any) -> Column:
    plain: str = array.dtype.name.replace("boolean", "bool").lower()
    missing = array.isna()
    if not missing.any():
        return Column(array.dtype.name, values=array_value(array.to_numpy(dtype=plain)))
    return nullable(
        array.dtype.name,
        len(array),
        lambda: array.to_numpy(dtype=object, na_value=None).tolist(),
        lambda: (array_value(array.to_numpy(dtype=plain, na_value=0)), array_value(missing)),
    )


def _timestamp(value: Any) -> Value:
    """Encodes the datetime that it equals, with the nanoseconds that only pandas knows."""
    offset = value.utcoffset()
    if offset is not None:
        seconds, nanoseconds = divmod(_nanoseconds(value), 10**9)
        return times.zoned(seconds, nanoseconds, offset, value.tzinfo)
    # Not by way of a datetime, whose years end with 9999.
    moment = Value.datetime(value.year, value.month, value.day, _nanoseconds(value) % (86_400 * 10**9))
    return times.folded("datetime.datetime", moment) if value.fold else moment


def _timedelta(value: Any) -> Value:
    return Value.duration(_nanoseconds(value))


def _nanoseconds(value: Any) -> int:
    """Returns a Timestamp's nanoseconds since 1970 in UTC, or those of a Timedelta, whatever their unit."""
    return int(value.asm8.view("int64")) * {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[getattr(value, "unit", "ns")]


def _period(value: Any) -> Value:
    return Value.record("pandas.Period", [("ordinal", value.ordinal), ("frequency", value.freqstr)])


def _interval(value: Any) -> Value:
    parts = [("left", value.left), ("right", value.right), ("closed", value.closed)]
    return Value.record("pandas.Interval", parts)
