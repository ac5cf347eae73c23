"""Steps that processes share: an importable module, so that spawned workers find them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from persistable import step

calls: list[int] = []


@step(code_change="ignore")
def squares(n: int) -> dict[str, Any]:
    calls.append(n)
    return {"squares": [i * i for i in range(n)]}


@step
def total(squares: dict[str, Any]) -> int:
    return sum(squares["squares"])


@step(code_change="ignore")
def slow(n: int, marks: str) -> int:
    """Leaves a mark for each generation."""
    (Path(marks) / f"{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(0.3)
    return n


def payload_of(step: Any) -> Any:
    return step.payload
