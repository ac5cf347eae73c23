"""`reproduce()`: a payload that is generated again elsewhere is compared by value, and nothing is persisted."""

from __future__ import annotations

import os
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reproduce_support import WORDS, unseeded_of_the_standard_library
from support import NumberP, NumberParams, run

import persistable
from persistable import Persistable, step
from persistable.exceptions import MissingPayloadError, ReproductionError
from persistable.io import FolderFileIO, JsonFileIO, NumpyFileIO


class SeededByKeyP(Persistable[Any, NumberParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return self.rng.random(self.params.n)


@step
def words_in_a_set(n: int) -> set[str]:
    return set(WORDS[:n])


@step
def words_in_the_order_of_a_set(n: int) -> list[str]:
    return list(set(WORDS[:n]))


@step
def unseeded(n: int) -> Any:
    return np.random.random(n)


@step
def summed_by_threads(n: int) -> Any:
    """Rounds by the number of threads, as a matrix product does."""
    parts = 1 if os.environ.get("OMP_NUM_THREADS") == "1" else 3
    values = np.random.default_rng(1).random((n, 1000))
    return np.array([sum(float(part.sum()) for part in np.array_split(row, parts)) for row in values])


@step
def of_surroundings(what: str) -> str:
    return {"cwd": str(Path.cwd()), "time_zone": str(time.timezone), "threads": os.environ.get("OMP_NUM_THREADS", "")}[
        what
    ]


@step(untracked=("threads",))
def with_untracked(n: int, threads: int = 1) -> dict[str, int]:
    assert threads == 7
    return {"n": n}


def test_the_same_bytes_are_identical(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    number.generate()
    found = persistable.reproduce(number)
    assert found.verdict == "identical"
    assert found.is_same and found.is_accepted and found.differences == ()
    assert found.step == f"number_p({number.persist_hash})"
    assert str(found).startswith(f"{found.step}: identical (the same bytes), generated again in ")
    assert number.generations == 1


def test_a_set_of_text_is_equal_under_another_hash_seed(tmp_path: Path) -> None:
    words = words_in_a_set(tmp_path, n=50)
    words.generate()
    assert persistable.reproduce(words).verdict in ("equal", "identical")
    assert words.payload == set(WORDS)


def test_the_order_of_a_set_makes_a_payload_different(tmp_path: Path) -> None:
    words = words_in_the_order_of_a_set(tmp_path, n=50)
    words.generate()
    found = persistable.reproduce(words)
    assert found.verdict == "different"
    assert not found.is_accepted
    assert found.differences[0].path.startswith("[")
    assert "word " in found.differences[0].what
    assert "The code has not changed since the payload was made, so the step is not reproducible" in str(found)


EDITED = """
    import sys, warnings
    import persistable
    from persistable import step

    warnings.simplefilter("ignore")

    @step
    def edited(n: int):
        return n * FACTOR

    @step
    def above(number):
        return number + 1

    if FACTOR == 1:
        above(sys.argv[1], edited(sys.argv[1], n=5)).generate()
    else:
        print(edited(sys.argv[1], n=5).reproduce())
        print(above(sys.argv[1], edited(sys.argv[1], n=5)).reproduce())
"""


def test_other_code_that_gives_another_payload_is_advised_on_and_noted_above(tmp_path: Path) -> None:
    for factor in (1, 2):
        told = run(textwrap.dedent(EDITED).replace("FACTOR", str(factor)), tmp_path)
    edited, above = told.split("\nabove(")
    assert "different" in edited
    assert "To replace the persisted payload, call generate()" in edited
    assert ": identical" in above
    assert ", which it depends on, is stale itself: code: " in above


def test_a_reproduction_shows_as_text_at_the_prompt_and_as_a_table_in_a_notebook(tmp_path: Path) -> None:
    words = words_in_the_order_of_a_set(tmp_path, n=50)
    words.generate()
    found = words.reproduce()
    assert repr(found) == str(found)
    assert repr(found.differences[0]) == str(found.differences[0])
    html = found._repr_html_()
    assert html.startswith(f"<table><caption>{found.step}</caption>")
    assert "another value" in html
    assert "is not reproducible" in html


@pytest.mark.parametrize(("makes_steps", "name"), [(unseeded, "unseeded"), (NumberP, "NumberP")])
def test_what_makes_steps_is_not_a_step(makes_steps: Any, name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} makes steps: call it with a data folder first, as in {name}"):
        persistable.reproduce(makes_steps)
    with pytest.raises(TypeError, match="not an object of type str"):
        persistable.reproduce("data")  # type: ignore[arg-type]


def test_numbers_that_are_seeded_by_the_key_are_identical(tmp_path: Path) -> None:
    seeded = SeededByKeyP(tmp_path, NumberParams(5))
    seeded.generate()
    assert persistable.reproduce(seeded).verdict == "identical"


@pytest.mark.parametrize("random_step", [unseeded, unseeded_of_the_standard_library])
def test_numbers_without_a_seed_are_different_and_the_largest_error_is_told(tmp_path: Path, random_step: Any) -> None:
    numbers = random_step(tmp_path, n=20)
    numbers.unseeded = "ignore"
    numbers.generate()
    found = persistable.reproduce(numbers)
    assert found.verdict == "different"
    assert 0 < found.largest_absolute_error < 1
    assert 0 < found.largest_relative_error <= 1
    assert "largest absolute error" in str(found)


def test_rounding_by_the_number_of_threads_is_close_and_accepted_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    sums = summed_by_threads(tmp_path, n=50)
    sums.generate()
    found = persistable.reproduce(sums)
    assert found.verdict == "close"
    assert 0 < found.largest_relative_error < 1e-14
    assert not found.is_accepted
    assert "call accept_code()" in str(found)
    assert persistable.reproduce(sums, keep=["threads"]).verdict == "identical"
    exact = persistable.reproduce(sums, relative_tolerance=0, absolute_tolerance=0)
    assert exact.verdict == "close", "rounding in the last bits is close in any case"


@pytest.mark.parametrize("what", ["cwd", "time_zone", "threads"])
def test_what_a_payload_depends_on_is_found_out_by_keeping_it(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    surroundings = of_surroundings(tmp_path, what=what)
    surroundings.generate()
    assert persistable.reproduce(surroundings).verdict == "different"
    assert persistable.reproduce(surroundings, keep=[what]).verdict == "identical"


def test_what_can_be_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'time_zone'.*not 'weather'"):
        persistable.reproduce(NumberP(tmp_path, NumberParams()), keep=["weather"])


def test_a_step_that_is_not_persisted_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingPayloadError, match=r"to compare with: call generate\(\)"):
        persistable.reproduce(NumberP(tmp_path, NumberParams()))


def test_the_payload_in_memory_is_neither_used_nor_lost(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    number.generate()
    number._payload = 6
    assert persistable.reproduce(number).verdict == "identical"
    assert number.payload == 6


def test_untracked_params_are_handed_on(tmp_path: Path) -> None:
    handed = with_untracked(tmp_path, n=1)
    handed.generate(threads=7)
    assert persistable.reproduce(handed, threads=7).verdict == "identical"
    with pytest.raises(ReproductionError, match="AssertionError"):
        persistable.reproduce(handed, threads=8)


@pytest.mark.parametrize("payload_io", [NumpyFileIO(), None])
def test_arrays_are_compared_whatever_keeps_them(tmp_path: Path, payload_io: Any) -> None:
    numbers = step(payload_io=payload_io, payload_name="numbers")(_shuffled)(tmp_path, n=1000)
    numbers.unseeded = "ignore"
    numbers.generate()
    found = persistable.reproduce(numbers)
    assert found.verdict == "different"
    assert "of 1000 elements" in found.differences[0].what


def _shuffled(n: int) -> Any:
    return np.random.permutation(n).astype("f8")


def test_payloads_that_are_folders_are_compared(tmp_path: Path) -> None:
    def write(payload: list[str], folder: Path) -> None:
        for name in payload:
            (folder / name).write_text(name)

    def read(folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir())

    files = step(payload_io=FolderFileIO(write, read), payload_name="files")(_names)(tmp_path, n=3)
    files.generate()
    assert persistable.reproduce(files).verdict == "identical"


def _names(n: int) -> list[str]:
    return list(WORDS[:n])


def test_json_is_compared_by_value(tmp_path: Path) -> None:
    described = step(payload_io=JsonFileIO(), payload_name="described")(_described)(tmp_path, n=30)
    described.generate()
    assert persistable.reproduce(described).verdict == "equal"


def _described(n: int) -> dict[str, int]:
    return {word: len(word) for word in set(WORDS[:n])}


class OverridingP(Persistable[int, NumberParams]):
    """Its user has put something around `generate` and `_post_generate`."""

    def generate(self, persist: bool = True, **untracked_payload_params: Any) -> None:
        super().generate(persist, **untracked_payload_params)

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return self.params.n


class WithHookP(Persistable[int, NumberParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return self.params.n

    def _post_generate(self, **untracked_payload_params: Any) -> None:
        Path(self.data_dir, "told").write_text("generated")


def test_a_generate_of_the_step_s_own_is_used(tmp_path: Path) -> None:
    overriding = OverridingP(tmp_path, NumberParams(5))
    overriding.generate()
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("overriding_p(*")}
    assert persistable.reproduce(overriding, accept=False).verdict == "identical"
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("overriding_p(*")} == files


def test_the_hook_behind_a_generation_does_not_run(tmp_path: Path) -> None:
    hooked = WithHookP(tmp_path, NumberParams(5))
    hooked.generate()
    (tmp_path / "told").unlink()
    assert persistable.reproduce(hooked).verdict == "identical"
    assert not (tmp_path / "told").exists()
