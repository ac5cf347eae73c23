"""Sweeps: combinations of params, and data frames of steps."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

import persistable
from persistable import Store, grid, to_frame


def test_a_grid_has_all_combinations_and_the_last_name_changes_fastest() -> None:
    assert list(grid(z=[1, 2], seed=range(2))) == [
        {"z": 1, "seed": 0},
        {"z": 1, "seed": 1},
        {"z": 2, "seed": 0},
        {"z": 2, "seed": 1},
    ]
    assert list(grid(z=(n for n in (1, 2)), name=["a"])) == [{"z": 1, "name": "a"}, {"z": 2, "name": "a"}]
    assert list(grid()) == [{}]
    assert list(grid(z=[])) == []


def test_a_grid_can_be_iterated_over_again_and_has_a_length() -> None:
    combinations = grid(z=[1, 2], seed=(n for n in range(3)))
    assert len(combinations) == 6
    assert list(combinations) == list(combinations)
    assert len(list(combinations)) == 6
    assert repr(combinations) == "grid(z=[1, 2], seed=[0, 1, 2])"
    values: Any = {"z": [1, 2]}
    with pytest.raises(TypeError, match=r"grid\(\*\*values\)"):
        grid(values)
    assert len(grid(**values)) == 2


@pytest.mark.parametrize("given", [1, "text", b"bytes", {"a": 1}, None])
def test_a_grid_takes_lists_and_says_so_at_once(given: Any) -> None:
    with pytest.raises(TypeError, match=r"write seed=\["):
        grid(z=[1], seed=given)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def frames(library: str) -> Any:
    return pytest.importorskip(library)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_has_a_column_a_param_and_the_scalars_that_are_there(store: Store, library: str) -> None:
    frames(library)

    @store.step
    def loss(z: int, name: str) -> float:
        return z / 2

    steps = [loss(**params) for params in grid(z=[1, 2, 3], name=["a"])]
    persistable.run(steps[:2], progress=False)
    frame = to_frame({"steps": steps}, payloads=True, library=library)
    assert list(frame.columns) == ["z", "name", "payload"]
    assert list(frame["z"]) == [1, 2, 3]
    assert list(frame["payload"])[:2] == [0.5, 1.0]
    assert list(frame["payload"])[2] not in (0.5, 1.0, 1.5)  # Empty: nothing is generated.
    assert persistable.plan(steps).present == 2
    assert list(to_frame(steps, library=library).columns) == ["z", "name"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_has_a_column_for_each_entry_of_a_payload(store: Store, library: str) -> None:
    frames(library)

    @store.step
    def scores(z: int, auc: int) -> dict[str, Any]:
        return {"auc": z * 1.5, "day": datetime.date(2026, 1, z)}

    @store.step
    def other(seed: int) -> list[int]:
        return [seed, seed]

    steps = [scores(1, 7), scores(2, 8)]
    persistable.run([steps, other(3)], progress=False)
    frame = to_frame(steps, payloads=True, library=library)
    assert list(frame.columns) == ["z", "params.auc", "auc", "day"]
    assert list(frame["auc"]) == [1.5, 3.0]
    both = to_frame([*steps, other(3)], payloads=lambda payload: len(payload), library=library)
    assert list(both.columns) == ["payload_name", "z", "auc", "seed", "payload"]
    assert list(both["payload"]) == [2, 2, 2]


def test_a_payload_that_does_not_fit_into_a_cell_is_refused_with_advice(store: Store) -> None:
    @store.step
    def many(n: int) -> list[int]:
        return list(range(n))

    step = many(3)
    persistable.run(step, progress=False)
    with pytest.raises(TypeError, match=r"many\(n=3\): the payload is of type list.*payloads=lambda"):
        to_frame([step], payloads=True)
    with pytest.raises(ValueError, match='library must be "pandas" or "polars"'):
        to_frame([step], library="numpy")


def test_a_frame_leaves_no_payload_in_memory(store: Store) -> None:
    pytest.importorskip("pandas")

    @store.step
    def number(n: int) -> int:
        return n

    kept, dropped = number(1), number(2)
    persistable.run([kept, dropped], progress=False)
    kept.load()
    assert list(to_frame([kept, dropped], payloads=True)["payload"]) == [1, 2]
    assert (kept._payload, dropped._payload) == (1, None)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_tells_steps_apart_by_the_params_of_what_they_depend_on(store: Store, library: str) -> None:
    @store.step
    def raw(z: int, kind: str = "a") -> int:
        return z

    @store.step
    def clean(raw: int) -> int:
        return raw

    @store.step
    def fit(clean: int, alpha: float) -> float:
        return clean * alpha

    frame = to_frame([fit(clean(raw(z)), alpha=0.5) for z in (1, 2)], library=library)
    assert list(frame.columns) == ["alpha", "clean.raw.z"]
    assert list(frame["clean.raw.z"]) == [1, 2]
    assert list(to_frame(fit(clean(raw(1)), alpha=0.5), library=library).columns) == ["alpha"]
