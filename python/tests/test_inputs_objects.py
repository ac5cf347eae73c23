"""`InputFile` and `InputFolder` as objects: how they are read, copied and shown, and where a relative path leads."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from input_support import canonical, text_step, write

from persistable import InputFile, InputFolder

# --- the objects ------------------------------------------------------------------------------------------------------


def test_a_file_is_read_as_any_path_is(tmp_path: Path) -> None:
    csv = InputFile(write(tmp_path / "a.csv", "één"))
    assert os.fspath(csv) == str(csv) == str(tmp_path / "a.csv")
    assert csv.read_text() == csv.read_bytes().decode("utf-8") == "één"
    with csv.open() as binary, csv.open("r", encoding="utf-8") as text:
        assert binary.read() == "één".encode()
        assert text.read() == "één"
    with pytest.raises(ValueError, match="can only be read, but the mode 'r\\+' writes"):
        csv.open("r+")


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a/c.csv", "a.txt"):
        write(tmp_path / name, "1")
    folder = InputFolder(tmp_path, "**/*.csv")
    assert list(folder) == [tmp_path / "a" / "c.csv", tmp_path / "b.csv"]
    assert (folder.glob, os.fspath(folder)) == ("**/*.csv", str(tmp_path))


@pytest.mark.parametrize("kind", [InputFile, InputFolder])
def test_an_input_is_equal_to_its_copies_and_can_not_be_changed(kind: Any) -> None:
    original = kind("x/a.csv", name="b", digest="ab" * 32)
    for again in (
        pickle.loads(pickle.dumps(original)),
        copy.deepcopy(original),
        kind("x/a.csv", name="b", digest="ab" * 32),
    ):
        assert (again, hash(again), again.name) == (original, hash(original), "b")
    for other in (kind("x/a.csv", digest="ab" * 32), kind("x/a.csv", name="b"), kind("y/a.csv"), "x/a.csv"):
        assert other != original
    for name in ("path", "name", "digest", "new"):
        with pytest.raises(AttributeError, match="can't be changed: make a new one"):
            setattr(original, name, "c")
    with pytest.raises(AttributeError):
        del original._name


def test_what_is_shown_has_the_path_and_the_digest_that_is_known(tmp_path: Path) -> None:
    csv = InputFile(write(tmp_path / "a.csv", "one"))
    assert repr(csv) == f"InputFile({str(csv)!r})"
    canonical(csv)
    assert repr(csv) == f"InputFile({str(csv)!r}, digest='{csv.digest[:12]}…')"
    assert repr(InputFolder("x", "*.csv", digest="ab" * 32)) == "InputFolder('x', '*.csv', digest='abababababab…')"


def test_a_folder_without_a_name_of_its_own_has_that_of_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "x" / "a", "1")
    monkeypatch.chdir(tmp_path / "x")
    assert [InputFolder(path).name for path in (".", "", "../x", "../x/..")] == ["x", "x", "x", tmp_path.name]
    assert canonical(InputFolder(".")) == canonical(InputFolder(tmp_path / "x"))


# --- when another folder becomes the current one ----------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Starts in a folder with `a.csv` and `x/a.csv`; what it gives goes to one where those have other content."""
    for folder, content in (("begin", "one"), ("elsewhere", "two")):
        write(tmp_path / folder / "a.csv", content)
        write(tmp_path / folder / "x" / "a.csv", content)
    monkeypatch.chdir(tmp_path / "begin")
    yield lambda: monkeypatch.chdir(tmp_path / "elsewhere")


def test_a_relative_path_stays_with_the_folder_that_was_the_current_one(
    tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    csv, folder = InputFile("a.csv"), InputFolder("x")
    before = [canonical(csv), canonical(folder)]
    held = text_step(tmp_path, csv)
    assert (csv.path, str(csv)) == (Path("a.csv"), "a.csv")
    elsewhere()
    assert [canonical(csv), canonical(folder)] == before
    assert held.payload == csv.read_text() == csv.path.read_text() == Path(csv).read_text() == "one"
    assert [file.read_text() for file in folder] == ["one"]
    assert InputFile("a.csv").read_text() == "two"
    assert csv != InputFile("a.csv")


def test_copies_lead_to_the_file_of_the_original(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    csv, folder = InputFile("a.csv"), InputFolder("x")
    pickled = pickle.dumps((csv, folder))
    elsewhere()
    for csv_copy, folder_copy in (pickle.loads(pickled), copy.deepcopy((csv, folder))):
        assert (csv_copy, csv_copy.read_text()) == (csv, "one")
        assert (folder_copy, [file.read_text() for file in folder_copy]) == (folder, ["one"])
    # As on another machine, where only the relative path is there.
    (tmp_path / "begin").rename(tmp_path / "gone")
    assert pickle.loads(pickled)[0].read_text() == "two"


@pytest.mark.parametrize("kind", [InputFile, InputFolder])
def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    at_home = kind("~/measurements")
    assert os.fspath(at_home) == str(at_home.path) == str(tmp_path / "measurements")
    assert at_home == kind(tmp_path / "measurements")
    assert pickle.loads(pickle.dumps(at_home)) == at_home
    # A name that only begins like one, as those of open documents.
    assert os.fspath(kind("~$table.xlsx")) == str(Path.cwd() / "~$table.xlsx")
