"""Why a step is not persisted, or why an artifact was generated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._catalogue._differences import Differences, differences_of
from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import cut, shown_age

if TYPE_CHECKING:
    from persistable._catalogue._asking import Asking
    from persistable._persistable import Persistable

__all__ = ["Nearest", "Why", "why_artifact", "why_params", "why_step"]


class Nearest(NamedTuple):
    """An artifact, and how it differs from the one that was asked for."""

    name: str
    short: str
    """The first digits of its key."""
    persisted_at: datetime | None
    differences: Differences
    """It has what is before; the step that was asked for has what is after."""


@dataclass(frozen=True, repr=False)
class Why:
    """Why a step is not persisted, or why an artifact was generated. `print` it, or let a notebook show it."""

    name: str
    """The payload name."""
    key: str | None
    """The key; `None` if only some params were told."""
    is_persisted: bool
    """Whether it is persisted, and usable."""
    answers: tuple[dict[str, Any], ...]
    """The answers, the most important one first. Each has the member `answer`: `"here"`, `"unusable"`, `"removed"`,
    `"look_alike"`, `"other_version"`, `"param_added"`, `"param_renamed"`, `"other_name"`, `"nothing_of_this_name"` or
    `"first"`. The others depend on it."""
    nearest: tuple[Nearest, ...]
    """The artifacts that are nearest, with what differs."""
    compared: int
    """So many artifacts of this name were compared."""

    def __str__(self) -> str:
        """Describes it in some lines."""
        head = f"{self.name} {self.key[:8]}" if self.key else self.name
        lines = [f"{head} is {'persisted' if self.is_persisted else 'not persisted'}"]
        lines += [f"  {told}" for told in map(_told, self.answers) if told]
        if self.nearest:
            was = "was" if self.compared == 1 else "were"
            there = f"that {was} there before" if self.is_persisted else "there"
            lines.append(f"nearest of {self.compared:,} {there}:")
        for near in self.nearest:
            age = "" if near.persisted_at is None else f"{shown_age(near.persisted_at)}, "
            number = len(near.differences)
            lines.append(f"  {near.short}  {age}{number:,} difference{'s' if number != 1 else ''}")
            if near.differences:
                lines += [f"    {line}" for line in repr(near.differences).splitlines()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def why_step(asking: Asking, step: Persistable[Any, Any]) -> Why:
    """Explains why a step is not persisted."""
    return _made(asking.answer("why", step))


def why_artifact(asking: Asking, stem: str) -> Why:
    """Explains why an artifact was generated."""
    return _made(asking.answer("why_artifact", stem))


def why_params(asking: Asking, payload_name: str, params: str) -> Why:
    """Says which artifacts are nearest to some params."""
    return _made(asking.answer("why_params", payload_name, params))


def _made(found: dict[str, Any]) -> Why:
    nearest = [
        Nearest(
            each["artifact"]["name"],
            each["artifact"]["short"],
            moment_of(each["persisted"]),
            differences_of(each["differences"]),
        )
        for each in found["nearest"]
    ]
    answers = tuple(found["answers"])
    is_persisted = any(each["answer"] == "here" for each in answers)
    return Why(found["name"], found["key"], is_persisted, answers, tuple(nearest), found["compared"])


def _told(answer: dict[str, Any]) -> str | None:
    kind = answer["answer"]
    short = answer.get("artifact", {}).get("short")
    if kind == "here":
        return None
    if kind == "unusable":
        return f"{short} is {answer['state']}: {cut(answer['problem'], 200)}"
    if kind == "removed":
        when = shown_age(datetime.fromisoformat(answer["removed_at"].replace("Z", "+00:00")))
        by = f" by {cut(answer['program'])}" if answer["program"] else ""
        again = ", and it was generated again" if answer["is_there_again"] else ""
        return f"it was removed {when}{by}, because {cut(answer['reason'], 200)}{again}"
    if kind == "look_alike":
        return f"{short} looks the same, but some values are of another kind, such as 1 and 1.0"
    if kind == "other_version":
        return f"{short} is the same, but for the version of the step"
    if kind == "param_added":
        params = ", ".join(answer["params"])
        return (
            f"{short} is the same, but lacks {params}. If the param is new, added_with_defaults keeps earlier results"
        )
    if kind == "param_renamed":
        old, new = answer["from"], answer["to"]
        return (
            f"{short} is the same, but there {old} is the name of {new}. To keep earlier results, say that it was "
            f'renamed: {{"{new}": "{old}"}}'
        )
    if kind == "other_name":
        return f"{answer['artifact']['name']} {short} has the same params and dependencies"
    if kind == "nothing_of_this_name":
        names = answer["names"]
        return f"nothing of this name is here. There are {', '.join(names)}" if names else "the store is empty"
    if kind == "first":
        return "it was the first of this name"
    return None
