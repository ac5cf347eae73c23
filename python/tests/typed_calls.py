"""Right and wrong calls of steps. A line that ends in `# error` is one that type checkers have to report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams, Store, step
from persistable.io import JsonFileIO, NumpyFileIO

store = Store("data")


@step(payload_io=NumpyFileIO(), untracked=("threads",))
def points(n: int, random_state: int = 100, threads: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(random_state).random(n)


@store.step
def spread(points: NDArray[np.float64], z_threshold: float) -> float:
    return float(points.std() * z_threshold)


@store.step(version=2, payload_io=JsonFileIO(), resources={"gpu": 1})
def joined(
    parts: Sequence[NDArray[np.float64]],
    more: list[NDArray[np.float64]],
    named: dict[str, NDArray[np.float64]],
    pair: tuple[NDArray[np.float64], int],
) -> list[float]:
    return [1.0]


@dataclass
class CountParams(PersistableParams):
    n: int


class CountP(Persistable[int, CountParams]):
    pass


@step
def doubled(count: int) -> int:
    return 2 * count


@step
def looked_at(count: Persistable[int, Any]) -> int:
    return count.payload


# Right.
p = points("data", n=1)
points(store, 1, random_state=3, threads=2)
points.bind("data")(n=1)
p.payload.mean()
p.remove()
print(p.params.n)
spread(p, z_threshold=1.5).payload.is_integer()
spread(points.function(3), 1.5)
steps = [p, p]
joined([p, p], [p, p], {"a": p}, (p, 1)).payload.append(1.0)
joined(steps, [], {}, (p, 1))
counted = CountP("data", CountParams(1), [p])
looked_at("data", counted)
untyped: Any = counted
doubled("data", untyped)

# Wrong.
points("data", m=1)  # error
points("data", n="one")  # error
points("data")  # error
points("data", 1, 2, 3, 4)  # error
points(1, n=1)  # error
points(n=1)  # error
points.bind("data")("data", n=1)  # error
points.bind("data")(n="one")  # error
points.bind(1)  # error
spread(p, z_threshold="high")  # error
spread(p)  # error
spread("data", p, z_threshold=1.5)  # error
joined(p, [p], {"a": 1}, (p, 1))  # error
text: str = spread(p, z_threshold=1.5).payload  # error
step(versoin=1)  # error
store.step(version=1.5)  # error
Store(3)  # error
