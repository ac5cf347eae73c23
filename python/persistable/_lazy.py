"""A dependency that a run generates only when the step's code asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from persistable._is_step import is_step

if TYPE_CHECKING:
    from persistable._persistable import Persistable

__all__ = ["Lazy", "without_lazy"]

PayloadT = TypeVar("PayloadT")

_MOST_DEEP = 64


class Lazy(Generic[PayloadT]):
    """A dependency that a run does not generate in advance. It is generated when the step's code asks for it.

    It is part of the key, exactly as it is without `Lazy`.

    ```python
    @store.step
    def fit(converges: bool, fallback: Lazy[float]) -> float:
        return 1.0 if converges else fallback.payload

    fit(converges=True, fallback=slow_fit())
    ```

    A class gets the step itself: `FitP(store, params, [data, Lazy(slow)])`, and later
    `self.tracked_persistable_dependencies[1].payload`.
    """

    def __init__(self, step: Persistable[PayloadT, Any]) -> None:
        """Takes the step."""
        if not is_step(step):
            raise TypeError(f"Lazy takes a step, not an object of type {type(step).__qualname__}")
        self.step = step

    @property
    def payload(self) -> PayloadT:
        """The payload of the step. If it is missing, it is generated now."""
        return self.step.payload

    def __repr__(self) -> str:
        return f"Lazy({self.step!r})"

    def __eq__(self, other: object) -> bool:
        return self.step is other.step if isinstance(other, Lazy) else NotImplemented

    def __hash__(self) -> int:
        return hash((Lazy, id(self.step)))


def without_lazy(given: Any, found: list[Any], depth: int = _MOST_DEEP) -> Any:
    """Returns dependencies with the step in place of each `Lazy`, and adds that step to `found`.

    If there is no `Lazy`, this is the same object.
    """
    if depth == 0:  # Such as a list that contains itself, which is refused later.
        return given
    if isinstance(given, Lazy):
        found.append(given.step)
        return given.step
    kind = type(given)
    if kind is dict or (isinstance(given, Mapping) and not hasattr(kind, "tracked_persistable_dependencies")):
        plain = {name: without_lazy(member, found, depth - 1) for name, member in given.items()}
        return given if all(plain[name] is member for name, member in given.items()) else plain
    if kind in (list, tuple, set, frozenset):
        members = [without_lazy(member, found, depth - 1) for member in given]
        return given if all(plain is member for plain, member in zip(members, given)) else kind(members)
    return given
