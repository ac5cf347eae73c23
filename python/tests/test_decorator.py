"""A step made of a function: the same keys as a class, and never the wrong payload."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decorator_support import PointsP, PointsParams, calls, points, spread

from persistable import Persistable, PersistableParams, step
from persistable.data import PersistableParam
from persistable.exceptions import InvalidPayloadError
from persistable.io import JsonFileIO, NumpyFileIO


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@dataclass
class SpreadParams(PersistableParams):
    z_threshold: float = 1.5


class SpreadP(Persistable[Any, SpreadParams]):
    pass


# --- what it makes ----------------------------------------------------------------------------------------------------


def test_a_call_gives_a_step_and_generates_nothing(tmp_path: Path) -> None:
    p = points(tmp_path, 3)
    assert isinstance(p, Persistable)
    assert calls == []
    assert p.payload_name == "points"
    assert p.params_tree == {"n": 3, "random_state": 100}


def test_the_payload_is_generated_once_and_loaded_ever_after(tmp_path: Path) -> None:
    expected = spread(tmp_path, points(tmp_path, n=3)).payload
    assert calls == ["spread", "points"] or calls == ["points", "spread"]
    assert spread(tmp_path, points(tmp_path, n=3)).payload == expected
    assert len(calls) == 2


def test_the_data_folder_may_be_a_text(tmp_path: Path) -> None:
    assert len(points(str(tmp_path), 3).payload) == 3


def test_the_keys_are_those_of_a_class(tmp_path: Path) -> None:
    p = PointsP(tmp_path, PointsParams(3), None, payload_name="points")
    assert points(tmp_path, 3).persist_hash == p.persist_hash
    s = SpreadP(tmp_path, SpreadParams(), [p], payload_name="spread")
    assert spread(tmp_path, points(tmp_path, 3)).persist_hash == s.persist_hash


def test_arguments_count_by_name_and_defaults_as_given(tmp_path: Path) -> None:
    keys = {
        points(tmp_path, 3).persist_hash,
        points(tmp_path, n=3).persist_hash,
        points(tmp_path, 3, 100).persist_hash,
        points(tmp_path, random_state=100, n=3).persist_hash,
    }
    assert len(keys) == 1
    assert points(tmp_path, 3, 101).persist_hash not in keys


def test_the_present_params_count(tmp_path: Path) -> None:
    p = points(tmp_path, 3)
    p.params["n"] = 4
    assert p.persist_hash == points(tmp_path, 4).persist_hash
    assert len(p.payload) == 4


def test_it_looks_like_the_function_and_keeps_it() -> None:
    assert points.__name__ == "points"  # type: ignore[attr-defined]
    assert points.__doc__ == "Draws points."
    assert len(points.function(n=2)) == 2
    assert "points" in repr(points)


def test_a_step_can_be_pickled(tmp_path: Path) -> None:
    s = spread(tmp_path, points(tmp_path, 3))
    same = pickle.loads(pickle.dumps(s))
    assert same.persist_hash == s.persist_hash
    assert same.payload == s.payload
    assert pickle.loads(pickle.dumps(points)) is points


SPAWNED = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from persistable import step

@step
def square(n: int) -> int:
    return n * n

def payload(step):
    return step.payload

if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        print(*pool.map(payload, [square(sys.argv[1], n) for n in (2, 3)]))
"""


def test_steps_of_a_script_go_to_other_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SPAWNED)
    command = [sys.executable, str(script), str(tmp_path / "data")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == ["4", "9"]


# --- settings ---------------------------------------------------------------------------------------------------------


def test_name_payload_io_and_version_can_be_said(tmp_path: Path) -> None:
    def made(version: str | None) -> Persistable[Any, Any]:
        @step(payload_name="numbers", payload_io=NumpyFileIO(), version=version)
        def anything(n: int) -> Any:
            return np.arange(n)

        return anything(tmp_path, 3)

    made("1").generate()
    assert sorted(path.suffix for path in tmp_path.glob("numbers(*")) == [".json", ".json", ".npy"]
    assert len({made(version).persist_hash for version in (None, "1", "2")}) == 3
    versioned = PointsP(tmp_path, {"n": 3}, None, payload_name="numbers")  # type: ignore[arg-type]
    versioned.payload_version = "1"
    assert versioned.persist_hash == made("1").persist_hash


@step(untracked=("threads",))
def slow(n: int, threads: int = 1) -> tuple[int, int]:
    return n, threads


def test_untracked_arguments_never_touch_the_key(tmp_path: Path) -> None:
    assert slow(tmp_path, 3, threads=8).persist_hash == slow(tmp_path, 3).persist_hash
    assert slow(tmp_path, 3).params_tree == {"n": 3}
    assert slow(tmp_path, 3, threads=8).payload == (3, 8)
    other = slow(tmp_path, 4, threads=8)
    other.load_generate(threads=2)
    assert other.payload == (4, 2)


def test_a_tracked_one_cannot_be_overridden_later(tmp_path: Path) -> None:
    for name in ("n", "unknown"):
        with pytest.raises(TypeError, match=name):
            slow(tmp_path, 3).load_generate(**{name: 4})
    assert not list(tmp_path.glob("*.manifest.json"))


def test_a_validator_sees_each_payload_and_the_params_it_names(tmp_path: Path) -> None:
    limit = [10]

    def check(payload: list[int], n: int) -> None:
        if len(payload) != n or n > limit[0]:
            raise InvalidPayloadError("mine")

    @step(validate=check)
    def numbers(n: int) -> list[int]:
        return [0] * min(n, 5)

    assert numbers(tmp_path, 3).payload == [0, 0, 0]
    with pytest.raises(InvalidPayloadError, match="mine"):
        numbers(tmp_path, 6).generate()
    limit[0] = 2
    with pytest.raises(InvalidPayloadError, match="mine"):
        numbers(tmp_path, 3).load()


def test_a_validator_may_say_false(tmp_path: Path) -> None:
    @step(validate=lambda payload: payload > 0)
    def number(n: int) -> int:
        return n

    assert number(tmp_path, 1).payload == 1
    with pytest.raises(InvalidPayloadError, match="number"):
        number(tmp_path, 0).generate()


def test_a_wrapped_argument_is_handed_over_unwrapped(tmp_path: Path) -> None:
    excluded = points(tmp_path, PersistableParam(3, exclude_from_file_hash=True))
    assert len(excluded.payload) == 3
    assert excluded.persist_hash == points(tmp_path, PersistableParam(4, exclude_from_file_hash=True)).persist_hash


@step
def smallest(items: list[int], table: dict[str, list[int]], names: set[str], pair: tuple[list[int], int]) -> list[int]:
    items.sort()
    table["a"].clear()
    names.clear()
    pair[0].append(1)
    return items[:1]


def test_a_function_may_change_lists_dicts_and_sets_in_place(tmp_path: Path) -> None:
    given: Any = ([3, 1], {"a": [1]}, {"x"}, ([2], 3))
    made = smallest(tmp_path, *given)
    assert made.payload == [1]
    assert given == ([3, 1], {"a": [1]}, {"x"}, ([2], 3))
    assert smallest(tmp_path, *given).persist_hash == made.persist_hash


def test_a_validator_may_change_its_arguments_too(tmp_path: Path) -> None:
    @step(validate=lambda payload, items: items.sort())
    def length(items: list[int]) -> int:
        return len(items)

    items = [3, 1]
    made = length(tmp_path, items)
    assert made.payload == 2
    assert items == [3, 1]


def test_what_does_not_count_is_handed_over_itself(tmp_path: Path) -> None:
    @step(untracked=("heard",))
    def telling(n: int, told: Any, heard: Any) -> int:
        told.append(n)
        heard.append(n)
        return n

    told: list[int] = []
    heard: list[int] = []
    telling(tmp_path, 3, PersistableParam(told, exclude_from_file_hash=True), heard).generate()
    assert told == heard == [3]


# --- parameters -------------------------------------------------------------------------------------------------------


def test_arguments_that_fit_no_parameter_are_refused(tmp_path: Path) -> None:
    for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"x": 1})):
        with pytest.raises(TypeError):
            points(tmp_path, *args, **kwargs)


def test_positional_and_keyword_only_parameters_are_handed_over_as_such(tmp_path: Path) -> None:
    @step(payload_io=JsonFileIO())
    def strict(a: int, /, b: int, *, c: int = 3) -> list[int]:
        return [a, b, c]

    assert strict(tmp_path, 1, 2).payload == [1, 2, 3]


def test_a_parameter_may_be_named_like_an_argument_of_persistable(tmp_path: Path) -> None:
    @step(payload_io=JsonFileIO())
    def odd(data_dir: int, params: int, self: int, definition: int) -> list[int]:
        return [data_dir, params, self, definition]

    assert odd(tmp_path, 1, 2, self=3, definition=4).payload == [1, 2, 3, 4]
