"""What changed since a payload was persisted, of a step and of those below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from persistable import _core
from persistable._audit._lineage import with_all_below
from persistable._settings import setting_of

__all__ = ["is_unchanged", "stale_below"]

_NOTHING = "nothing that is seen"


def is_unchanged(step: Any) -> bool:
    """Returns whether the present code, dependencies and inputs made the payload, as far as can be seen."""
    return _changes(step) == [_NOTHING]


def stale_below(step: Any) -> Iterator[str]:
    """Says which dependencies have other code or input files now than those that made their persisted payloads."""
    for below in list(with_all_below([step]))[1:]:
        if setting_of(below, "code_change") == "ignore":  # Then its code is not looked at.
            continue
        # Another payload of a dependency is told by `changed_dependencies()`. Of other stores nothing may be recorded.
        changes = [line for line in _changes(below) if line.startswith("code: ") or line.endswith("other content now")]
        changes = [line for line in changes if not line.endswith("(accepted)")]
        if changes:
            more = f", and {len(changes) - 1} more" if len(changes) > 1 else ""
            shown = f"{below.payload_name}({below.persist_hash})"
            yield f"{shown}, which it depends on, is stale itself: {changes[0]}{more}"


def _changes(step: Any) -> list[str]:
    """Returns what `explain()` says of it."""
    return dict(_core.explain(step)[1]).get("changed since", [])
