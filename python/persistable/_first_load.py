"""What the first load of a process needs, imported before: a load would wait for it."""

from __future__ import annotations

import contextlib


def prepare_first_load() -> None:
    """Imports what looks at a step's code. If that fails, the first load meets the same, and goes on."""
    with contextlib.suppress(Exception):
        import persistable._code  # noqa: F401
