"""A step in Rust and its twin in Python have one key, and share artifacts both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twins import TWINS
from twins.graph import points
from twins.program import rust
from twins.twin import given, only_loading, shown

from persistable.io import NumpyFileIO


@pytest.mark.parametrize("name", TWINS)
def test_a_step_and_its_twin_have_one_key(tmp_path: Path, name: str) -> None:
    assert TWINS[name](tmp_path).persist_hash == rust("key", tmp_path, name)[:32]


@pytest.mark.parametrize("name", TWINS)
def test_python_loads_what_rust_persisted(tmp_path: Path, name: str) -> None:
    rust("persist", tmp_path / "shared", name)
    loaded = only_loading(TWINS[name](tmp_path / "shared")).payload
    generated = TWINS[name](tmp_path / "own").payload
    if name == "outlier_estimator":  # NumPy adds numbers up in another order.
        assert loaded == pytest.approx(generated, rel=1e-12)
    else:
        assert shown(loaded) == shown(generated)


@pytest.mark.parametrize("name", TWINS)
def test_rust_loads_what_python_persisted(tmp_path: Path, name: str) -> None:
    TWINS[name](tmp_path).generate()
    rust("load", tmp_path, name)


def test_rust_loads_arrays_of_the_other_byte_order(tmp_path: Path) -> None:
    array = np.array([-(2**31), 0, 2**31 - 1], ">i4")
    given("array_of_i32", NumpyFileIO(), lambda: array)[1](tmp_path).generate()
    rust("load", tmp_path, "array_of_i32")


def test_the_points_of_the_readme_lie_where_both_look(tmp_path: Path) -> None:
    rust("persist", tmp_path, "gaussian_distributed_points")
    step = points(tmp_path)
    file = tmp_path / f"{step.persist_filepath.name}.npy"
    assert np.load(file)[0] == 0.771320643266746
    assert only_loading(step).payload[0] == 0.771320643266746
    shown_to_people = json.loads(file.with_name(f"{step.persist_filepath.name}.params.json").read_text())
    assert shown_to_people == step.params_tree


def test_both_write_the_same_files(tmp_path: Path) -> None:
    rust("persist", tmp_path / "rust", "total")
    TWINS["total"](tmp_path / "python").generate()
    names = [sorted(path.name for path in (tmp_path / of).iterdir() if path.is_file()) for of in ("rust", "python")]
    assert names[0] == names[1]
    for name in names[0]:
        if not name.endswith((".manifest.json", ".log")):
            assert (tmp_path / "rust" / name).read_bytes() == (tmp_path / "python" / name).read_bytes(), name


class TestALargeArray:
    """64 MiB, which both sides map."""

    @staticmethod
    def step(data_dir: Path) -> Any:
        return given("large_array", NumpyFileIO(), lambda: np.arange(1 << 23, dtype=np.float64))[1](data_dir)

    def test_of_rust_is_writable_in_python_and_stays_as_it_is_in_its_file(self, tmp_path: Path) -> None:
        rust("persist", tmp_path, "large_array")
        step = only_loading(self.step(tmp_path))
        array = step.payload
        assert array.nbytes == 64 << 20
        assert array.sum() == (1 << 22) * ((1 << 23) - 1)
        assert array.flags.writeable
        array[:] = -1
        step.reset_payload()
        assert step.payload[-1] == (1 << 23) - 1
        rust("load", tmp_path, "large_array")

    def test_of_python_is_mapped_in_rust(self, tmp_path: Path) -> None:
        self.step(tmp_path).generate()
        rust("load", tmp_path, "large_array")
