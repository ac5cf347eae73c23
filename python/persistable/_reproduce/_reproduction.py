"""What `reproduce()` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from persistable._html import table

__all__ = ["CLOSE", "DIFFERENT", "EQUAL", "IDENTICAL", "NOT_COMPARABLE", "Difference", "Reproduction"]

IDENTICAL = "identical"
EQUAL = "equal"
CLOSE = "close"
DIFFERENT = "different"
NOT_COMPARABLE = "not comparable"

_SHOWN = 5

_EXPLAINED = {
    IDENTICAL: "the same bytes",
    EQUAL: "other bytes, but the same value",
    CLOSE: "the same except for rounding",
    DIFFERENT: "another value",
    NOT_COMPARABLE: "the types of some parts can't be compared",
}


class Difference(NamedTuple):
    """A place where the new payload differs from the persisted payload."""

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

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Reproduction:
    """What became of generating a payload again. `print` it, or let a notebook show it."""

    step: str
    """The step: its payload name and the first half of its key."""
    verdict: str
    """`"identical"`: the same bytes. `"equal"`: the same value. `"close"`: the same except for rounding. `"different"`.
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
    is_unchanged: bool = False
    """Whether code, dependencies and inputs are those that made the payload that is persisted, as far as is seen."""

    @property
    def is_same(self) -> bool:
        """Whether the payload is the same: identical or equal."""
        return self.verdict in (IDENTICAL, EQUAL)

    def __str__(self) -> str:
        begin = f"{self.step}: {self._found()}"
        return "\n  ".join([begin, *self._errors(), *self._places(), *self.notes, *self._advice()])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = {
            "found": [self._found()],
            "errors": self._errors(),
            "differences": self._places(),
            "notes": list(self.notes),
            "advice": self._advice(),
        }
        return table(self.step, [(heading, lines) for heading, lines in rows.items() if lines])

    def _found(self) -> str:
        return f"{self.verdict} ({_EXPLAINED[self.verdict]}), generated again in {self.seconds:.3g} s"

    def _errors(self) -> list[str]:
        if not self.largest_absolute_error and not self.largest_relative_error:
            return []
        largest = self.largest_absolute_error, self.largest_relative_error
        return ["largest absolute error {:.3g}, largest relative error {:.3g}".format(*largest)]

    def _places(self) -> list[str]:
        lines = list(map(str, self.differences[:_SHOWN]))
        if len(self.differences) > _SHOWN:
            lines.append("more places differ: see .differences")
        return [*lines, *(f"not compared: {each}" for each in self.not_comparable[:_SHOWN])]

    def _advice(self) -> list[str]:
        if self.is_accepted:
            return ["The present code is accepted: it makes this payload."]
        if self.verdict == CLOSE:
            return ["If that is close enough, call accept_code() on the step."]
        if self.verdict == DIFFERENT and self.is_unchanged:
            return [
                "The code has not changed since the payload was made, so the step is not reproducible. Look for "
                "numbers without a seed, the time, the order of a set, or other versions of libraries. "
                "reproduce(step, keep=[...]) helps to find the cause."
            ]
        if self.verdict == DIFFERENT:
            return ["To replace the persisted payload, call generate(). To keep both, set another payload_version."]
        return []
