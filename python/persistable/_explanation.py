"""What `explain()` returns."""

from __future__ import annotations

from typing import NamedTuple

from persistable._html import table

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

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return table(self.step, self.sections)
