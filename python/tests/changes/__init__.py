"""Changes of code that a step has to notice, as tables by what is changed."""

from __future__ import annotations

from changes import classes, decorated, functions, modules, records, steps, values
from changes.table import Change

__all__ = ["CHANGES", "Change"]

_ROOMS = (steps, functions, decorated, classes, records, values, modules)

CHANGES: list[Change] = [change for room in _ROOMS for change in room.CHANGES]
