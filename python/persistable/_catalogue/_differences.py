"""What differs between two artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._catalogue._table import cut, html_table
from persistable._core import remark_on

if TYPE_CHECKING:
    from persistable._catalogue._asking import Artifact, Asking

__all__ = ["Difference", "Differences", "diff"]

_NOTHING = "-"


class Difference(NamedTuple):
    """Something that two artifacts do not share."""

    path: str
    """Where: `n`, `points.n`, or a fact such as `.code`."""
    before: str | None
    """What the first one has there; `None` if it has nothing."""
    after: str | None
    """What the second one has there."""
    kind: str
    """What it is: `"value"`, `"kind_of_value"`, `"param"`, `"version"`, `"name"`, `"dependencies"`,
    `"unknown_dependency"`, or `"fact"`. The key depends on all but facts."""

    def __str__(self) -> str:
        """Describes it in a line."""
        return _lines([self])[0]


class Differences(list[Difference]):
    """What differs between two artifacts. Differences that the key depends on come first."""

    def __repr__(self) -> str:
        return "\n".join(_lines(self)) if self else "nothing differs"

    def _repr_html_(self) -> str:
        rows = [[cut(each.path), _shown(each.before), _shown(each.after), remark_on(each.kind) or ""] for each in self]
        return html_table("what differs", ["where", "before", "after", ""], rows)


def diff(asking: Asking, before: Artifact, after: Artifact) -> Differences:
    """Compares two artifacts."""
    return differences_of(asking.answer("diff", asking.find(before), asking.find(after)))


def differences_of(found: list[dict[str, Any]]) -> Differences:
    """Makes differences of what the core says."""
    return Differences(Difference(each["path"], each["before"], each["after"], each["kind"]) for each in found)


def _shown(value: str | None) -> str:
    return _NOTHING if value is None else cut(value, 60)


def _lines(differences: list[Difference]) -> list[str]:
    cells = [(cut(each.path, 60), _shown(each.before), _shown(each.after), _remark(each.kind)) for each in differences]
    path, before = (max((len(cell[index]) for cell in cells), default=0) for index in (0, 1))
    return [f"{name:<{path}}  {old:>{before}} → {new}{remark}" for name, old, new, remark in cells]


def _remark(kind: str) -> str:
    remark = remark_on(kind)
    return "" if remark is None else f"  ({remark})"
