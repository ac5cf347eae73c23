"""A small sweep that the tests of the catalogue share."""

from __future__ import annotations

from pathlib import Path

from persistable import Catalogue, step
from persistable.io import JsonFileIO

# JSON runs no code when it is loaded, so it is never a matter of trust.


@step(payload_io=JsonFileIO())
def points(n: int, seed: int = 0) -> list[int]:
    return list(range(seed, seed + n))


@step(payload_io=JsonFileIO())
def spread(points: list[int], threshold: float = 2.0) -> float:
    return (points[-1] - points[0]) / threshold


def sweep(folder: Path) -> Catalogue:
    """Persists two steps of `points`, and two steps of `spread` of each."""
    for n in (10, 100):
        made = points(folder, n=n)
        for threshold in (1.0, 2.0):
            spread(folder, points=made, threshold=threshold).load_generate()
    return Catalogue(folder)
