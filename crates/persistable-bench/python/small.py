"""Constructs a step and loads 100 numbers, against `open` and `pickle.load`: `small.py FOLDER`."""

from __future__ import annotations

import pickle
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from harness import compare
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams

# So many artifacts are loaded in turn.
_ARTIFACTS = 200
_ROUNDS = 101


@dataclass
class PointsParams(PersistableParams):
    n: int
    random_state: int = 100


class GaussianDistributedPointsP(Persistable[NDArray[np.float64], PointsParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> NDArray[np.float64]:
        return np.random.default_rng(self.params.random_state).random(self.params.n)


def main(folder: Path) -> None:
    by_hand = []
    for random_state in range(_ARTIFACTS):
        points = GaussianDistributedPointsP(folder, PointsParams(n=100, random_state=random_state), None)
        points.generate()
        by_hand.append(str(folder / f"{random_state}.pickle"))
        with open(by_hand[-1], "wb") as file:  # noqa: PTH123
            pickle.dump(points.payload, file, pickle.HIGHEST_PROTOCOL)

    def load_all() -> None:
        for random_state in range(_ARTIFACTS):
            points = GaussianDistributedPointsP(folder, PointsParams(n=100, random_state=random_state), None)
            points.load()

    def load_all_by_hand() -> None:
        for path in by_hand:
            with open(path, "rb") as file:  # noqa: PTH123
                pickle.load(file)

    def load_all_by_name() -> None:
        for random_state in range(_ARTIFACTS):
            with open(folder / f"{random_state}.pickle", "rb") as file:  # noqa: PTH123
                pickle.load(file)

    compare("load", _ROUNDS, lambda: _each(load_all), lambda: _each(load_all_by_hand))
    compare("load, path made", _ROUNDS, lambda: _each(load_all), lambda: _each(load_all_by_name))


def _each(work: Any) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) / _ARTIFACTS


if __name__ == "__main__":
    main(Path(sys.argv[1]))
