"""The rows of the tables."""

from __future__ import annotations

from typing import Any, NamedTuple


class Trap(NamedTuple):
    """Two values, and whether their identities must agree."""

    sentence: str
    left: Any
    right: Any
    agrees: bool


def differ(sentence: str, left: Any, right: Any) -> Trap:
    """Two values that must never find each other's payload."""
    return Trap(sentence, left, right, agrees=False)


def agree(sentence: str, left: Any, right: Any) -> Trap:
    """Two values that must find each other's payload."""
    return Trap(sentence, left, right, agrees=True)
