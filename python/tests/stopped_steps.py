"""A chain of steps. Each leaves a mark for each generation, and the first one takes a while after that."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

from persistable import Persistable, step


def mark(marks: str, name: str) -> None:
    (Path(marks) / f"{name}-{uuid.uuid4().hex}").touch()


@step(code_change="ignore")
def raw(marks: str) -> int:
    mark(marks, "raw")
    time.sleep(1)
    return 1


@step(code_change="ignore")
def model(raw: int, marks: str) -> int:
    mark(marks, "model")
    return raw + 1


@step(code_change="ignore")
def summary(model: int, marks: str) -> int:
    mark(marks, "report")
    return model + 1


def report(store: object, marks: str) -> Persistable[int, object]:
    return summary(store, model(store, raw(store, marks), marks), marks)
