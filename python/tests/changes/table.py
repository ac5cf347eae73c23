"""A change of code that has to be noticed."""

from __future__ import annotations

from typing import NamedTuple


class Change(NamedTuple):
    what: str
    code: str
    old: str
    new: str
    told: str
    """The item that the change is told of."""
