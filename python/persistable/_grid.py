"""All combinations of some values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["grid"]


def grid(**values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Iterates over all combinations of values, each a dict by name. The last name changes fastest.

    ```python
    steps = [loss(**params) for params in grid(z=[1, 2], seed=range(5))]
    ```

    A value that is the same in all combinations is a list of one: `grid(z=[1, 2], seed=[0])`.
    """
    names = tuple(values)
    columns = [_checked(name, given) for name, given in values.items()]
    return (dict(zip(names, combination)) for combination in itertools.product(*columns))


def _checked(name: str, given: Any) -> tuple[Any, ...]:
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(f"grid() takes the values of {name} as a list, not {given!r}: write {name}=[{given!r}]")
    return tuple(given)
