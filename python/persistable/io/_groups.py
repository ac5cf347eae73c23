"""A long list or dict in parts, so that no more is encoded at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any


def groups(payload: list[Any] | dict[Any, Any], size: int) -> Iterator[Any]:
    """Yields a list or a dict in parts of that many items."""
    if isinstance(payload, list):
        for start in range(0, len(payload), size):
            yield payload[start : start + size]
        return
    items = iter(payload.items())
    while part := dict(islice(items, size)):
        yield part
