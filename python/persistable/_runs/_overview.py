"""A plan or a report as a person reads it: a table by payload name, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

__all__ = ["Overview", "by_name", "counted", "listed"]

_MOST_LISTED = 10
_MOST_NAMES = 30


class Overview(NamedTuple):
    """What is shown."""

    headline: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    sections: Sequence[tuple[str, Sequence[str]]]
    """Headings, each with its lines."""

    def as_text(self) -> str:
        """Returns lines for a terminal."""
        lines = [self.headline]
        table = [self.columns, *self.rows] if self.rows else []
        widths = [max(len(row[column]) for row in table) for column in range(len(self.columns))] if table else []
        for row in table:
            cells = [
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            ]
            lines.append(f"  {'  '.join(cells)}".rstrip())
        for heading, listed in self.sections:
            lines += [f"{heading}:", *(f"  {line}" for line in listed)]
        return "\n".join(lines)

    def as_html(self) -> str:
        """Returns the same for a notebook."""
        head = "".join(f"<th>{escape(column)}</th>" for column in self.columns)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        table = f"<table><tr>{head}</tr>{rows}</table>" if self.rows else ""
        sections = "".join(
            f"<p>{escape(heading)}:<br>{'<br>'.join(map(escape, listed))}</p>" for heading, listed in self.sections
        )
        return f"<p>{escape(self.headline)}</p>{table}{sections}"


def counted(number: int) -> str:
    """Returns `1 step` or `7 steps`."""
    return "1 step" if number == 1 else f"{number} steps"


def by_name(steps: Iterable[Any]) -> dict[str, list[Any]]:
    """Returns rows by payload name. If there are many names, the rest is under one."""
    groups: dict[str, list[Any]] = {}
    for step in steps:
        name = step.payload_name
        if name not in groups and len(groups) >= _MOST_NAMES:
            name = "(others)"
        groups.setdefault(name, []).append(step)
    return groups


def listed(lines: Sequence[Any], show: Any) -> list[str]:
    """Returns the first lines, and how many more there are."""
    shown = [show(line) for line in lines[:_MOST_LISTED]]
    return [*shown, f"… and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else shown
