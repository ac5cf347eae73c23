"""`to_frame()` gives a column a param, in pandas and in polars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from catalogue_support import sweep

from persistable import Catalogue, step
from persistable.io import JsonFileIO


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return sweep(tmp_path / "data")


FACTS = ["size_bytes", "persisted_at", "generation_seconds", "state", "tags", "pinned"]


@pytest.fixture(params=["pandas", "polars"])
def library(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param)
    return str(request.param)


def values(frame: Any, name: str) -> list[Any]:
    return list(frame[name].to_list())


def test_a_param_is_a_column_also_if_it_does_not_vary(catalogue: Catalogue, library: str) -> None:
    frame = catalogue.filter(step="points").sort("n").to_frame(library=library)
    assert list(frame.columns) == ["name", "key", "n", "seed", *FACTS]
    assert values(frame, "n") == [10, 100]
    assert values(frame, "seed") == [0, 0]
    assert values(frame, "state") == ["whole", "whole"]
    assert values(frame, "persisted_at")[0].utcoffset().total_seconds() == 0
    below = catalogue.filter(step="spread").to_frame(library=library)
    assert sorted(values(below, "points.n")) == [10, 10, 100, 100]


def test_ints_stay_ints_where_other_artifacts_lack_the_param(catalogue: Catalogue, library: str) -> None:
    frame = catalogue.to_frame(library=library)
    found = {str(value) for value in values(frame, "n") if isinstance(value, int)}
    assert found == {"10", "100"}


def test_columns_are_chosen(catalogue: Catalogue, library: str) -> None:
    frame = catalogue.filter("n == 10").to_frame(["n", ".io"], library=library)
    assert list(frame.columns) == ["name", "key", "n", ".io", *FACTS]
    assert values(frame, ".io") == ["json"]


def test_an_empty_selection_is_an_empty_frame(catalogue: Catalogue, library: str) -> None:
    frame = catalogue.filter("n > 1e9").to_frame(library=library)
    assert len(frame) == 0
    assert {"size_bytes", "n", "points.n"} <= set(frame.columns)


def test_params_of_any_kind_and_of_a_fact_s_name_have_columns(tmp_path: Path, library: str) -> None:
    @step(payload_io=JsonFileIO())
    def odd(key: Any, state: Any = None) -> int:
        return 1

    for key in (1, "a", None, [1, 2], 2.5, True, {"b": {"c": 3}}):
        odd(tmp_path / "data", key=key).load_generate()
    frame = Catalogue(tmp_path / "data").to_frame(library=library)
    assert len(frame) == 7
    assert len(set(values(frame, "key"))) == 7
    assert "2.5" in {str(value) for value in values(frame, "params.key")}
    assert values(frame, "params.state") == [None] * 7
    assert [value for value in values(frame, "params.key.b.c") if str(value) == "3"] == [3]


def test_the_library_is_one_of_two(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="'pandas' or 'polars'"):
        catalogue.to_frame(library="spark")
