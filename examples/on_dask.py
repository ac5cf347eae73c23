"""A run on Dask: workers share one store. How chaotic is the logistic map, x = r x (1 - x), for each r?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from dask.distributed import Client, LocalCluster
from numpy.typing import NDArray

from persistable import Persistable, Store, configure

matplotlib.use("agg")
import matplotlib.pyplot as plt

store = Store("example-data")

RANGES = [(low / 100, (low + 5) / 100) for low in range(340, 400, 5)]


@store.step
def lyapunov_exponents(low: float, high: float, count: int = 100, rounds: int = 2000) -> NDArray[np.float64]:
    """How fast neighbours part, for `count` values of r. Above zero the map is chaotic."""
    r = np.linspace(low, high, count, endpoint=False)
    x = np.full(count, 0.4)
    sums = np.zeros(count)
    for _ in range(rounds):
        x = r * x * (1 - x)
        sums += np.log(np.maximum(np.abs(r * (1 - 2 * x)), 1e-12))
    return sums / rounds


@store.step
def joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(parts)


def load_generate(step: Persistable[Any, Any]) -> str:
    """Runs on a worker. The payload goes to the store, and only a word comes back."""
    try:
        step.load()
    except FileNotFoundError:
        step.generate()
        return "generated"
    return "loaded"


def main() -> None:
    parts = [lyapunov_exponents(low, high) for low, high in RANGES]
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    )
    with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
        # Threads of Dask draw from Python's global random generator, which would look like a draw of the step.
        client.run(configure, unseeded="ignore")
        done = client.gather(client.map(load_generate, parts, pure=False))
    print(f"{done.count('generated')} parts generated, {done.count('loaded')} loaded")
    exponents = joined(parts).payload
    print(f"{np.mean(exponents > 0):.0%} of {len(exponents)} maps are chaotic")
    draw(exponents)


def draw(exponents: NDArray[np.float64]) -> None:
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    axes.plot(np.linspace(RANGES[0][0], RANGES[-1][1], len(exponents)), exponents, linewidth=0.7)
    axes.axhline(0, color="gray", linewidth=0.7)
    axes.set_ylim(-2, 1)
    axes.set_xlabel("r")
    axes.set_ylabel("Lyapunov exponent")
    Path("pictures").mkdir(exist_ok=True)
    figure.savefig("pictures/on_dask.png", dpi=90)


if __name__ == "__main__":
    main()
