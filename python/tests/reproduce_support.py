"""Steps that the tests of `reproduce()` share."""

from __future__ import annotations

import random

from persistable import step

WORDS = tuple(f"word {number}" for number in range(50))


@step
def unseeded_of_the_standard_library(n: int) -> list[float]:
    return [random.random() for _ in range(n)]
