"""Time zones whose offset from UTC never changes, whatever their class."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

__all__ = ["fixed_offset_of"]

# Clocks were put forward and back in other years and months all over the world: both halves of the year, and decades.
_YEARS = (1900, 1920, 1930, 1942, 1950, 1960, *range(1970, 2041, 5), 2100)
_MOMENTS = [datetime(year, month, 15, 12) for year in _YEARS for month in (1, 4, 7, 10)]

# The zone that was looked at last: one zone often belongs to all moments of a list.
_last: tuple[tzinfo, timedelta] | None = None


def fixed_offset_of(zone: tzinfo) -> timedelta | None:
    """Returns the offset of a zone which has the same at any time, and `None` of another.

    Python says that a zone gives its offset for no moment (`None`) only if that is always the same. Some zones break
    this rule, so that moments of many years are asked for as well.
    """
    global _last
    try:
        offset = zone.utcoffset(None)
        if offset is None:
            return None
        last = _last
        if last is not None and last[0] is zone and last[1] == offset:
            return offset
        if any(_has_other_offset(zone, moment, offset) for moment in _MOMENTS):
            return None
    except Exception:  # A zone may need a moment, and fail in any way without one, or for one long ago.
        return None
    _last = (zone, offset)
    return offset


def _has_other_offset(zone: tzinfo, moment: datetime, offset: timedelta) -> bool:
    aware = moment.replace(tzinfo=zone)
    if aware.utcoffset() != offset:
        return True
    try:
        return bool(aware.dst())
    except NotImplementedError:  # It says nothing of summer time.
        return False
