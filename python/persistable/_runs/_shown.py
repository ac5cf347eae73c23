"""What shows the progress of a run: a bar, lines, a notebook, or nothing."""

from __future__ import annotations

import sys
from typing import Any

from persistable._runs._progress import Shown

__all__ = ["shown_for"]


def shown_for(progress: bool) -> Shown:
    """Returns what shows the progress where this program runs."""
    if not isinstance(progress, bool):
        raise TypeError(f"progress must be True or False, not {progress!r}. For a function of your own, use on_event")
    if not progress:
        return Shown()
    from persistable._runs import _bars

    if _is_notebook():
        return _bars.Notebook()
    return _bars.of_terminal() if sys.stderr is not None and sys.stderr.isatty() else _bars.Lines()


def _is_notebook() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
