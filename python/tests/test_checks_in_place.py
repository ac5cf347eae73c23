"""A step that changes the payload of a dependency in place is told so; one that only reads it never is."""

from __future__ import annotations

import collections
import dataclasses
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd
import polars as pl
import pytest

from persistable import Persistable, configure, step
from persistable._checks.current import generating
from persistable._checks.in_place import changed_uses, note_use
from persistable._checks.pages import is_mapped, written_pages
from persistable.exceptions import ChangedInPlaceWarning

# Large enough to be mapped when it is loaded.
MANY = 400_000


class Made(Persistable[Any, Any]):
    """A step whose payload a function makes."""

    def __init__(self, folder: Path, make: Callable[[], Any], name: str = "points") -> None:
        super().__init__(folder, None, payload_name=name)
        self.make = make

    def _generate_payload(self) -> Any:
        return self.make()


def loaded(folder: Path, make: Callable[[], Any]) -> Made:
    """Returns a step whose payload came out of its file."""
    Made(folder, make).generate()
    made = Made(folder, make)
    made.load()
    return made


def used(user: Any, dependency: Any, use: Callable[[Any], object]) -> list[str]:
    """Returns what is said when a step uses the payload of a dependency."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ChangedInPlaceWarning)
        with generating(user):
            payload = dependency.payload
            note_use(dependency, payload)
            use(payload)
            changed_uses()
    assert {each.category for each in caught} <= {ChangedInPlaceWarning}
    return [str(each.message) for each in caught]


@dataclasses.dataclass
class Data:
    rows: list[int]
    weights: Any = None


@attrs.define
class Slotted:
    rows: list[int]


class WithCache:
    """An object that remembers what it computed."""

    def total(self) -> int:
        self.cached = 1
        return self.cached


class Model:
    """An object of a class that declares no fields."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.weights = np.arange(3.0)
        self.names = ["a"]
        self.memo: dict[int, int] = {}
        self.cached: Any = None
        self.unknown = float("nan")

    def total(self) -> float:
        self.cached = self.memo[1] = 1
        self._calls = getattr(self, "_calls", 0) + 1
        return float(self.weights.sum()) * self.scale


class Estimator:
    """An estimator as scikit-learn has them."""

    predictions = 0

    def get_params(self) -> dict[str, Any]:
        return {}

    def fit(self, targets: Any) -> Estimator:
        self.mean_, self.coef_ = float(np.mean(targets)), np.array(targets)
        return self

    def predict(self) -> Any:
        self.predictions = self.predictions + 1
        return self.coef_ * self.mean_


class Network:
    """A module as PyTorch has them."""

    training = True

    def __init__(self) -> None:
        self.training = True

    def state_dict(self) -> dict[str, Any]:
        return {}

    def eval(self) -> None:
        self.training = False


def put(key: Any, value: Any) -> Callable[[Any], None]:
    def change(payload: Any) -> None:
        payload[key] = value

    return change


def scale(payload: Any) -> None:
    payload *= 2


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "an element of an array": (lambda: np.arange(100.0), put(3, 9)),
    "a small array, sorted": (lambda: np.arange(100)[::-1].copy(), lambda it: it.sort()),
    "a large array": (lambda: np.arange(float(MANY)), scale),
    "a large matrix, by columns": (lambda: np.asfortranarray(np.ones((MANY // 10, 10))), scale),
    "an array of objects": (lambda: np.array([1, "a", None], dtype=object), put(0, 2)),
    "an array of a dict": (
        lambda: {"x": np.arange(9), "y": 1},
        lambda it: it["x"].sort(kind="stable") or put(0, 5)(it["x"]),
    ),
    "a list, longer": (lambda: [1, 2], lambda it: it.append(3)),
    "a list, sorted": (lambda: [3, 1, 2], lambda it: it.sort()),
    "a large list, longer": (lambda: list(range(100_000)), lambda it: it.append(3)),
    "a list within a list": (lambda: [[1], [2]], lambda it: it[1].clear()),
    "a dict": (lambda: {"a": 1}, put("a", 2)),
    "a key of a dict": (lambda: {"a": 1}, lambda it: it.pop("a")),
    "a deep dict": (lambda: {"a": {"b": [1, {"c": 2}]}}, lambda it: it["a"]["b"][1].update(c=3)),
    "a set": (lambda: {1, 2}, lambda it: it.add(3)),
    "a deque": (lambda: collections.deque([1]), lambda it: it.appendleft(0)),
    "bytes": (lambda: bytearray(b"ab"), put(0, 99)),
    "a list in a tuple": (lambda: ([1], 2), lambda it: it[0].append(3)),
    "a data class": (lambda: Data([1]), lambda it: setattr(it, "weights", 2)),
    "a list in a data class": (lambda: Data([1]), lambda it: it.rows.append(2)),
    "a list in an attrs class": (lambda: Slotted([1]), lambda it: it.rows.append(2)),
    "a new column": (lambda: pd.DataFrame({"a": [1.0, 2.0]}), put("b", 3)),
    "a column that is replaced": (lambda: pd.DataFrame({"a": [1, 2], "b": [3, 4]}), put("b", [5, 6])),
    "the only column": (lambda: pd.DataFrame({"a": [1, 2]}), put("a", [5, 6])),
    "a cell": (lambda: pd.DataFrame({"a": [1.0, 2.0], "b": [1, 2]}), lambda it: it.__setitem__("a", it["a"] * 2)),
    "rows that are dropped": (lambda: pd.DataFrame({"a": [1, 2]}), lambda it: it.drop(index=0, inplace=True)),
    "columns that are renamed": (
        lambda: pd.DataFrame({"a": [1]}),
        lambda it: it.rename(columns={"a": "b"}, inplace=True),
    ),
    "a value of a series": (lambda: pd.Series([1.0, 2.0]), lambda it: it.__setitem__(0, 5.0)),
    "an attribute": (Model, lambda it: setattr(it, "scale", 2.0)),
    "an array of an object": (Model, lambda it: scale(it.weights)),
    "another array of an object": (Model, lambda it: setattr(it, "weights", it.weights * 2)),
    "a list of an object": (Model, lambda it: it.names.append("b")),
    "an object in a dict": (lambda: {"a": Model()}, lambda it: setattr(it["a"], "scale", 2.0)),
    "an estimator that is fitted again": (lambda: Estimator().fit([1.0]), lambda it: it.fit([2.0])),
    "rows that polars adds": (lambda: pl.DataFrame({"a": [1]}), lambda it: it.extend(pl.DataFrame({"a": [2]}))),
    "a column that polars adds": (
        lambda: pl.DataFrame({"a": [1]}),
        lambda it: it.insert_column(0, pl.Series("b", [2])),
    ),
    "a series that polars appends to": (lambda: pl.Series([1]), lambda it: it.append(pl.Series([2]))),
    "a cell by loc": (lambda: pd.DataFrame({"a": [1.0, 2.0]}), lambda it: it.loc.__setitem__((0, "a"), 7.0)),
}


@pytest.mark.parametrize(("make", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_in_place_warns(tmp_path: Path, make: Callable[[], Any], change: Callable[[Any], object]) -> None:
    user = Made(tmp_path, lambda: None, "spread")
    for dependency in (Made(tmp_path / "generated", make), loaded(tmp_path / "loaded", make)):
        (said,) = used(user, dependency, change)
        assert said.startswith(
            "spread changed the payload of points in place, so other steps get the changed payload: "
        )


def read_frame(frame: Any) -> object:
    """Reads a frame in the ways that unite its blocks."""
    frame.to_numpy(), frame.mean(), frame.copy(), frame.isna().sum(), frame.iloc[:1], frame.T, frame.describe()
    frame.sort_values("a"), frame.groupby("a").sum(), frame["a"], frame.values, frame.columns, frame.quantile(0.5)
    return frame._consolidate_inplace() if hasattr(frame, "_consolidate_inplace") else None


def scattered() -> Any:
    frame = pd.DataFrame({"a": np.arange(50_000.0)})
    frame["b"] = 1.0
    frame["c"] = 2.0
    return frame


READS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "a number": (lambda: 1, lambda it: it + 1),
    "text": (lambda: "a", lambda it: it * 2),
    "an array": (lambda: np.arange(9.0), lambda it: (it * 2, np.sort(it), it.reshape(3, 3), it[1:])),
    "an array with NaN": (lambda: np.array([np.nan, 1]), lambda it: it.sum()),
    "a list with NaN": (lambda: [float("nan"), [float("nan")]], lambda it: sorted(map(str, it))),
    "a large array": (lambda: np.arange(float(MANY)), lambda it: (it.sum(), it * 2, np.sort(it))),
    "a large array in a dict": (lambda: {"x": np.arange(float(MANY))}, lambda it: it["x"].mean()),
    "a list": (lambda: [3, [1], {"a": 2}], lambda it: (list(it), len(it), it[1] + it[1])),
    "a large list": (lambda: list(range(100_000)), lambda it: sum(it)),
    "a default dict": (lambda: collections.defaultdict(list, a=[1]), lambda it: it["b"]),
    "an object with a cache": (WithCache, lambda it: it.total()),
    "an object with caches": (Model, lambda it: it.total()),
    "an attribute that stays as it was": (Model, lambda it: setattr(it, "weights", it.weights.copy())),
    "an estimator": (lambda: Estimator().fit([1.0]), lambda it: (it.predict(), it.predict())),
    "an estimator that is fitted to the same": (lambda: Estimator().fit([1.0]), lambda it: it.fit([1.0])),
    "a network that is switched to evaluation": (Network, lambda it: it.eval()),
    "gaps that are not there": (lambda: pd.DataFrame({"a": [1.0], "b": [3]}), lambda it: it.fillna(0, inplace=True)),
    "columns that keep their names": (
        lambda: pd.DataFrame({"a": [1.0], np.nan: [3]}),
        lambda it: it.rename(columns={"x": "y"}, inplace=True),
    ),
    "a frame": (lambda: pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]}), read_frame),
    "a frame of text": (lambda: pd.DataFrame({"a": ["x", "y"]}), lambda it: (it["a"].str.upper(), it.copy())),
    "a frame of many blocks": (scattered, read_frame),
    "a series": (lambda: pd.Series([1.0, np.nan]), lambda it: (it.fillna(0), it.mean(), it.sort_values())),
    "a frame of polars": (
        lambda: pl.DataFrame({"a": [1]}),
        lambda it: (it.with_columns(b=1), it.extend(pl.DataFrame({"a": []}, schema=it.schema)), it.vstack(it)),
    ),
    "a copy that is changed": (lambda: np.arange(float(MANY)), lambda it: scale(it.copy())),
    "a cyclic list": (lambda: (lambda it: (it.append(it), it)[1])([1]), lambda it: len(it)),
}


@pytest.mark.parametrize(("make", "read"), READS.values(), ids=READS.keys())
def test_reading_does_not_warn(tmp_path: Path, make: Callable[[], Any], read: Callable[[Any], object]) -> None:
    user = Made(tmp_path, lambda: None, "spread")
    for dependency in (Made(tmp_path / "generated", make), loaded(tmp_path / "loaded", make)):
        assert used(user, dependency, read) == []


ON_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of pages")


@ON_LINUX
def test_one_element_of_a_mapped_array_is_noticed(tmp_path: Path) -> None:
    points = loaded(tmp_path, lambda: {"x": np.arange(float(MANY)), "y": np.arange(float(MANY))})
    user = Made(tmp_path, lambda: None, "spread")
    assert is_mapped(points.payload["y"])
    assert used(user, points, lambda it: it["x"].sum()) == []
    assert len(used(user, points, lambda it: put(MANY // 3, -1.0)(it["y"]))) == 1
    # What was written to before is nobody's fault now.
    assert used(user, points, lambda it: it["y"].sum()) == []


@ON_LINUX
def test_one_cell_of_a_mapped_frame_is_noticed(tmp_path: Path) -> None:
    points = loaded(tmp_path, lambda: pd.DataFrame({"a": np.arange(float(MANY)), "b": 1.0}))
    user = Made(tmp_path, lambda: None, "spread")
    assert len(used(user, points, lambda it: it.loc.__setitem__((MANY // 3, "b"), 7.0))) == 1


@ON_LINUX
def test_pages_that_were_only_read_are_not_counted_as_written(tmp_path: Path) -> None:
    array = loaded(tmp_path, lambda: np.arange(float(MANY))).payload
    place = array.__array_interface__["data"][0], array.nbytes
    assert written_pages(*place) == 0
    array.sum()
    assert written_pages(*place) == 0
    array[0] = array[MANY // 2] = 1
    assert written_pages(*place) == 2


def test_arrays_in_memory_are_not_taken_for_mapped_ones() -> None:
    assert not is_mapped(np.arange(10))
    assert not is_mapped(np.frombuffer(bytearray(8)))


def test_the_advice_is_a_line_that_works(tmp_path: Path) -> None:
    class Spread(Made): ...

    spread = Spread(tmp_path, lambda: None, "spread")
    arrays, lists = Made(tmp_path / "a", lambda: np.arange(3)), Made(tmp_path / "b", lambda: [1])
    assert used(spread, arrays, put(0, 9))[0].endswith(": copy it first, `x = points.payload.copy()`")
    assert used(spread, lists, put(0, 9))[0].endswith(": copy it first, `x = copy.deepcopy(points.payload)`")

    @step
    def doubled(points: Any) -> Any:
        points *= 2

    made = doubled(tmp_path, arrays)
    assert used(made, arrays, put(0, 7))[0].endswith(": copy it first, `x = points.copy()`")


def test_each_dependency_is_told_once(tmp_path: Path) -> None:
    points, others = Made(tmp_path, lambda: [1]), Made(tmp_path, lambda: [2], "others")
    with generating(Made(tmp_path, lambda: None, "spread")), pytest.warns(ChangedInPlaceWarning) as caught:
        for dependency in (points, others, points):
            note_use(dependency, dependency.payload)
            dependency.payload.append(3)
        assert changed_uses() == [points, others]
        assert changed_uses() == []
    assert len(caught) == 2


def test_a_generation_around_another_does_not_answer_for_it(tmp_path: Path) -> None:
    points = Made(tmp_path, lambda: np.arange(9))
    inner, outer = Made(tmp_path, lambda: None, "inner"), Made(tmp_path, lambda: None, "outer")
    said: list[str] = []
    assert used(outer, points, lambda _: said.extend(used(inner, points, put(0, 5)))) == []
    assert [each.split()[0] for each in said] == ["inner"]
    both = used(outer, points, lambda it: (used(inner, points, put(1, 5)), put(2, 5)(it)))
    assert [each.split()[0] for each in both] == ["outer"]


def test_outside_of_a_generation_nothing_is_noted(tmp_path: Path) -> None:
    points = Made(tmp_path, lambda: [1])
    note_use(points, points.payload)
    points.payload.append(2)
    assert changed_uses() == []


def test_a_payload_that_was_dropped_meanwhile_is_not_told_and_not_kept(tmp_path: Path) -> None:
    import gc
    import weakref

    points = Made(tmp_path, lambda: {"x": np.arange(MANY)})
    kept = weakref.ref(points.payload["x"])

    def drop(payload: Any) -> None:
        payload.clear()

    with generating(Made(tmp_path, lambda: None, "spread")):
        note_use(points, points.payload)
        points.reset_payload()
        gc.collect()
        assert kept() is None
        assert changed_uses() == []


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    user, points = Made(tmp_path, lambda: None, "spread"), Made(tmp_path, lambda: [1])
    configure(changed_in_place="ignore")
    try:
        assert used(user, points, put(0, 2)) == []
    finally:
        configure(changed_in_place=None)
