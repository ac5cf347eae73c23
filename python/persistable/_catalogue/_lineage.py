"""What artifacts were made from, and what was made from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from persistable._catalogue._asking import Artifact, Asking

__all__ = ["Lineage", "lineage"]

# JSON that is nested deeper can't be read.
_MOST_DEPTH = 200


@dataclass(frozen=True, repr=False)
class Lineage:
    """An artifact with what it was made from, or with what was made from it. `print` it to see the tree."""

    name: str
    """The payload name."""
    key: str
    """The key in hex."""
    short: str
    """As many digits of the key as tell it from all others."""
    state: str
    """`"whole"` if it is there; `"removed"`, `"unknown"` or another word if it is not."""
    next: tuple[Lineage, ...]
    """The artifacts next to it. Each artifact is followed once."""
    is_repeated: bool
    """Whether what is next to it is told elsewhere in the tree."""
    is_cut: bool
    """Whether the tree ends here since it would be too deep."""

    def __str__(self) -> str:
        """Draws the tree."""
        return "\n".join(_drawn(self, "", ""))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def lineage(asking: Asking, artifact: Artifact, up: bool, depth: int) -> Lineage:
    """Follows what an artifact was made from, or what was made from it."""
    return _made(asking.answer("lineage", asking.find(artifact), bool(up), max(0, min(depth, _MOST_DEPTH))))


def _made(found: dict[str, Any]) -> Lineage:
    artifact = found["artifact"]
    return Lineage(
        artifact["name"],
        artifact["key"],
        artifact["short"],
        artifact["state"],
        tuple(map(_made, found["next"])),
        found["is_repeated"],
        found["is_cut"],
    )


def _drawn(node: Lineage, first: str, others: str) -> Iterator[str]:
    remarks = [{"unknown": "not there"}.get(node.state, node.state)] if node.state != "whole" else []
    remarks += ["see above"] if node.is_repeated else []
    remarks += ["…"] if node.is_cut else []
    yield f"{first}{node.name} {node.short}" + "".join(f"  {remark}" for remark in remarks)
    for index, below in enumerate(node.next):
        is_last = index == len(node.next) - 1
        yield from _drawn(below, others + ("└─ " if is_last else "├─ "), others + ("   " if is_last else "│  "))
