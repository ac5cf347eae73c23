"""What 1.x got wrong, each line of the contract's "Better"."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from persistable import Persistable, PersistableParams
from persistable.data import PersistableParam
from persistable.exceptions import DamagedPayloadError, InvalidNameError, PayloadError, UnsupportedParameterError


@dataclass
class ValueParams(PersistableParams):
    value: Any = None


class ValueP(Persistable[Any, ValueParams]):
    """Its payload is the text of its param; it counts its generations."""

    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        self.generations += 1
        return repr(self.params.value)


class NothingP(Persistable[None, None]):
    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> None:
        type(self).generations += 1


def step(folder: Path, value: Any = None, **kwargs: Any) -> ValueP:
    return ValueP(folder, ValueParams(value), None, **kwargs)


def payload_file(step: Persistable[Any, Any]) -> Path:
    return step.persist_filepath.with_name(step.persist_filepath.name + ".persistable")


# --- None is a legal payload ------------------------------------------------------------------------------------------


def test_none_is_generated_persisted_and_loaded_like_any_payload(tmp_path: Path) -> None:
    NothingP.generations = 0
    first = NothingP(tmp_path, None, None)
    assert first.payload is None
    assert first.payload is None
    first.validate_payload()
    first.persist()
    second = NothingP(tmp_path, None, None)
    second.load()
    assert second.payload is None
    assert NothingP.generations == 1
    second.reset_payload()
    with pytest.raises(ValueError):
        second.persist()


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_name_with_a_dot_keeps_its_hash_in_the_file_name(tmp_path: Path) -> None:
    one, two = step(tmp_path, 1, payload_name="points.v2"), step(tmp_path, 2, payload_name="points.v2")
    assert (one.payload, two.payload) == ("1", "2")
    assert payload_file(one).is_file()
    assert one.persist_hash in payload_file(one).name
    assert step(tmp_path, 1, payload_name="points.v2").payload == "1"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "../up", "a\nb", "a\0b", "a" * 300, "/etc/x"])
def test_what_cannot_be_a_file_name_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        step(tmp_path / "new", payload_name=name)
    assert not (tmp_path / "new").exists()


def test_a_name_that_is_reassigned_is_checked_too(tmp_path: Path) -> None:
    one = step(tmp_path / "data")
    one.payload_name = "../up"
    with pytest.raises(ValueError):
        one.generate()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_name_or_a_suffix_that_is_no_unicode_is_an_invalid_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidNameError, match="surrogate"):
        step(tmp_path / "new", payload_name="a\ud800")
    one = step(tmp_path / "data")
    one.payload_file_suffix = ".\udfff"
    with pytest.raises(InvalidNameError, match="surrogate"):
        one.generate()
    assert not (tmp_path / "new").exists()


# --- the tree ---------------------------------------------------------------------------------------------------------


def test_two_dependencies_of_one_name_stay_distinct(tmp_path: Path) -> None:
    def total(*values: int) -> Persistable[Any, None]:
        return Persistable(tmp_path, None, [step(tmp_path, value) for value in values], payload_name="total")

    tree = total(1, 2).params_tree
    assert sorted(below["value"] for below in tree.values()) == [1, 2]
    hashes = {total(*values).persist_hash for values in [(1, 2), (2, 2), (1, 3), (2, 1), (2,), (1, 2, 2)]}
    assert len(hashes) == 6


def test_a_dependency_named_like_a_field_stays_distinct(tmp_path: Path) -> None:
    def made(value: int, below: int) -> Persistable[Any, Any]:
        dependency = step(tmp_path, below, payload_name="value")
        return Persistable(tmp_path, ValueParams(value), [dependency], payload_name="total")

    tree = made(1, 2).params_tree
    assert tree["value"] == 1
    assert {"value": 2} in tree.values()
    assert len({made(*numbers).persist_hash for numbers in [(1, 2), (2, 2), (1, 3)]}) == 3


# --- identity ---------------------------------------------------------------------------------------------------------


class Color(Enum):
    RED = 1


class Mood(Enum):
    RED = 1


@dataclass
class Tree:
    depth: int = 1


@dataclass
class Forest:
    depth: int = 1


def large(index: int) -> np.ndarray[Any, Any]:
    array = np.zeros(100_000)
    array[index] = 1.0
    return array


# In each line, no two are the same, and 1.x took some of them for the same.
APART = [
    [large(500), large(501), large(500).astype(np.float32), large(500).reshape(-1, 10)],
    [pd.DataFrame({"a": large(500)}), pd.DataFrame({"a": large(501)}), pd.DataFrame({"b": large(500)})],
    [Color.RED, Mood.RED, "RED", 1],
    [Tree(), Forest(), {"depth": 1}, (1,)],
    [datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), "2020-01-01"],
    [datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)],
    [{1, 2}, [1, 2], (1, 2), {1: 2}],
    [1, 1.0, True, "1", b"1", None],
    [Path("a"), "a"],
    [0.0, -0.0],
    [{1: "a"}, {"1": "a"}],
]


@pytest.mark.parametrize("values", APART, ids=lambda values: type(values[0]).__name__)
def test_values_are_told_apart_by_content_and_type(tmp_path: Path, values: list[Any]) -> None:
    assert len({step(tmp_path, value).persist_hash for value in values}) == len(values)
    assert len({step(tmp_path, [{"deep": value}]).persist_hash for value in values}) == len(values)


@pytest.mark.parametrize("value", [object(), lambda: 1, sys.stdout, (number for number in ()), {"deep": [object()]}])
def test_what_cannot_be_identified_is_refused_with_its_path(tmp_path: Path, value: Any) -> None:
    one = step(tmp_path, value)
    with pytest.raises(UnsupportedParameterError, match="value") as caught:
        one.generate()
    assert isinstance(caught.value, TypeError)
    assert " at 0x" not in str(caught.value)
    assert one.generations == 0
    if isinstance(value, dict):
        assert "deep" in str(caught.value)
        assert "[0]" in str(caught.value)


def test_the_order_of_fields_entries_and_members_does_not_matter(tmp_path: Path) -> None:
    def made(names: str) -> type[PersistableParams]:
        return dataclass(type("Params", (PersistableParams,), {"__annotations__": dict.fromkeys(names, int)}))

    first = Persistable(tmp_path, made("ab")(a=1, b=2), None, payload_name="x")  # type: ignore[call-arg]
    second = Persistable(tmp_path, made("ba")(a=1, b=2), None, payload_name="x")  # type: ignore[call-arg]
    assert first.persist_hash == second.persist_hash
    entries = [step(tmp_path, dict(items)).persist_hash for items in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])]
    assert len(set(entries)) == 1
    members = [step(tmp_path, set(items)).persist_hash for items in ("abcdef", "fedcba")]
    assert len(set(members)) == 1


HASH = """
import sys
from pathlib import Path
from test_contract_better import step
print(step(Path(sys.argv[1]), {"set": set("abcdef"), "nested": [{"x": 1.5, "y": (None, b"z")}]}).persist_hash)
"""


def test_the_hash_is_the_same_in_any_process(tmp_path: Path) -> None:
    hashes = set()
    for seed in ("0", "1", "77"):
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        command = [sys.executable, "-c", HASH, str(tmp_path)]
        hashes.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    assert len(hashes) == 1


def test_excluded_params_do_not_enter_the_identity(tmp_path: Path) -> None:
    @dataclass
    class Params(PersistableParams):
        n: int
        threads: PersistableParam[int]

    def made(threads: int, n: int = 1) -> Persistable[Any, Any]:
        params = Params(n, PersistableParam(threads, exclude_from_file_hash=True))
        return Persistable(tmp_path, params, None, payload_name="x")

    assert made(1).persist_hash == made(8).persist_hash != made(1, 2).persist_hash
    assert made(8).params_tree == {"n": 1, "threads": 8}


def test_a_wrapped_param_that_is_not_excluded_counts_as_its_value(tmp_path: Path) -> None:
    assert step(tmp_path, PersistableParam(5)).persist_hash == step(tmp_path, 5).persist_hash


def test_the_identity_honours_exclusions_and_encoders(tmp_path: Path) -> None:
    class Strange:
        def __init__(self, number: int) -> None:
            self.number = number

    @dataclass
    class Params(PersistableParams):
        strange: Any
        threads: int = 1
        inner: ValueParams = field(default_factory=ValueParams)

        @property
        def _excluded_attributes(self) -> set[str]:
            return {"threads"}

        @property
        def _custom_type_encoder_map(self) -> dict[type, Any]:
            return {Strange: lambda strange: strange.number}

    def hashed(*args: Any) -> str:
        return Persistable(tmp_path, Params(*args), None, payload_name="x").persist_hash

    assert hashed(Strange(1), 1) == hashed(Strange(1), 2) != hashed(Strange(2), 1)
    assert hashed([Strange(1)]) != hashed([Strange(2)])


# --- damage -----------------------------------------------------------------------------------------------------------


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


DAMAGE = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "flipped": flipped,
    "longer": lambda data: data + b"x",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("suffix", [".persistable", ".manifest.json"])
def test_a_damaged_artifact_is_never_returned_and_never_blocks(tmp_path: Path, damage: str, suffix: str) -> None:
    one = step(tmp_path, "x")
    one.generate()
    file = one.persist_filepath.with_name(one.persist_filepath.name + suffix)

    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    with pytest.raises(DamagedPayloadError) as caught:
        step(tmp_path, "x").load()
    assert isinstance(caught.value, PayloadError)
    assert not isinstance(caught.value, FileNotFoundError)
    with pytest.raises(FileNotFoundError):  # It was put into quarantine.
        step(tmp_path, "x").load()
    assert step(tmp_path, "x").payload == "'x'"

    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    other = step(tmp_path, "x")
    other.load_generate()
    assert (other.payload, other.generations) == ("'x'", 1)
    assert step(tmp_path, "x").payload == "'x'"


def test_a_payload_without_a_manifest_does_not_exist(tmp_path: Path) -> None:
    one = step(tmp_path, "x")
    one.generate()
    one.persist_filepath.with_name(one.persist_filepath.name + ".manifest.json").unlink()
    with pytest.raises(FileNotFoundError):
        step(tmp_path, "x").load()


def test_the_params_file_is_for_people_and_not_needed(tmp_path: Path) -> None:
    one = step(tmp_path, "x")
    one.generate()
    file = one.persist_filepath.with_name(one.persist_filepath.name + ".params.json")
    assert json.loads(file.read_text()) == one.params_tree
    file.unlink()
    step(tmp_path, "x").load()


# --- the present values -----------------------------------------------------------------------------------------------


def test_a_payload_of_earlier_params_is_not_that_of_the_present_ones(tmp_path: Path) -> None:
    one = step(tmp_path, 1)
    assert one.payload == "1"
    one.params.value = 2
    assert one.payload == "2"
    assert step(tmp_path, 1).payload == "1"
    one.params.value = 3
    with pytest.raises(ValueError):
        one.persist()


def test_payload_classes_of_main_are_pickled(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(MAIN)
    path = os.pathsep.join(sys.path)
    command = [sys.executable, str(script), str(tmp_path)]
    for expected in ("generated", "loaded"):
        out = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True, text=True
        ).stdout
        assert out.split() == [expected, "3"]


MAIN = """
import sys
from pathlib import Path
from persistable import Persistable

class Model:
    def __init__(self, size):
        self.size = size

class ModelP(Persistable[Model, None]):
    said = "loaded"
    def _generate_payload(self, **untracked):
        self.said = "generated"
        return Model(3)

step = ModelP(Path(sys.argv[1]), None, None)
size = step.payload.size
assert isinstance(step.payload, Model)
print(step.said, size)
"""
