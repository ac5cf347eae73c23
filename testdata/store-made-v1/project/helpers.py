"""Helpers that the steps use. What is here is never changed: the digests of this code are in the artifacts beside it."""

import functools
import math
from dataclasses import dataclass, field
from enum import Enum

COLUMNS = ("a", "b")
LIMITS = {"low": 0.0, "high": 10.0, "names": ["x", "y"]}


class Kind(Enum):
    MEAN = 1
    SUM = 2


@dataclass
class Scaler:
    factor: float = 2.0
    names: list = field(default_factory=list)

    def __call__(self, value):
        return self.scaled(value) + self.offset

    def scaled(self, value):
        """Returns a multiple."""
        return value * self.factor

    @property
    def offset(self):
        return len(self.names)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@logged
def clean(values, *, low=LIMITS["low"], kind: Kind = Kind.MEAN):
    # Leaves out what is too low.
    kept = [value for value in values if value is not None and value >= low]
    try:
        total = math.fsum(kept)
    except OverflowError as error:
        raise ValueError(f"too large: {error!r:>10} {kind.name}") from error
    else:
        if (count := len(kept)) == 0:
            return 0.0
    return total / count if kind is Kind.MEAN else total


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def walk(*parts, **options):
    for index, part in enumerate(parts):
        with_default = options.get("default", ...)
        yield lambda: (index, part, with_default)  # noqa: B023
