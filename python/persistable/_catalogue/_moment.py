"""Moments as manifests have them."""

from __future__ import annotations

from datetime import datetime, timezone

__all__ = ["moment_of"]


def moment_of(milliseconds: int | None) -> datetime | None:
    """Returns a moment in UTC."""
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    except (OverflowError, OSError, ValueError):  # A manifest may say anything.
        return None
