"""Whether a format gives back a value of dicts, lists, texts and numbers as it is: a look before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any


@dataclass(frozen=True)
class Plain:
    """What a format gives back as it was given."""

    format_name: str
    scalars: frozenset[type]
    keys: frozenset[type]
    has_non_finite_floats: bool
    ints: range | None
    depth: int

    def check(self, value: object) -> None:
        """Refuses a value of which anything would come back as something else, with its place."""
        # A stack of its own: neither deep values nor values within themselves exhaust Python's.
        pending: list[tuple[object, _Place]] = [(value, _Place("", None, 0))]
        while pending:
            value, place = pending.pop()
            kind = type(value)
            if kind is list or kind is dict:
                if place.depth >= self.depth:
                    raise place.refusal(self, f"it is nested more than {self.depth} deep")
                if kind is list:
                    self._check_list(value, place, pending)  # type: ignore[arg-type]
                else:
                    self._check_dict(value, place, pending)  # type: ignore[arg-type]
            else:
                self._check_scalar(value, kind, place)

    def _check_list(self, value: list[Any], place: _Place, pending: list[Any]) -> None:
        for index, item in enumerate(value):
            # Most lists are of scalars, which are looked at without a place being made for each.
            if not self._is_kept(item):
                pending.append((item, _Place(f"[{index}]", place, place.depth + 1)))

    def _check_dict(self, value: dict[Any, Any], place: _Place, pending: list[Any]) -> None:
        for key, item in value.items():
            if type(key) not in self.keys or not self._is_kept(key):
                raise place.refusal(self, f"the key {key!r:.100} is {type(key).__qualname__}")
            if not self._is_kept(item):
                pending.append((item, _Place(f"[{key!r:.100}]", place, place.depth + 1)))

    def _is_kept(self, value: Any) -> bool:
        kind = type(value)
        if kind is float:
            return self.has_non_finite_floats or value - value == 0.0
        if kind is int:
            return self.ints is None or value in self.ints
        return kind in self.scalars

    def _check_scalar(self, value: object, kind: type, place: _Place) -> None:
        if self._is_kept(value):
            return
        if kind is float:
            raise place.refusal(self, f"it is {value}")
        if kind is int:
            raise place.refusal(self, "it is an integer of more than 64 bits")
        raise place.refusal(self, f"it is {kind.__module__}.{kind.__qualname__}")


class _Place:
    __slots__ = ("above", "depth", "step")

    def __init__(self, step: str, above: _Place | None, depth: int) -> None:
        self.step = step
        self.above = above
        self.depth = depth

    def refusal(self, plain: Plain, why: str) -> TypeError:
        steps: list[str] = []
        place: _Place | None = self
        while place is not None:
            steps.append(place.step)
            place = place.above
        way = "".join(reversed(steps))
        where = f"at {way}: " if way else ""
        return TypeError(f"{where}{why}, which {plain.format_name} would not give back: use PickleFileIO")


def groups(payload: list[Any] | dict[Any, Any], size: int) -> Iterator[Any]:
    """Yields a list or a dict in parts of that many items, so that no more is encoded at once."""
    if isinstance(payload, list):
        for start in range(0, len(payload), size):
            yield payload[start : start + size]
        return
    items = iter(payload.items())
    while part := dict(islice(items, size)):
        yield part
