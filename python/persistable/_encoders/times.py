"""Dates, times, spans of time and zones."""

from __future__ import annotations

import sys
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.fixed_zones import fixed_offset_of
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of", "folded", "table", "zone_name", "zone_value", "zoned", "zoneinfo_table"]

_EPOCH = datetime(1970, 1, 1)
_ADVICE_FOR_ZONES = "use zoneinfo.ZoneInfo(name) or datetime.timezone"


def table() -> dict[type, Encoder]:
    """Returns the encoders of `datetime`."""
    return {date: _date, datetime: _datetime, time: _time, timedelta: _timedelta, timezone: _timezone}


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of any other class of time zones."""
    has_fields = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "to_dict")
    return _zone_of_any_class if issubclass(cls, tzinfo) and not has_fields else None


def zoneinfo_table() -> dict[type, Encoder]:
    """Returns the encoders of `zoneinfo`."""
    return {sys.modules["zoneinfo"].ZoneInfo: _zone}


def _date(value: date) -> Value:
    return Value.date(value.year, value.month, value.day)


def _datetime(value: datetime) -> Value:
    if value.tzinfo is None:
        plain = Value.datetime(value.year, value.month, value.day, _since_midnight(value))
        return folded("datetime.datetime", plain) if value.fold else plain
    offset = value.utcoffset()
    if offset is None:
        raise Refusal("datetime", "is in a zone that gives no offset from UTC", _ADVICE_FOR_ZONES)
    # As spans, since the first and the last days of the calendar have no UTC counterpart.
    since_epoch = value.replace(tzinfo=None) - _EPOCH - offset
    return zoned(_whole_seconds(since_epoch), since_epoch.microseconds * 1000, offset, value.tzinfo)


def zoned(seconds: int, nanoseconds: int, offset: timedelta, zone: tzinfo) -> Value:
    """Encodes a moment since 1970 in UTC, with its offset and zone."""
    if offset.microseconds:
        raise Refusal("datetime", "has an offset from UTC that is not a whole number of seconds", _ADVICE_FOR_ZONES)
    return Value.zoned(seconds, nanoseconds, _whole_seconds(offset), zone_name(zone, offset))


def _whole_seconds(span: timedelta) -> int:
    return span.days * 86_400 + span.seconds


def _since_midnight(value: datetime | time) -> int:
    """Returns nanoseconds."""
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 10**9 + value.microsecond * 1000


def _time(value: time) -> Value:
    plain = Value.time(_since_midnight(value))
    if value.tzinfo is None:
        return folded("datetime.time", plain) if value.fold else plain
    return Value.record("datetime.time", [("value", plain), ("fold", value.fold), ("tzinfo", value.tzinfo)])


def folded(name: str, plain: Value) -> Value:
    """Marks the second of two equal readings of a clock that is put back."""
    return Value.record(name, [("value", plain), ("fold", 1)])


def _timedelta(value: timedelta) -> Value:
    return Value.duration(_whole_seconds(value) * 10**9 + value.microseconds * 1000)


def _timezone(value: timezone) -> Value:
    return Value.record("datetime.timezone", [("offset", value.utcoffset(None)), ("name", value.tzname(None))])


def _zone(value: ZoneInfo) -> Value:
    if not _key_of(value):
        return _zone_of_any_class(value)
    return Value.record("zoneinfo.ZoneInfo", [("key", _key_of(value))])


def _zone_of_any_class(value: tzinfo) -> Value:
    """Encodes a zone with a fixed offset as the plain `timezone` of that offset."""
    return _timezone(timezone(_fixed_offset_of(value)))


def _fixed_offset_of(zone: tzinfo, seen: timedelta | None = None) -> timedelta:
    """Returns the offset of a zone that has but one. `seen` is one that it has for some moment."""
    offset = fixed_offset_of(zone)
    if offset is None or seen not in (None, offset):
        problem = "is a time zone whose offset from UTC changes, without a name that other machines know"
        raise Refusal(type(zone).__qualname__, problem, _ADVICE_FOR_ZONES)
    return offset


def _key_of(zone: Any) -> str:
    if zone.key is None:
        if fixed_offset_of(zone) is not None:
            return ""
        raise Refusal("ZoneInfo", "has no name", "give it a name: ZoneInfo.from_file(file, key=name)")
    return str(zone.key)


def zone_name(zone: tzinfo, offset: timedelta | None = None) -> str:
    """Returns the IANA name of a zone, which is empty where only an offset is known.

    `offset` is that of the moment whose zone it is.
    """
    name = _name_of(zone, offset)
    return "" if name == "UTC" else name


def _name_of(zone: Any, offset: timedelta | None) -> str:
    cls = type(zone)
    if cls is timezone:
        return ""
    zoneinfo: Any = sys.modules.get("zoneinfo")
    if zoneinfo is not None and cls is zoneinfo.ZoneInfo:
        return _key_of(zone)
    library = cls.__module__.partition(".")[0]
    pytz_name: str | None = getattr(zone, "zone", None)
    if library == "pytz" and library in sys.modules:  # A class for every zone; none of them has a name to go by.
        return pytz_name or ""
    _fixed_offset_of(zone, offset)
    return ""


def zone_value(zone: tzinfo) -> object:
    """Returns what stands for the zone of many moments: its name, else its offset."""
    return zone_name(zone) or zone.utcoffset(None)
