"""Keys a step whose parameter is a large array, against BLAKE3 of the array's bytes: `identity.py FOLDER`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import blake3
import numpy as np
from harness import compare, seconds
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams

_ELEMENTS = 10_000_000 // 8
_ROUNDS = 101


@dataclass
class WeightsParams(PersistableParams):
    weights: NDArray[np.float64]


class WeightedP(Persistable[float, WeightsParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> float:
        return float(self.params.weights.sum())


def main(folder: Path) -> None:
    weights = np.random.default_rng(0).random(_ELEMENTS)
    weights_bytes = weights.view(np.uint8)
    weighted = WeightedP(folder, WeightsParams(weights), None)

    def digest(max_threads: int) -> bytes:
        digest: bytes = blake3.blake3(weights_bytes, max_threads=max_threads).digest()
        return digest

    def key() -> float:
        return seconds(lambda: weighted.persist_hash)

    compare("on all cores", _ROUNDS, key, lambda: seconds(lambda: digest(blake3.blake3.AUTO)))
    compare("on one core", _ROUNDS, key, lambda: seconds(lambda: digest(1)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
