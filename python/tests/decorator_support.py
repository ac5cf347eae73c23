"""Steps made of functions, and the classes that do the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams, step

calls: list[Any] = []


@step
def points(n: int, random_state: int = 100) -> NDArray[np.float64]:
    """Draws points."""
    calls.append("points")
    return np.random.RandomState(random_state).random_sample(n)


@step
def spread(points: NDArray[np.float64], z_threshold: float = 1.5) -> float:
    calls.append("spread")
    return float(points.std()) * z_threshold


@step
def number(n: int) -> int:
    return n


@step
def shown(first: Any = None, second: Any = None, third: Any = None) -> str:
    return f"{first!r} {second!r} {third!r}"


@dataclass
class PointsParams(PersistableParams):
    n: int
    random_state: int = 100


class PointsP(Persistable[Any, PointsParams]):
    pass
