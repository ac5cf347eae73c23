"""A frame whose cells hold arrays, lists and dicts comes back as it was, or is refused with what would change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from persistable.exceptions import SavingError
from persistable.io import ArrowFileIO, CsvFileIO, FileIO, ParquetFileIO
from persistable.io._same import is_same

FORMATS: list[FileIO[Any]] = [ArrowFileIO(), ParquetFileIO()]
NAMES = ["arrow", "parquet"]


def objects(*cells: Any) -> pd.DataFrame:
    column = np.empty(len(cells), object)
    for row, cell in enumerate(cells):
        column[row] = cell
    return pd.DataFrame({"a": pd.Series(column, dtype=object)})


KEPT = {
    "arrays": objects(np.arange(3.0), np.zeros(0), np.array([np.nan, 1.0])),
    "arrays and none": objects(np.arange(3), None),
    "arrays of text": objects(np.array(["a", None], object), np.array(["b"], object)),
    "arrays of moments": objects(np.array(["2020"], "M8[ns]")),
    "arrays of arrays": objects(np.array([np.arange(2), np.arange(3)], object)),
    "dicts": objects({"x": 1, "y": None}, {"x": 2, "y": "a"}),
    "dicts of arrays": objects({"x": np.arange(2)}, {"x": np.arange(3)}),
    "dates": objects(dt.date(2020, 1, 1), None),
    "decimals": objects(Decimal("1.5"), Decimal("2.5")),
    "None and NaN, which pandas takes for the same": objects(b"a", None, float("nan")),
    "labels that are dates": pd.DataFrame({"a": [1, 2]}, index=[dt.date(2020, 1, 1), dt.date(2020, 1, 2)]),
}
CHANGED = {
    "lists": objects([1, 2]),
    "lists of arrays": objects([np.arange(2), np.arange(3)]),
    "arrays of another type after a while": objects(np.arange(2.0), np.arange(2.0, dtype="f4")),
    "a tuple": objects((1, 2)),
    "a set": objects({1}),
    "dicts with other keys": objects({"x": 1}, {"y": 2}),
    "dicts with NaN, which would be None": objects({"x": float("nan")}, {"x": 1.0}),
    "dicts of lists": objects({"x": [1]}),
    "a matrix": objects(np.zeros((2, 2))),
    "NaT": objects(pd.NaT, "a"),
    "NA": objects(pd.NA, "a"),
    "a frame": objects(pd.DataFrame({"a": [1]})),
    "a series": objects(pd.Series([1, 2])),
    "an array of Arrow": objects(pa.array([1, 2])),
    "without duplicate labels": pd.DataFrame({"a": [1]}).set_flags(allows_duplicate_labels=False),
}


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
@pytest.mark.parametrize("frame", KEPT.values(), ids=KEPT)
def test_cells_that_the_format_keeps_come_back(file_io: FileIO[Any], frame: pd.DataFrame, tmp_path: Path) -> None:
    file_io.save(frame, tmp_path / "x")
    back = file_io.load(tmp_path / "x")
    pd.testing.assert_index_equal(back.index, frame.index, exact=True)
    for before, after in zip(frame["a"], back["a"]):
        is_missing = before is None or type(before) is float
        assert (after is None or after != after) if is_missing else is_same(before, after)


@pytest.mark.parametrize("file_io", [*FORMATS, CsvFileIO()], ids=[*NAMES, "csv"])
@pytest.mark.parametrize("frame", CHANGED.values(), ids=CHANGED)
def test_cells_that_would_change_are_refused(file_io: FileIO[Any], frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(SavingError) as caught:
        file_io.save(frame, tmp_path / "x")
    assert "ambiguous" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
def test_the_refusal_says_which_cell_would_change(file_io: FileIO[Any], tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=r"row 1 of column 'a' would be array.* and not \[3\]"):
        file_io.save(objects(np.arange(2), [3]), tmp_path / "x")
    with pytest.raises(SavingError, match="allows_duplicate_labels"):
        file_io.save(CHANGED["without duplicate labels"], tmp_path / "x")


ROWS_ALONE = {"polars": pl.DataFrame(height=5), "arrow": pa.table({"a": [1, 2]}).select([])}


@pytest.mark.parametrize("file_io", [*FORMATS, CsvFileIO()], ids=[*NAMES, "csv"])
@pytest.mark.parametrize("frame", ROWS_ALONE.values(), ids=ROWS_ALONE)
def test_rows_without_columns_come_back_or_are_refused(file_io: FileIO[Any], frame: Any, tmp_path: Path) -> None:
    try:
        file_io.save(frame, tmp_path / "x")
    except SavingError:
        assert not list(tmp_path.iterdir())
    else:
        assert file_io.load(tmp_path / "x").shape == frame.shape


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
def test_nested_columns_of_polars_come_back(file_io: FileIO[Any], tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [{"x": [1, None], "y": {"z": [float("nan")]}}, None, {"x": [], "y": None}]})
    file_io.save(frame, tmp_path / "x")
    back = file_io.load(tmp_path / "x")
    assert back.equals(frame) and back.schema == frame.schema


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (float("nan"), float("nan")),
        (np.array([np.nan, 1]), np.array([np.nan, 1])),
        (np.array([None, {"a": np.arange(2)}], object), np.array([None, {"a": np.arange(2)}], object)),
        (np.array(["NaT"], "M8[s]"), np.array(["NaT"], "M8[s]")),
        ([pd.NaT, pd.NA, None], [pd.NaT, pd.NA, None]),
        ({"a": [np.arange(2)]}, {"a": [np.arange(2)]}),
        (pd.Series([1, 2]), pd.Series([1, 2])),
        (Decimal("NaN"), Decimal("NaN")),
    ],
)
def test_values_are_the_same_by_type_and_value(value: Any, same: Any) -> None:
    assert is_same(value, same)


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1, 1.0),
        (1, True),
        (None, float("nan")),
        ([1], (1,)),
        ([1], [1, 2]),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {}),
        (np.arange(2), np.arange(2.0)),
        (np.zeros((1, 2)), np.zeros((2, 1))),
        (np.array([None], object), np.array([np.nan], object)),
        (pd.Series([1, 2]), pd.Series([1, 3])),
        (pd.NaT, pd.NA),
    ],
)
def test_values_that_differ_are_not_the_same(value: Any, other: Any) -> None:
    assert not is_same(value, other)
