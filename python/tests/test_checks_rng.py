"""A step has a random generator that is seeded from its key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persistable import Persistable, step
from persistable._checks.current import current_step, generating
from persistable._checks.rng import RngOfKey, current_rng


class Base(Persistable[Any, Any]):
    rng = RngOfKey()


def made(folder: Path, **params: Any) -> Base:
    return Base(folder, params, payload_name="points")


def test_the_same_key_gives_the_same_numbers(tmp_path: Path) -> None:
    one, same, other = made(tmp_path / "a", n=1), made(tmp_path / "b", n=1), made(tmp_path / "a", n=2)
    assert isinstance(one.rng, np.random.Generator)
    assert one.rng.random() == same.rng.random()
    assert one.rng.random() != other.rng.random()


def test_other_processes_get_the_same_numbers(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from persistable import Persistable
from persistable._checks.rng import RngOfKey
class Base(Persistable): rng = RngOfKey()
print(Base(Path(sys.argv[1]), {"n": 1}, payload_name="points").rng.integers(2**62))
"""
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)
    assert int(run.stdout) == made(tmp_path, n=1).rng.integers(2**62)


def test_a_generation_has_one_generator(tmp_path: Path) -> None:
    points = made(tmp_path, n=1)
    expected = points.rng.random(4).tolist()
    with generating(points):
        assert points.rng is points.rng is current_rng()
        drawn = [points.rng.random(), current_rng().random(), *points.rng.random(2)]
    assert drawn == expected
    assert points.rng is not points.rng
    with generating(points):
        assert points.rng.random() == expected[0]


def test_generations_within_another_have_their_own(tmp_path: Path) -> None:
    outer, inner = made(tmp_path, n=1), made(tmp_path, n=2)
    with generating(outer):
        first = outer.rng
        with generating(inner):
            assert current_step() is inner
            assert inner.rng is current_rng()
            assert inner.rng is not first
            assert outer.rng is first
        assert current_step() is outer
        assert current_rng() is first
    assert current_step() is None


def test_a_generation_that_fails_ends(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), generating(made(tmp_path)):
        raise ZeroDivisionError
    assert current_step() is None


def test_a_rng_of_the_users_own_takes_its_place(tmp_path: Path) -> None:
    class OfInstance(Base):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder, None)
            self.rng = 5  # type: ignore[assignment]

    class OfClass(Base):
        rng = 6  # type: ignore[assignment]

    class OfProperty(Base):
        @property
        def rng(self) -> int:  # type: ignore[override]
            return 7

    assert [OfInstance(tmp_path).rng, OfClass(tmp_path, None).rng, OfProperty(tmp_path, None).rng] == [5, 6, 7]


def test_it_is_not_a_param(tmp_path: Path) -> None:
    points = made(tmp_path, n=1)
    before = points.persist_hash
    points.rng.random()
    assert points.persist_hash == before


def test_a_function_gets_it_by_current_rng(tmp_path: Path) -> None:
    @step
    def points(n: int) -> Any:
        return current_rng().random(n)

    made_points = points(tmp_path, 3)
    drawn = []
    for _ in range(2):
        with generating(made_points):
            drawn.append(made_points._generate_payload().tolist())
    assert drawn[0] == drawn[1]


def test_outside_of_a_generation_current_rng_says_where_to_call_it() -> None:
    with pytest.raises(RuntimeError, match="in a thread that generates no step: call it in a step's function"):
        current_rng()


def test_without_numpy_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "numpy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match="rng needs numpy"):
        _ = made(tmp_path).rng


def test_the_numbers_stay_what_they_are(tmp_path: Path) -> None:
    assert made(tmp_path, n=1).rng.integers(1_000_000, size=3).tolist() == [3036, 546513, 344520]
