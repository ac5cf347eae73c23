"""A store: a data folder that steps of functions are bound to."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from decorator_support import points

from persistable import Persistable, PersistableParams, Store, step
from persistable.io import JsonFileIO


@dataclass
class NumberParams(PersistableParams):
    n: int


class NumberP(Persistable[int, NumberParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return self.params.n


def test_a_bound_function_takes_no_data_folder(tmp_path: Path) -> None:
    store = Store(tmp_path)

    @store.step
    def number(n: int, more: int = 1) -> int:
        return n + more

    assert number(n=3).payload == 4
    assert number(3, more=2).payload == 5
    assert number(3).data_dir == tmp_path
    assert len(list(tmp_path.glob("number(*.manifest.json"))) == 2


def test_a_bound_function_takes_the_options_of_step(tmp_path: Path) -> None:
    store = Store(tmp_path)

    @store.step(payload_io=JsonFileIO(), version=2)
    def number(n: int) -> int:
        return n

    made = number(3)
    assert made.payload == 3
    assert made.payload_version == "2"
    assert [path.suffix for path in tmp_path.glob("number(*.json") if "." not in path.stem] == [".json"]


def test_bound_and_unbound_functions_make_the_same_steps(tmp_path: Path) -> None:
    bound = points.bind(tmp_path)
    assert bound(n=3).persist_hash == points(tmp_path, n=3).persist_hash
    assert bound(3).persist_filepath == points(Store(tmp_path), 3).persist_filepath


def test_bind_leads_elsewhere_and_leaves_the_function_as_it_was(tmp_path: Path) -> None:
    here = points.bind(tmp_path / "here")
    there = here.bind(str(tmp_path / "there"))
    assert there(n=3).data_dir == tmp_path / "there"
    assert here(n=3).data_dir == tmp_path / "here"
    assert there.definition is here.definition is points


def test_a_store_is_taken_wherever_a_data_folder_is(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = NumberP(store, NumberParams(3), None)
    assert made.payload == 3
    assert made.data_dir == tmp_path
    made.data_dir = Store(tmp_path / "other")
    assert made.persist_filepath.parent == tmp_path / "other"
    assert made.payload == 3
    made.generate()
    assert list((tmp_path / "other").glob("number_p(*.manifest.json"))
    assert len(points(store, n=2).payload) == 2
    assert Store(store) == store
    assert os.fspath(store) == str(tmp_path)


def test_a_class_takes_a_text_as_its_data_folder(tmp_path: Path) -> None:
    assert NumberP(str(tmp_path), NumberParams(3), None).data_dir == tmp_path


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Store("~/data").path == tmp_path / "data"
    assert Store(Path("~")).path == tmp_path
    assert points("~/data", n=2).data_dir == tmp_path / "data"
    assert NumberP(Path("~/data"), NumberParams(3), None).data_dir == tmp_path / "data"


def test_a_folder_with_the_name_of_a_tilde_is_used_if_it_has_artifacts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    literal = tmp_path / "~" / "data"
    points(literal, n=2).generate()
    for given in ("~/data", Path("~/data")):
        with pytest.warns(UserWarning, match="has artifacts, so it is used as before") as warned:
            made = points(given, n=2)
        assert [Path(each.filename).name for each in warned] == ["test_store.py"]
        made.load()
    with pytest.warns(UserWarning, match="write its whole path"):
        assert Store("~/data").path == literal
    assert Store(literal).path == literal
    (tmp_path / "~" / "empty").mkdir()
    assert Store("~/empty").path == home / "empty"


def test_a_tilde_before_what_is_not_the_name_of_a_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store("~no-such-user/data").path == tmp_path / "~no-such-user" / "data"


def test_a_relative_path_stays_where_it_was_when_the_store_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("data")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert store.path == tmp_path / "data"
    assert points(store, n=2).data_dir == tmp_path / "data"
    assert repr(store) == "Store('data')"


def test_making_a_store_creates_nothing(tmp_path: Path) -> None:
    Store(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_stores_are_equal_by_their_folder(tmp_path: Path) -> None:
    assert Store(tmp_path) == Store(str(tmp_path))
    assert hash(Store(tmp_path)) == hash(Store(str(tmp_path)))
    assert Store(tmp_path) != Store(tmp_path / "other")
    assert Store(tmp_path) != tmp_path
    same = pickle.loads(pickle.dumps(Store(tmp_path)))
    assert same == Store(tmp_path)
    assert repr(same) == repr(Store(tmp_path))


@pytest.mark.parametrize("given", [3, None, b"data", ["data"]])
def test_what_names_no_folder_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="str, a Path or a Store"):
        Store(given)
    with pytest.raises(TypeError, match="str, a Path or a Store"):
        points.bind(given)
    with pytest.raises(TypeError, match="str, a Path or a Store"):
        NumberP(given, NumberParams(3), None)


def test_options_are_checked_when_the_decorator_is_called(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="did you mean 'version'"):
        Store(tmp_path).step(versoin=2)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="did you mean 'version'"):
        step(versoin=2)  # type: ignore[call-overload]
