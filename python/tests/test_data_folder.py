"""A step stays in the data folder that it was made in, whatever folder becomes the current one."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams, run

from persistable import Store, _core
from persistable import step as step_of_function


@pytest.fixture(autouse=True)
def _in_folder_a(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "a")


def manifests(folder: Path) -> int:
    return len(list(folder.glob("*.manifest.json")))


@pytest.mark.parametrize("data_dir", [Path("data"), Path("data/below"), Path("../a/data"), Path()], ids=str)
def test_a_step_does_not_follow_the_current_folder(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = NumberP(data_dir, NumberParams(), None)
    step.generate()
    monkeypatch.chdir(tmp_path / "b")
    step.reset_payload()
    step.load_generate()
    assert step.generations == 1
    step.generate()
    assert not list((tmp_path / "b").iterdir())
    assert manifests(tmp_path / "a" / data_dir) == 1


def test_its_attributes_stay_what_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = NumberP(Path("data"), NumberParams(), None)
    before = step.persist_filepath
    monkeypatch.chdir(tmp_path / "b")
    assert step.data_dir == Path("data")
    assert step.persist_filepath == before == Path("data") / f"number_p({step.persist_hash})"
    assert _core.folder_of(step) == str(tmp_path / "a" / "data")


def test_a_new_step_is_made_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("data")
    NumberP(folder, NumberParams(), None).generate()
    monkeypatch.chdir(tmp_path / "b")
    step = NumberP(folder, NumberParams(), None)
    with pytest.raises(FileNotFoundError):
        step.load()
    step.generate()
    assert manifests(tmp_path / "a" / "data") == manifests(tmp_path / "b" / "data") == 1


def test_another_data_dir_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = NumberP(Path("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    step.data_dir = Path("data")
    step.generate()
    assert manifests(tmp_path / "a" / "data") == 0
    assert manifests(tmp_path / "b" / "data") == 1


def test_the_log_is_in_the_folder_of_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = NumberP(Path("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    second = NumberP(Path("data"), NumberParams(), None)
    first.logger.info("from the first")
    second.logger.info("from the second")
    logs = [(tmp_path / name / "data" / "number_p.log").read_text() for name in ("a", "b")]
    assert "from the first" in logs[0] and "from the second" not in logs[0]
    assert "from the second" in logs[1] and "from the first" not in logs[1]


def test_a_folder_that_was_removed_is_made_again_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = NumberP(Path("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    shutil.rmtree(tmp_path / "a" / "data")
    step.generate()
    assert manifests(tmp_path / "a" / "data") == 1


def test_an_artifact_of_1x_is_looked_for_in_the_folder_of_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from persistable._adoption_name import name_of

    step = NumberP(Path("data"), NumberParams(), None)
    name = name_of(step)
    assert name is not None
    file = tmp_path / "a" / "data" / f"{name.stem}.persistable"
    file.write_bytes(pickle.dumps(5))
    file.chmod(0o600)
    monkeypatch.chdir(tmp_path / "b")
    step.load()
    assert step.payload == 5


def by_pickle(step: Any) -> Any:
    return pickle.loads(pickle.dumps(step))


COPIES: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, by_pickle, lambda step: by_pickle(by_pickle(step))]


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_stays_in_the_folder_of_the_original(
    copied: Callable[[Any], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = NumberP(Path("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    other = copied(step)
    assert _core.folder_of(other) == str(tmp_path / "a" / "data")
    other.generate()
    assert other.data_dir == Path("data")
    assert manifests(tmp_path / "a" / "data") == 1
    assert not list((tmp_path / "b").iterdir())


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_with_another_data_dir_is_elsewhere(copied: Callable[[Any], Any], tmp_path: Path) -> None:
    other = copied(NumberP(Path("data"), NumberParams(), None))
    other.data_dir = tmp_path / "b"
    assert _core.folder_of(other) == str(tmp_path / "b")
    other.generate()
    assert manifests(tmp_path / "b") == 1


def test_a_copy_where_there_is_no_such_folder_takes_the_path_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickled = pickle.dumps(NumberP(Path("data"), NumberParams(), None))
    shutil.rmtree(tmp_path / "a")  # As on another machine.
    monkeypatch.chdir(tmp_path / "b")
    step = pickle.loads(pickled)
    step.generate()
    assert manifests(tmp_path / "b" / "data") == 1
    assert not (tmp_path / "a").exists()


def test_another_process_finds_what_the_original_persisted(tmp_path: Path) -> None:
    step = NumberP(Path("data"), NumberParams(3), None)
    step.generate()
    step.reset_payload()
    pickled = tmp_path / "step"
    pickled.write_bytes(pickle.dumps(step))
    code = """
        import os, pickle, sys
        from pathlib import Path
        os.chdir(sys.argv[1])
        step = pickle.loads(Path(sys.argv[2]).read_bytes())
        step.load()
        print(step.payload)
    """
    assert run(code, tmp_path / "b", pickled) == "3"


def test_a_pickle_opens_nothing_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pickled = pickle.dumps(NumberP(Path("data"), NumberParams(), None))
    shutil.rmtree(tmp_path / "a" / "data")
    step = pickle.loads(pickled)
    assert step.persist_hash
    assert _core.folder_of(step) == str(tmp_path / "a" / "data")
    assert not (tmp_path / "a" / "data").exists()


@pytest.mark.parametrize("is_logged_before", [True, False])
@pytest.mark.parametrize("is_used_before", [True, False])
@pytest.mark.parametrize("is_assigned", [True, False])
@pytest.mark.parametrize("copied", [lambda step: step, *COPIES])
def test_log_lines_of_user_and_core_and_the_artifact_are_in_one_folder(
    copied: Callable[[Any], Any],
    is_assigned: bool,
    is_used_before: bool,
    is_logged_before: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = NumberP(tmp_path / "elsewhere" if is_assigned else Path("data"), NumberParams(), None)
    if is_assigned and not is_logged_before and not is_used_before:
        (tmp_path / "a" / "data").mkdir()  # A copy takes the path anew where there is no such folder.
    if is_assigned:
        step.data_dir = Path("data")
    if is_logged_before:
        step.logger.info("before")
    if is_used_before:
        step.generate()
    monkeypatch.chdir(tmp_path / "b")
    step = copied(step)
    step.logger.info("by the user")
    step.generate()
    step.logger.info("by the user again")
    log = (tmp_path / "a" / "data" / "number_p.log").read_text()
    assert log.count("by the user") == 2
    assert "persisted" in log
    assert manifests(tmp_path / "a" / "data") == 1
    assert not list((tmp_path / "b").iterdir())


@pytest.mark.parametrize("form", [str, Path, lambda path: Store(path), lambda path: Store(Path(path))])
def test_each_form_of_a_relative_data_dir_means_the_folder_at_its_making(
    form: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = NumberP(form("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    step.load_generate()
    assert manifests(tmp_path / "a" / "data") == 1
    assert not list((tmp_path / "b").iterdir())


def test_a_function_bound_to_a_relative_folder_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @step_of_function
    def square(n: int) -> int:
        return n * n

    bound, in_store = square.bind("data"), Store("data").step(square.function)
    monkeypatch.chdir(tmp_path / "b")
    assert bound(n=3).payload == 9
    in_store(n=4).load_generate()
    assert manifests(tmp_path / "a" / "data") == 2
    assert not list((tmp_path / "b").iterdir())


def _generate(step: NumberP) -> str:
    step.load_generate()
    return _core.folder_of(step)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_that_run_elsewhere_use_the_same_folder(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = NumberP(Path("data"), NumberParams(), None)
    monkeypatch.chdir(tmp_path / "b")
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.map(_generate, [step]) == [str(tmp_path / "a" / "data")]
    assert manifests(tmp_path / "a" / "data") == 1
