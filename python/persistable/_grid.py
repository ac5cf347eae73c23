"""All combinations of some values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["Grid", "grid"]


class Grid:
    """All combinations of some values, each a dict by name. It has a length, and can be iterated over again."""

    def __init__(self, columns: dict[str, tuple[Any, ...]]) -> None:
        """Takes the values by name."""
        self._columns = columns

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for combination in itertools.product(*self._columns.values()):
            yield dict(zip(self._columns, combination))

    def __len__(self) -> int:
        return math.prod(map(len, self._columns.values()))

    def __repr__(self) -> str:
        return f"grid({', '.join(f'{name}={list(values)!r}' for name, values in self._columns.items())})"


def grid(*named: Mapping[str, Any], **values: Iterable[Any]) -> Grid:
    """Returns all combinations of values, each a dict by name. The last name changes fastest.

    ```python
    steps = [loss(**params) for params in grid(z=[1, 2], seed=range(5))]
    ```

    A value that is the same in all combinations is a list of one: `grid(z=[1, 2], seed=[0])`.
    """
    if named:
        raise TypeError("grid() takes values by name: write grid(z=[1, 2]), or grid(**values) for a dict")
    return Grid({name: _checked(name, given) for name, given in values.items()})


def _checked(name: str, given: Any) -> tuple[Any, ...]:
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"grid() takes the values of {name} as a list, not {given!r}: write {name}=[{given!r}]")
    return tuple(given)
