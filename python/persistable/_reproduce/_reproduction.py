"""What `reproduce()` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["CLOSE", "DIFFERENT", "EQUAL", "IDENTICAL", "NOT_COMPARABLE", "Difference", "Reproduction"]

IDENTICAL = "identical"
EQUAL = "equal"
CLOSE = "close"
DIFFERENT = "different"
NOT_COMPARABLE = "not comparable"

_SHOWN = 5

_EXPLAINED = {
    IDENTICAL: "the same bytes",
    EQUAL: "other bytes, and the same value",
    CLOSE: "the same but for rounding",
    DIFFERENT: "another value",
    NOT_COMPARABLE: "the types of some parts can't be compared",
}


class Difference(NamedTuple):
    """A place at which the payload that was generated again is not the one that is persisted."""

    path: str
    """Where it is in the payload, such as `['scores'][3]`; empty for the payload itself."""
    what: str
    """What is persisted, and what was generated."""
    absolute_error: float | None = None
    """The largest absolute error there, where numbers differ."""
    relative_error: float | None = None
    """The largest relative error there: the absolute one over the larger of both numbers."""

    def __str__(self) -> str:
        return f"{self.path or 'the payload'}: {self.what}"


@dataclass(frozen=True)
class Reproduction:
    """What became of generating a payload again. `print` it."""

    step: str
    """The step: its payload name and the first half of its key."""
    verdict: str
    """`"identical"`: the same bytes. `"equal"`: the same value. `"close"`: the same but for rounding. `"different"`.
    `"not comparable"`: what could be compared is the same or close, and some of it could not."""
    seconds: float
    """How long it took to generate the payload again."""
    differences: tuple[Difference, ...] = ()
    """The first places that differ; those that are only close come last."""
    largest_absolute_error: float = 0.0
    """The largest absolute error among all numbers."""
    largest_relative_error: float = 0.0
    """The largest relative error among all numbers."""
    not_comparable: tuple[str, ...] = ()
    """What could not be compared, with its path."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing, such as a dependency that has another payload now."""
    is_accepted: bool = False
    """Whether the present code, dependencies and inputs were accepted, so that loading warns of them no longer."""
    persisted_seconds: float | None = None
    """How long it took to generate the payload that is persisted, where that is recorded."""
    output: str = ""
    """What the generation printed."""

    @property
    def is_same(self) -> bool:
        """Whether the payload is the same: identical or equal."""
        return self.verdict in (IDENTICAL, EQUAL)

    def __str__(self) -> str:
        lines = [f"{self.step}: {self.verdict} ({_EXPLAINED[self.verdict]}), generated again in {self.seconds:.3g} s"]
        if self.largest_absolute_error or self.largest_relative_error:
            lines.append(
                f"largest absolute error {self.largest_absolute_error:.3g}, "
                f"largest relative error {self.largest_relative_error:.3g}"
            )
        lines.extend(map(str, self.differences[:_SHOWN]))
        if len(self.differences) > _SHOWN:
            lines.append("more places differ: see .differences")
        lines.extend(f"not compared: {each}" for each in self.not_comparable[:_SHOWN])
        lines.extend(self.notes)
        lines.extend(self._advice())
        return "\n  ".join(lines)

    def _advice(self) -> list[str]:
        if self.is_accepted:
            return ["The present code is accepted: it makes this payload."]
        if self.verdict == CLOSE:
            return ["If that is near enough, call accept_code() on the step."]
        if self.verdict == DIFFERENT:
            return ["generate() replaces the payload that is persisted; another payload_version keeps both."]
        return []
