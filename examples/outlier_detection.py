"""Fits an outlier estimator on a dataset: two steps, one depending on the other."""

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


@dataclass
class OutlierDetector:
    mean: float
    standard_deviation: float
    z_threshold: float

    def is_outlier(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.abs(numbers - self.mean) > self.z_threshold * self.standard_deviation


@dataclass
class OutlierParams(PersistableParams):
    z_threshold: float


class OutlierEstimatorP(Persistable[OutlierDetector, OutlierParams]):
    def __init__(self, data_dir: Path, params: OutlierParams, points: GaussianDistributedPointsP) -> None:
        super().__init__(data_dir, params, [points])  # other points, another estimator
        self.points = points

    def _generate_payload(self, **untracked_payload_params: Any) -> OutlierDetector:
        points = self.points.payload  # loaded or generated, once
        return OutlierDetector(float(points.mean()), float(points.std()), self.params.z_threshold)


def load_or_generate(step: Persistable[Any, Any]) -> str:
    """Does what `step.payload` does by itself, and tells which it was."""
    try:
        step.load()
        return "loaded"
    except FileNotFoundError:
        step.generate()
        return "generated"


def main() -> None:
    data_dir = Path("example-data")
    points = GaussianDistributedPointsP(data_dir, PointsParams(n=100, random_state=10), None)
    estimator = OutlierEstimatorP(data_dir, OutlierParams(z_threshold=1.5), points)

    print(f"{points.persist_filepath.name}: {load_or_generate(points)}")
    print(f"  first number {points.payload[0]}")
    print(f"{estimator.persist_filepath.name}: {load_or_generate(estimator)}")
    detector = estimator.payload
    print(f"  mean {detector.mean}, standard deviation {detector.standard_deviation}")
    outliers = int(detector.is_outlier(points.payload).sum())
    print(f"{outliers} of {len(points.payload)} numbers are outliers")


if __name__ == "__main__":
    main()
