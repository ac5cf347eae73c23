"""Generates a dataset once, and loads it with a new object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams
from persistable.exceptions import InvalidPayloadError


@dataclass
class PointsParams(PersistableParams):
    n: int
    random_state: int = 100


class GaussianDistributedPointsP(Persistable[NDArray[np.float64], PointsParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> NDArray[np.float64]:
        np.random.seed(self.params.random_state)
        return np.random.random(self.params.n)

    def _validate_payload(self, payload: NDArray[np.float64]) -> None:
        if len(payload) != self.params.n:
            raise InvalidPayloadError(f"there are {len(payload)} numbers, and n is {self.params.n}")


def main() -> None:
    data_dir = Path("example-data")
    points = GaussianDistributedPointsP(data_dir, PointsParams(n=100, random_state=10), None)
    points.generate()
    print(f"generated: {points.payload[0]}")

    # A second, new object for the same params finds what the first one persisted.
    same = GaussianDistributedPointsP(data_dir, PointsParams(n=100, random_state=10), None)
    same.load()
    print(f"loaded:    {same.payload[0]}")

    # Whichever is needed: generated the first time, loaded ever after. The seed is the default one here.
    others = GaussianDistributedPointsP(data_dir, PointsParams(n=100), None)
    others.load_generate()
    print(f"others:    {others.payload[0]}")


if __name__ == "__main__":
    main()
