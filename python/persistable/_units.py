"""Times and sizes for people: at most three digits, and a fitting unit."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["shown_duration", "shown_size"]

_TIMES = ((1e-6, 1e3, "µs"), (1e-3, 1e3, "ms"), (1.0, 120.0, "s"), (60.0, 120.0, "min"), (3600.0, 0.0, "h"))
_SIZES = ((1.0, 1e3, "B"), (1e3, 1e3, "kB"), (1e6, 1e3, "MB"), (1e9, 1e3, "GB"), (1e12, 0.0, "TB"))


def shown_duration(seconds: float) -> str:
    """Returns a time: `6.46 ms`, `2.25 s`, `3.5 min`."""
    return _shown(seconds, _TIMES)


def shown_size(size_bytes: float) -> str:
    """Returns a size: `21 B`, `400 kB`, `1.5 GB`."""
    return _shown(size_bytes, _SIZES)


def _shown(value: float, units: Sequence[tuple[float, float, str]]) -> str:
    """Takes the value of each unit, how many of it are too many, and its name."""
    number, name = 0.0, ""
    for unit, too_many, name in units:  # noqa: B007  # The last unit has no limit.
        number = float(f"{value / unit:.3g}")  # Rounded first: 999.9 kB are 1 MB.
        if number < too_many:
            break
    return f"{number:.0f} {name}" if number >= 100 else f"{number:g} {name}"
