"""Frames and series of pandas."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from traps.table import agree, differ

_moments = pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin")
_frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "c": ["x", "y", "z"]})


def _series(values: Any, dtype: Any = None, **arguments: Any) -> Any:
    return pd.Series(values, dtype=dtype, **arguments)


def _one(values: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series(values, dtype=dtype)})


def _with_attrs(**attrs: Any) -> pd.DataFrame:
    frame = _frame.copy()
    frame.attrs.update(attrs)
    return frame


def _in_pieces() -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1, 2, 3]})
    frame["b"] = [0.5, 1.5, 2.5]
    frame["c"] = ["x", "y", "z"]
    return frame


def _category(values: list[Any], categories: list[Any], ordered: bool = False) -> Any:
    return pd.Series(pd.Categorical(values, categories=categories, ordered=ordered))


def _arrow(values: list[Any], dtype: str) -> Any:
    return pd.Series(values, dtype=f"{dtype}[pyarrow]")


_many: list[Any] = [None, *range(2000)]

TRAPS = [
    differ("a frame is not the dict of its lists", _one([1]), {"a": [1]}),
    differ("a series is not the list", _series([1, 2]), [1, 2]),
    differ("a series is not its array", _series([1, 2]), np.array([1, 2])),
    differ("a series is not the frame of it", _series([1], name="a"), _series([1], name="a").to_frame()),
    differ("a frame counts with its cells", _one([1, 2]), _one([1, 3])),
    differ("rows have an order", _one([1, 2]), _one([2, 1])),
    differ("columns have an order", _frame[["a", "b"]], _frame[["b", "a"]]),
    differ("columns have names", _frame[["a"]], _frame[["a"]].rename(columns={"a": "z"})),
    differ("a column 1 is not a column '1'", pd.DataFrame({1: [0]}), pd.DataFrame({"1": [0]})),
    differ("a column 1 is not a column 1.0", pd.DataFrame([[0]], columns=[1]), pd.DataFrame([[0]], columns=[1.0])),
    differ("a column None is not a column without letters", pd.DataFrame({None: [0]}), pd.DataFrame({"": [0]})),
    differ(
        "columns of two names are two",
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame([[2, 1]], columns=["a", "a"]),
    ),
    differ(
        "columns of pairs are not columns of joined names", pd.DataFrame({("a", "b"): [1]}), pd.DataFrame({"a.b": [1]})
    ),
    differ("the columns' name counts", _frame.rename_axis(columns="x"), _frame),
    agree(
        "text as labels is text, of whatever dtype",
        _frame.set_axis(pd.Index(["a", "b", "c"], dtype=object), axis=1),
        _frame,
    ),
    differ("an empty frame is not None", pd.DataFrame(), None),
    differ("no rows are not no columns", pd.DataFrame({"a": []}), pd.DataFrame()),
    differ("rows without columns are counted", pd.DataFrame(index=range(2)), pd.DataFrame(index=range(3))),
    differ("no rows of int are not no rows of float", _one([], "int64"), _one([], "float64")),
    differ("the rows' labels count", _frame, _frame.set_axis([5, 6, 7])),
    differ("a row's label counts when the rows are in another order", _frame, _frame.iloc[::-1]),
    agree(
        "rows in another order with new labels are new rows",
        _frame.iloc[::-1].reset_index(drop=True),
        _frame[::-1].set_axis(range(3)),
    ),
    differ("int64 is not float64", _one([1, 2], "int64"), _one([1, 2], "float64")),
    differ("int64 is not int32", _one([1], "int64"), _one([1], "int32")),
    differ("int64 is not Int64", _one([1], "int64"), _one([1], "Int64")),
    differ("bool is not boolean", _one([True], "bool"), _one([True], "boolean")),
    differ("float64 is not Float64", _one([0.5], "float64"), _one([0.5], "Float64")),
    differ("ints as objects are not int64", _one([1], "object"), _one([1], "int64")),
    differ("objects keep their types", _one([1, True], "object"), _one([1, 1], "object")),
    differ("text of NaN is not text of NA", _one(["a"], "str"), _one(["a"], "string")),
    differ("text is not objects", _one(["a"], "str"), _one(["a"], "object")),
    agree(
        "how text is stored does not count",
        _one(["a", None], pd.StringDtype("python")),
        _one(["a", None], pd.StringDtype("pyarrow")),
    ),
    differ("missing text is not empty text", _one([None], "str"), _one([""], "str")),
    differ("missing text is not the text None", _one([None], "str"), _one(["None"], "str")),
    differ("None is not NaN among objects", _one([None], "object"), _one([np.nan], "object")),
    differ("NaT is not NA among objects", _one([pd.NaT], "object"), _one([pd.NA], "object")),
    differ("NA is not a number", _one([1, None], "Int64"), _one([1, 0], "Int64")),
    differ("which number is NA counts", _one([1, None], "Int64"), _one([None, 1], "Int64")),
    differ("which of many numbers is NA counts", _one(_many, "Int64"), _one([*_many[1:], None], "Int64")),
    differ("one of many numbers is NA", _one(_many, "Int64"), _one([0, *_many[1:]], "Int64")),
    agree(
        "what lies under NA does not count",
        _one(pd.arrays.IntegerArray(np.array([1, 2]), np.array([False, True]))),
        _one([1, None], "Int64"),
    ),
    agree(
        "what lies under one NA of many does not count",
        _one(pd.arrays.IntegerArray(np.array([7, *range(2000)]), np.arange(2001) == 0)),
        _one(_many, "Int64"),
    ),
    differ("an int beyond floats counts in Int64", _one([2**53, None], "Int64"), _one([2**53 + 1, None], "Int64")),
    differ("NaT is not the first moment", _one(pd.to_datetime([None])), _one(pd.to_datetime([0]))),
    differ("moments are not their numbers", _one([0], "datetime64[ns]"), _one([0], "int64")),
    differ("moments count with their unit", _one([0], "datetime64[ns]"), _one([0], "datetime64[us]")),
    differ("moments with a zone are not those without", _one(_moments), _one(_moments.tz_localize(None))),
    differ("one moment in two zones differs", _one(_moments), _one(_moments.tz_convert("Europe/Paris"))),
    differ("moments are not spans", _one([0], "datetime64[ns]"), _one([0], "timedelta64[ns]")),
    differ("periods are not their numbers", _one(pd.PeriodIndex(["2024-01"], freq="M")), _one([648])),
    differ(
        "periods count with their length",
        _one(pd.PeriodIndex.from_ordinals([5], freq="M")),
        _one(pd.PeriodIndex.from_ordinals([5], freq="D")),
    ),
    differ(
        "intervals count with their closed side",
        _one(pd.IntervalIndex.from_breaks([0, 1])),
        _one(pd.IntervalIndex.from_breaks([0, 1], closed="left")),
    ),
    differ(
        "intervals count with their ends",
        _one(pd.IntervalIndex.from_breaks([0, 1])),
        _one(pd.IntervalIndex.from_breaks([0, 2])),
    ),
    differ("categories are not their text", _category(["a"], ["a"]), _series(["a"])),
    differ("categories have an order", _category(["a"], ["a", "b"]), _category(["a"], ["b", "a"])),
    differ("categories that are not used count", _category(["a"], ["a", "b"]), _category(["a"], ["a"])),
    differ("ordered categories are not others", _category(["a"], ["a", "b"], True), _category(["a"], ["a", "b"])),
    differ("categories 1 are not categories '1'", _category([1], [1]), _category(["1"], ["1"])),
    differ("a missing category is not the last", _category([None, "b"], ["a", "b"]), _category(["b", "b"], ["a", "b"])),
    differ("a sparse column is not a dense one", _one([0, 1], "Sparse[int64]"), _one([0, 1], "int64")),
    differ(
        "what a sparse column leaves out counts",
        _one([0, 1], pd.SparseDtype("int64", 0)),
        _one([0, 1], pd.SparseDtype("int64", 1)),
    ),
    differ("Arrow's int64 is not NumPy's", _arrow([1], "int64"), _series([1])),
    differ("Arrow's text is not pandas'", _series(["a"], pd.ArrowDtype(pa.string())), _series(["a"], "string")),
    differ("Arrow's types count", _arrow([1], "int64"), _arrow([1], "int32")),
    agree(
        "chunks of Arrow do not count",
        pd.concat([_arrow([1], "int64"), _arrow([2], "int64")], ignore_index=True),
        _arrow([1, 2], "int64"),
    ),
    differ("a series counts with its name", _series([1], name="a"), _series([1], name="b")),
    differ("a series without a name is not one named None", _series([1]), _series([1], name="None")),
    differ("a series' name 1 is not '1'", _series([1], name=1), _series([1], name="1")),
    differ("a series counts with its labels", _series([1, 2], index=["a", "b"]), _series([1, 2], index=["b", "a"])),
    differ("attrs count", _with_attrs(unit="m"), _with_attrs(unit="s")),
    differ("attrs are not none", _with_attrs(unit="m"), _frame),
    differ("a frame that refuses labels twice is not another", _frame.set_flags(allows_duplicate_labels=False), _frame),
    differ(
        "a series that refuses labels twice is not another",
        _series([1]).set_flags(allows_duplicate_labels=False),
        _series([1]),
    ),
    agree("a copy is the frame", _frame.copy(), _frame),
    agree("a frame that was built in pieces is the frame", _in_pieces(), _frame),
    agree("a slice is its copy", _frame[1:], _frame[1:].copy()),
    agree("every other row is a copy of them", _frame[::2], _frame[::2].copy()),
    agree(
        "a column of a matrix is the column",
        pd.DataFrame(np.arange(6.0).reshape(3, 2), copy=False)[[1]].set_axis(["a"], axis=1),
        _one([1.0, 3.0, 5.0]),
    ),
    agree(
        "a matrix in columns is that in rows",
        pd.DataFrame(np.asfortranarray(np.ones((3, 2))), copy=False),
        pd.DataFrame(np.ones((3, 2)), copy=False),
    ),
    agree("big-endian columns are the columns", _one(np.array([1, 2], ">i8")), _one(np.array([1, 2], "<i8"))),
    agree("a frame that passed a pickle is the frame", pickle.loads(pickle.dumps(_frame)), _frame),
    differ("an extension array is not the series of it", pd.array([1], "Int64"), _series([1], "Int64")),
    differ("a categorical counts with its categories", pd.Categorical(["a"], ["a", "b"]), pd.Categorical(["a"], ["a"])),
    differ("a dtype is not its name", pd.Int64Dtype(), "Int64"),
    differ("dtypes of categories differ", pd.CategoricalDtype(["a"]), pd.CategoricalDtype(["b"])),
]
