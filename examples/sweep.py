"""A sweep with scikit-learn: which parameters of a support vector machine read handwritten digits best?"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from persistable import Store
from persistable.io import JsonFileIO

matplotlib.use("agg")
import matplotlib.pyplot as plt

store = Store("example-data")

GAMMAS = [0.00001, 0.0001, 0.001, 0.01]
COSTS = [0.01, 0.1, 1.0, 10.0, 100.0]


@store.step
def digits(test_size: float = 0.5, random_state: int = 0) -> list[NDArray[np.float64]]:
    images, labels = load_digits(return_X_y=True)
    parts: list[NDArray[np.float64]] = train_test_split(images, labels, test_size=test_size, random_state=random_state)
    return parts


@store.step
def classifier(digits: list[NDArray[np.float64]], gamma: float, cost: float) -> SVC:
    images, _, labels, _ = digits
    return SVC(gamma=gamma, C=cost, random_state=0).fit(images, labels)


@store.step(payload_io=JsonFileIO())
def accuracy(digits: list[NDArray[np.float64]], classifier: SVC) -> float:
    _, images, _, labels = digits
    return float(classifier.score(images, labels))


def main() -> None:
    data = digits()
    shares = np.array([[accuracy(data, classifier(data, gamma=g, cost=c)).payload for c in COSTS] for g in GAMMAS])
    print("   gamma " + "".join(f"{f'C={cost:g}':>9}" for cost in COSTS))
    for gamma, row in zip(GAMMAS, shares):
        print(f"{gamma:8.5f} " + "".join(f"{share:9.1%}" for share in row))
    draw(shares)


def draw(shares: NDArray[np.float64]) -> None:
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    image = axes.imshow(shares, cmap="viridis", aspect="auto")
    axes.set_xticks(range(len(COSTS)), [f"{cost:g}" for cost in COSTS])
    axes.set_yticks(range(len(GAMMAS)), [f"{gamma:g}" for gamma in GAMMAS])
    axes.set_xlabel("C")
    axes.set_ylabel("gamma")
    figure.colorbar(image, label="accuracy")
    Path("pictures").mkdir(exist_ok=True)
    figure.savefig("pictures/sweep.png", dpi=90)


if __name__ == "__main__":
    main()
