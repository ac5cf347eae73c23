"""How a step shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import NumberP, NumberParams

from persistable import Persistable, PersistableParams, step


@step
def points(n: int, random_state: int = 100) -> list[int]:
    return list(range(n))


@step
def spread(points: list[int], z_threshold: float) -> float:
    return sum(points) * z_threshold


@step
def chain(below: Any = None, n: int = 0) -> int:
    return n


class Unshown:
    def __repr__(self) -> str:
        raise ValueError("no repr")


@dataclass
class AnyParams(PersistableParams):
    held: Any = None
    n: int = 1


class AnyP(Persistable[int, AnyParams]):
    pass


def test_a_function_shows_as_its_call(tmp_path: Path) -> None:
    p = points(tmp_path, n=100, random_state=10)
    assert repr(p) == "points(n=100, random_state=10)"
    assert repr(spread(tmp_path, p, 1.5)) == "spread(points=points(n=100, random_state=10), z_threshold=1.5)"


def test_a_class_shows_as_its_call(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(n=3))
    assert repr(number) == "NumberP(n=3)"
    assert repr(AnyP(tmp_path, AnyParams("a"), [number])) == "AnyP(NumberP(n=3), held='a', n=1)"
    assert repr(AnyP(tmp_path, AnyParams(), {"by_name": number})) == "AnyP(by_name=NumberP(n=3), held=None, n=1)"


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        (list(range(500)), "held=[0, 1, 2, 3, 4, 5, … 500 in all]"),
        ((1,), "held=(1,)"),
        ({"a": [1, 2]}, "held={'a': [1, 2]}"),
        (np.zeros((1000, 3)), "held=<ndarray 1000x3>"),
        (pd.DataFrame({"a": range(1000)}), "held=<DataFrame 1000x1>"),
        ("x" * 1000, "held='" + "x" * 60 + "'…"),
        (Unshown(), "held=<Unshown>"),
        (NumberParams(n=4), "held=NumberParams(n=4)"),
    ],
)
def test_long_values_are_shortened(held: Any, shown: str, tmp_path: Path) -> None:
    assert repr(AnyP(tmp_path, AnyParams(held))) == f"AnyP({shown}, n=1)"


def test_a_deep_chain_is_shortened(tmp_path: Path) -> None:
    below = chain(tmp_path)
    for n in range(2000):
        below = chain(tmp_path, below, n)
    assert repr(below).startswith("chain(below=chain(below=")
    assert len(repr(below)) < 400


def test_many_params_are_shortened(tmp_path: Path) -> None:
    held = {f"name{n}": [list(range(10))] * 10 for n in range(10)}
    assert len(repr(AnyP(tmp_path, AnyParams(held)))) < 400


def test_a_step_that_is_not_initialised_shows() -> None:
    assert repr(NumberP.__new__(NumberP)) == "<NumberP, not initialised>"


def test_nothing_is_loaded(tmp_path: Path) -> None:
    p = points(tmp_path, n=3)
    repr(spread(tmp_path, p, 2.0))
    assert p._payload is None
    assert not list(tmp_path.glob("*(*"))


def test_what_holds_itself_shows(tmp_path: Path) -> None:
    held: list[Any] = []
    held.append(held)
    assert len(repr(AnyP(tmp_path, AnyParams(held)))) < 400


@dataclass
class HiddenParams(PersistableParams):
    token: str = field(default="secret", repr=False)
    n: int = 1


def test_a_field_that_is_not_to_be_shown_is_not(tmp_path: Path) -> None:
    assert repr(Persistable(tmp_path, HiddenParams(), None, payload_name="hidden")) == "Persistable(n=1)"
