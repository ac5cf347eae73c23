"""What `explain()` returns."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

__all__ = ["Explanation"]


class Explanation(NamedTuple):
    """What identifies a step, what its code record sees, and what changed since its payload was persisted.

    `print` it, or let a notebook show it.
    """

    step: str
    """The step: its payload name and the first half of its key."""
    sections: list[tuple[str, list[str]]]
    """Headings, each with its lines."""

    def __str__(self) -> str:
        parts = [self.step]
        for heading, lines in self.sections:
            parts.append(f"{heading}:")
            parts.extend(f"  {line}" for line in lines)
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align: left; vertical-align: top">{escape(heading)}</th>'
            f'<td style="text-align: left">{"<br>".join(map(escape, lines))}</td></tr>'
            for heading, lines in self.sections
        )
        return f"<table><caption>{escape(self.step)}</caption>{rows}</table>"
