"""A time zone whose offset never changes is identified by it, whatever its class."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import dateutil.tz
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import pytz

from persistable import _core
from persistable.exceptions import UnsupportedParameterError

ONE_HOUR = timezone(timedelta(hours=1))
NOON = datetime(2024, 7, 1, 12)


class FixedOffsetTimezone(tzinfo):
    """As that of psycopg2."""

    def __init__(self, offset: int = 60, name: str | None = None) -> None:
        self._offset, self._name = timedelta(minutes=offset), name

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return self._offset

    def tzname(self, moment: datetime | None) -> str:
        return self._name or "+01"

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(0)


class OffsetAlone(tzinfo):
    """Says nothing of summer time."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=1)


class NoSummerTime(OffsetAlone):
    def dst(self, moment: datetime | None) -> None:
        return None


def without_name(key: str) -> ZoneInfo:
    from importlib import resources

    with resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file)


FIXED: dict[str, tzinfo] = {
    "pytz": pytz.FixedOffset(60),
    "dateutil": dateutil.tz.tzoffset("CET", 3600),
    "dateutil by a range": dateutil.tz.tzrange("CET", 3600),
    "psycopg2": FixedOffsetTimezone(),
    "psycopg2 with a name": FixedOffsetTimezone(name="CET"),
    "one that says only its offset": OffsetAlone(),
    "one without summer time": NoSummerTime(),
    "a zone file without a name": without_name("Etc/GMT-1"),
}


@pytest.mark.parametrize("zone", FIXED.values(), ids=FIXED)
def test_a_fixed_zone_is_its_offset(zone: tzinfo) -> None:
    assert _core.encode(NOON.replace(tzinfo=zone)) == _core.encode(NOON.replace(tzinfo=ONE_HOUR))
    assert _core.encode(zone) == _core.encode(ONE_HOUR)
    assert _core.encode(time(12, tzinfo=zone)) == _core.encode(time(12, tzinfo=ONE_HOUR))
    assert _core.encode(pd.Timestamp(NOON, tz=zone)) == _core.encode(NOON.replace(tzinfo=ONE_HOUR))


@pytest.mark.parametrize("zone", FIXED.values(), ids=FIXED)
def test_a_column_in_a_fixed_zone_is_one_in_its_offset(zone: tzinfo) -> None:
    column, same = (pd.Series([pd.Timestamp(NOON)]).dt.tz_localize(each) for each in (zone, ONE_HOUR))
    assert _core.encode(column) == _core.encode(same)
    assert _core.encode(pd.DatetimeIndex(column)) == _core.encode(pd.DatetimeIndex(same))


def test_columns_of_arrow_and_polars_name_their_zone_by_a_text() -> None:
    arrow = [_core.encode(pa.array([0], pa.timestamp("s", zone))) for zone in ("+01:00", "+02:00", "Europe/Paris")]
    assert len(set(arrow)) == 3
    series = pl.Series([NOON]).dt.replace_time_zone("Europe/Paris")
    assert _core.encode(series) != _core.encode(pl.Series([NOON]))
    backed = pd.Series([0], dtype=pd.ArrowDtype(pa.timestamp("s", "+01:00")))
    assert _core.encode(backed) != _core.encode(pd.Series([0], dtype=pd.ArrowDtype(pa.timestamp("s", "+02:00"))))


def test_zones_with_other_offsets_differ() -> None:
    zones = [FixedOffsetTimezone(minutes) for minutes in (-60, 0, 60, 61)]
    assert len({_core.encode(zone) for zone in zones}) == 4
    assert len({_core.encode(NOON.replace(tzinfo=zone)) for zone in zones}) == 4
    assert _core.encode(FixedOffsetTimezone(0)) == _core.encode(timezone.utc)


class Summer(tzinfo):
    """As the documentation of `datetime` shows one: without a moment it gives the offset of winter."""

    def __init__(self, months: tuple[int, ...] = (4, 5, 6, 7, 8, 9, 10), years: range = range(1, 10_000)) -> None:
        self.months, self.years = months, years

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=1) + self.dst(moment)

    def dst(self, moment: datetime | None) -> timedelta:
        if moment is None or moment.tzinfo is None:
            return timedelta(0)
        return timedelta(hours=int(moment.month in self.months and moment.year in self.years))

    def tzname(self, moment: datetime | None) -> str:
        return "CET"


class Silent(OffsetAlone):
    """Gives no offset without a moment, though it is always the same."""

    def utcoffset(self, moment: datetime | None) -> Any:
        return None if moment is None else timedelta(hours=1)


class Failing(OffsetAlone):
    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=moment.month - moment.month + 1)  # type: ignore[union-attr]


class SummerForEver(OffsetAlone):
    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=1)


CHANGING: dict[str, tzinfo] = {
    "summer time": Summer(),
    "summer time in the south": Summer((11, 12, 1, 2, 3)),
    "summer time of old": Summer(years=range(1920, 1980)),
    "summer time to come": Summer(years=range(2030, 10_000)),
    "no offset without a moment": Silent(),
    "a failure without a moment": Failing(),
    "a part that is summer time": SummerForEver(),
    "dateutil": dateutil.tz.gettz("Europe/Berlin") or Summer(),
    "dateutil by a text": dateutil.tz.tzstr("EST5EDT"),
    "a zone file without a name": without_name("Europe/Berlin"),
}


@pytest.mark.parametrize("zone", CHANGING.values(), ids=CHANGING)
def test_a_zone_that_changes_has_to_have_a_name(zone: tzinfo) -> None:
    for value in (zone, NOON.replace(tzinfo=zone), time(12, tzinfo=zone)):
        with pytest.raises(UnsupportedParameterError, match="ZoneInfo"):
            _core.encode(value)


class OneDay(OffsetAlone):
    """Changes at moments that are not among those that are asked for."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta(hours=2 if moment and moment.replace(tzinfo=None) == NOON else 1)


def test_the_moment_itself_may_show_that_its_zone_changes() -> None:
    zone = OneDay()
    assert _core.encode(datetime(2024, 1, 1, tzinfo=zone)) == _core.encode(datetime(2024, 1, 1, tzinfo=ONE_HOUR))
    with pytest.raises(UnsupportedParameterError, match="changes"):
        _core.encode(NOON.replace(tzinfo=zone))


def test_zones_of_pytz_go_by_their_name() -> None:
    berlin = pytz.timezone("Europe/Berlin").localize(NOON)
    assert _core.encode(berlin) == _core.encode(NOON.replace(tzinfo=ZoneInfo("Europe/Berlin")))
    assert _core.encode(NOON.replace(tzinfo=pytz.utc)) == _core.encode(NOON.replace(tzinfo=timezone.utc))
