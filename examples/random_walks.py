# random_walks.py
import numpy as np

from persistable import Store

store = Store("example-data")


@store.step(verbose=True)
def peaks(walks: int, steps: int = 1000, random_state: int = 0) -> np.ndarray:
    moves = np.random.default_rng(random_state).normal(size=(walks, steps))
    return moves.cumsum(axis=1).max(axis=1)


@store.step(verbose=True)
def mean(peaks: np.ndarray) -> float:
    return float(peaks.mean())


print(f"{mean(peaks(walks=50_000)).payload:.2f}")
