"""Indexes of pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from traps.table import agree, differ

_pairs = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])
_hours = pd.date_range("2024-01-01", periods=3, freq="h")
_utc = _hours.tz_localize("UTC")
_spans = pd.timedelta_range(0, periods=3, freq="s")


def _regular(freq: Any, periods: int = 1) -> pd.DatetimeIndex:
    return pd.date_range("2024-01-01", periods=periods, freq=freq)


TRAPS = [
    differ("an index is not the list", pd.Index([1, 2]), [1, 2]),
    differ("an index is not the series", pd.Index([1, 2]), pd.Series([1, 2])),
    differ("an index is not its array", pd.Index([1, 2]), np.array([1, 2])),
    differ("a range as an index is not a range", pd.RangeIndex(3), range(3)),
    agree("a range as an index is the index of its numbers", pd.RangeIndex(3), pd.Index([0, 1, 2])),
    agree("two ranges of equal numbers are one index", pd.RangeIndex(0, 4, 2), pd.RangeIndex(0, 3, 2)),
    differ("an index of ints is not one of floats", pd.Index([1, 2]), pd.Index([1.0, 2.0])),
    differ("an index of ints is not one of objects", pd.Index([1, 2]), pd.Index([1, 2], dtype=object)),
    differ("an index counts with its name", pd.Index([1], name="a"), pd.Index([1])),
    differ("an index's name 1 is not '1'", pd.Index([1], name=1), pd.Index([1], name="1")),
    agree("text as labels is text, of whatever dtype", pd.Index(["a"], dtype=object), pd.Index(["a"], dtype="str")),
    differ("a missing label is not text", pd.Index(["a", None]), pd.Index(["a", "None"])),
    differ("moments are not their text", pd.DatetimeIndex(["2024-01-01"]), pd.Index(["2024-01-01"])),
    differ("moments with a zone are not those without", _hours.tz_localize("UTC"), _hours),
    differ(
        "one moment in two zones differs",
        _hours.tz_localize("UTC"),
        _hours.tz_localize("UTC").tz_convert("Europe/Berlin"),
    ),
    agree(
        "UTC is UTC, whoever says so", _utc, pd.DatetimeIndex(_utc.tz_convert("Etc/UTC").tz_convert("UTC"), freq="h")
    ),
    differ("that moments are regular counts, since shift() needs it", _hours, pd.DatetimeIndex(list(_hours))),
    agree("moments that are found to be regular are", _hours, pd.DatetimeIndex(list(_hours), freq="h")),
    differ("one moment may be regular in two ways", _regular("D"), _regular("h")),
    differ("two days are not one", _regular("2D"), _regular("D")),
    differ("from which weekday weeks are counted counts", _regular("W-MON", 0), _regular("W-TUE", 0)),
    differ(
        "holidays of regular days count",
        _regular(pd.offsets.CustomBusinessDay()),
        _regular(pd.offsets.CustomBusinessDay(holidays=["2024-05-01"])),
    ),
    differ(
        "holidays in a calendar count",
        _regular(pd.offsets.CustomBusinessDay(calendar=np.busdaycalendar())),
        _regular(pd.offsets.CustomBusinessDay(calendar=np.busdaycalendar(weekmask="1110000"))),
    ),
    differ("that spans are regular counts", _spans, pd.TimedeltaIndex(list(_spans))),
    differ(
        "that a frame's rows are regular counts",
        pd.DataFrame({"a": [1, 2, 3]}, index=_hours),
        pd.DataFrame({"a": [1, 2, 3]}, index=pd.DatetimeIndex(list(_hours))),
    ),
    differ("spans are not moments", pd.TimedeltaIndex([0]), pd.DatetimeIndex([0])),
    differ(
        "periods are not moments",
        pd.period_range("2024-01", periods=2, freq="M"),
        pd.date_range("2024-01", periods=2, freq="MS"),
    ),
    differ("intervals are not their ends", pd.interval_range(0, 2), pd.Index([0, 1, 2])),
    differ("categories are not their values", pd.CategoricalIndex(["a"]), pd.Index(["a"])),
    differ("categories have an order", pd.CategoricalIndex(["a"], ["a", "b"]), pd.CategoricalIndex(["a"], ["b", "a"])),
    differ("levels are not tuples", _pairs, pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)),
    differ("levels have names", _pairs, _pairs.set_names(["x", "z"])),
    differ("levels have an order", _pairs, _pairs.swaplevel()),
    agree(
        "labels that no row has do not count",
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("c", 3)], names=["x", "y"])[:2],
        _pairs,
    ),
    differ("levels of one are not flat", pd.MultiIndex.from_arrays([["a"]]), pd.Index(["a"])),
]
