"""Dates, times, spans and zones."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from traps.table import agree, differ

_berlin, _paris, _utc = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Paris"), timezone.utc
_one_hour = timezone(timedelta(hours=1))


class _Fixed(tzinfo):
    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=1)


_noon = datetime(2024, 1, 1, 12)
_twice = datetime(2024, 10, 27, 2, 30, tzinfo=_berlin)


def _far(seconds: int) -> pd.Timestamp:
    """Returns a moment of the year 99999."""
    moment: pd.Timestamp = pd.Series(np.array(["99999-01-01"], "M8[s]") + np.timedelta64(seconds, "s"))[0]
    return moment


TRAPS = [
    differ("a date is not its midnight", date(2024, 1, 1), datetime(2024, 1, 1)),
    differ("a date is not its text", date(2024, 1, 1), "2024-01-01"),
    differ("a datetime is not its text", _noon, _noon.isoformat()),
    differ("a datetime is not its timestamp", _noon.replace(tzinfo=_utc), _noon.replace(tzinfo=_utc).timestamp()),
    differ("a datetime without a zone is not one in UTC", _noon, _noon.replace(tzinfo=_utc)),
    differ(
        "one moment in two zones differs", _noon.replace(tzinfo=_utc), _noon.replace(tzinfo=_utc).astimezone(_berlin)
    ),
    differ("two zones with one offset differ", _noon.replace(tzinfo=_berlin), _noon.replace(tzinfo=_paris)),
    differ("a zone is not its offset", _noon.replace(tzinfo=_berlin), _noon.replace(tzinfo=_one_hour)),
    agree("UTC is UTC, whoever says so", _noon.replace(tzinfo=_utc), _noon.replace(tzinfo=ZoneInfo("UTC"))),
    agree(
        "an offset has no name",
        _noon.replace(tzinfo=_one_hour),
        _noon.replace(tzinfo=timezone(timedelta(hours=1), "CET")),
    ),
    differ("the hour that comes twice is two hours", _twice, _twice.replace(fold=1)),
    agree(
        "elsewhere fold says nothing of a moment", _noon.replace(tzinfo=_berlin), _noon.replace(tzinfo=_berlin, fold=1)
    ),
    differ("without a zone fold counts", _noon, _noon.replace(fold=1)),
    differ("a time's fold counts", time(2, 30), time(2, 30, fold=1)),
    differ("a microsecond counts", _noon, _noon.replace(microsecond=1)),
    differ(
        "a moment before 1970 is not its mirror",
        datetime(1969, 12, 31, 23, 59, 59, 1, _utc),
        datetime(1970, 1, 1, 0, 0, 0, 1, _utc),
    ),
    differ(
        "the first moment of the calendar has a zone",
        datetime.min.replace(tzinfo=_one_hour),
        datetime.min.replace(tzinfo=_utc),
    ),
    differ(
        "the last moment of the calendar has a zone",
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
        datetime.max.replace(tzinfo=_utc),
    ),
    differ("a time with a zone is not one without", time(12), time(12, tzinfo=_utc)),
    differ("a time is not a span since midnight", time(1), timedelta(hours=1)),
    differ("a span is not its seconds", timedelta(seconds=1), 1),
    differ("a span is not its seconds as a float", timedelta(seconds=1), 1.0),
    differ("a span is not its negative", timedelta(microseconds=1), timedelta(microseconds=-1)),
    differ("the longest span is not one microsecond less", timedelta.max, timedelta.max - timedelta(microseconds=1)),
    agree("a span may be written in any units", timedelta(days=1, seconds=-3600), timedelta(hours=23)),
    differ("zones are their names", _berlin, _paris),
    differ("a zone is not the text of its name", _berlin, "Europe/Berlin"),
    differ("a zone by name is not an offset", ZoneInfo("UTC"), timezone.utc),
    differ("two offsets differ", _one_hour, timezone(timedelta(hours=2))),
    agree("an offset of zero is UTC", timezone(timedelta(0)), timezone.utc),
    agree("a zone of any class with one offset is that offset", _Fixed(), _one_hour),
    agree(
        "a moment in a zone of any class with one offset has that offset",
        _noon.replace(tzinfo=_Fixed()),
        _noon.replace(tzinfo=_one_hour),
    ),
    agree("a zone of one's own copy is the zone", ZoneInfo.no_cache("Europe/Berlin"), _berlin),
    agree("a Timestamp is the datetime that it equals", pd.Timestamp(_noon), _noon),
    agree("a Timestamp with a zone is the datetime that it equals", pd.Timestamp(_twice), _twice),
    differ("a Timestamp's nanosecond counts", pd.Timestamp("2024-01-01 00:00:00.000000001"), datetime(2024, 1, 1)),
    agree(
        "a Timestamp before 1970 is the datetime that it equals", pd.Timestamp(1969, 7, 20, 1), datetime(1969, 7, 20, 1)
    ),
    differ(
        "the first Timestamp is not the first of its day", pd.Timestamp.min, pd.Timestamp("1677-09-21").as_unit("s")
    ),
    differ("a Timestamp beyond the years of datetimes counts", _far(0), _far(1)),
    agree(
        "a Timestamp may be counted in any unit", pd.Timestamp(_noon).as_unit("s"), pd.Timestamp(_noon).as_unit("ns")
    ),
    differ(
        "the hour that comes twice is two hours for a Timestamp",
        pd.Timestamp(_twice),
        pd.Timestamp(_twice.replace(fold=1)),
    ),
    agree("a Timedelta is the span that it equals", pd.Timedelta(hours=1), timedelta(hours=1)),
    differ("a Timedelta's nanosecond counts", pd.Timedelta(1, "ns"), timedelta(0)),
    agree(
        "a Timedelta may be counted in any unit", pd.Timedelta(1, "s").as_unit("s"), pd.Timedelta(1, "s").as_unit("ns")
    ),
    differ("NaT is not None", pd.NaT, None),
    differ("NaT is not NA", pd.NaT, pd.NA),
    differ("NA is not None", pd.NA, None),
    differ("NA is not NaN", pd.NA, float("nan")),
    differ("NaT of NumPy is not NaT of pandas", np.datetime64("NaT"), pd.NaT),
    differ("NaT of a moment is not NaT of a span", np.datetime64("NaT", "s"), np.timedelta64("NaT", "s")),
    differ("a NumPy moment counts with its unit", np.datetime64("2024-01-01", "D"), np.datetime64("2024-01-01", "s")),
    differ("NumPy moments of multiples of a unit differ", np.datetime64(4, "2D"), np.datetime64(4, "D")),
    differ("a NumPy span is not its number", np.timedelta64(5, "s"), 5),
    differ("a NumPy span is not the moment of its number", np.timedelta64(5, "s"), np.datetime64(5, "s")),
    differ("a Period is not its start", pd.Period("2024-01", "M"), pd.Timestamp("2024-01-01")),
    differ("a Period of a month is not one of a day", pd.Period(ordinal=5, freq="M"), pd.Period(ordinal=5, freq="D")),
    differ("an Interval is not the pair of its ends", pd.Interval(0, 1), (0, 1)),
    differ("an Interval counts with its closed side", pd.Interval(0, 1, "left"), pd.Interval(0, 1, "right")),
    differ("an Interval of ints is not one of floats", pd.Interval(0, 1), pd.Interval(0.0, 1.0)),
]
