"""Persists 100 numbers, and misses them, against the same by hand: `persist.py FOLDER`."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from harness import compare, seconds
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams

_ROUNDS = {"fast": 1001, "synced": 301}
_MISSES = 501


@dataclass
class PointsParams(PersistableParams):
    n: int
    random_state: int = 100


class PointsP(Persistable[NDArray[np.float64], PointsParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> NDArray[np.float64]:
        return np.random.default_rng(self.params.random_state).random(self.params.n)


def main(folder: Path) -> None:
    """Persists under a new key each time."""
    numbers = itertools.count()
    folder.joinpath("by_hand").mkdir(parents=True)
    by_hand = str(folder / "by_hand")
    payload = pickle.dumps(np.random.default_rng(0).random(100), pickle.HIGHEST_PROTOCOL)

    def subject(durability: str) -> float:
        points = PointsP(folder / "subject", PointsParams(n=100, random_state=next(numbers)), None)
        points.persist_durability = durability
        points.generate(persist=False)
        return seconds(points.persist)

    def write(durability: str) -> None:
        path = f"{by_hand}/{next(numbers)}.pickle"
        with open(path + ".new", "wb") as file:  # noqa: PTH123
            file.write(payload)
            if durability == "synced":
                file.flush()
                os.fdatasync(file.fileno())
        os.rename(path + ".new", path)  # noqa: PTH104
        if durability == "synced":
            opened = os.open(by_hand, os.O_RDONLY)
            os.fsync(opened)
            os.close(opened)

    for durability, rounds in _ROUNDS.items():
        compare(
            durability,
            rounds,
            lambda durability=durability: subject(durability),
            lambda durability=durability: seconds(lambda: write(durability)),
        )

    def miss() -> None:
        points = PointsP(folder / "subject", PointsParams(n=100, random_state=next(numbers)), None)
        with contextlib.suppress(FileNotFoundError):
            points.load()

    def miss_by_hand() -> None:
        with contextlib.suppress(FileNotFoundError), open(f"{by_hand}/{next(numbers)}", "rb") as file:  # noqa: PTH123
            pickle.load(file)

    compare("miss", _MISSES, lambda: seconds(miss), lambda: seconds(miss_by_hand))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
