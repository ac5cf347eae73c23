"""Tables for a terminal and for notebooks, and values in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from html import escape
from typing import Any

from persistable import _core

__all__ = ["html_table", "shown_age", "shown_value", "text_table"]

_MOST_CHARACTERS = 40


def shown_value(value: Any) -> str:
    """Returns a value of a param as Python writes it, on one line, shortened."""
    return cut(repr(value))


def cut(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Shortens a text. Control characters would change what the terminal shows, so they are escaped."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown_age(moment: datetime) -> str:
    """Returns how long ago a moment was: `3 days ago`."""
    return _core.shown_age((datetime.now(timezone.utc) - moment).total_seconds())


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Returns a table as text. Columns that have no place are left out, and `…` stands for them."""
    from shutil import get_terminal_size

    most = max(get_terminal_size().columns, 40)
    widths = [max(map(len, cells)) for cells in zip(columns, *rows)]
    shown, used = 0, 0
    for width in widths:
        used += width + 2
        if shown and used > most:
            break
        shown += 1
    is_cut = shown < len(columns)
    lines = []
    for cells in (columns, *rows):
        parts = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells[:shown], widths))
        ]
        lines.append("  ".join([*parts, "…"] if is_cut else parts).rstrip())
    return "\n".join(lines)


def html_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], remark: str = "") -> str:
    """Returns a table as HTML. Whatever the cells hold is shown as it is."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    foot = f"<p>{escape(remark)}</p>" if remark else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"
    )
