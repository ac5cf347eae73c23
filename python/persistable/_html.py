"""Small HTML tables, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["table"]


def table(caption: str, rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Returns a table with a heading and lines of text in each row. Whatever they hold is shown as it is."""
    shown = "".join(
        f'<tr><th style="text-align: left; vertical-align: top">{escape(heading)}</th>'
        f'<td style="text-align: left">{"<br>".join(map(escape, lines))}</td></tr>'
        for heading, lines in rows
    )
    return f"<table><caption>{escape(caption)}</caption>{shown}</table>"
