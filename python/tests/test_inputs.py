"""Files and folders as params: they count by their content."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persistable import InputFile, InputFolder, Persistable, PersistableParams, _core, step
from persistable._cache import cache_folder
from persistable.exceptions import (
    InputChangedWarning,
    InputError,
    MissingInputError,
    OutdatedPayloadError,
    ParamsChangedWarning,
)
from persistable.io import TextFileIO

_VECTORS = json.loads((Path(__file__).parents[2] / "spec" / "vectors" / "inputs.json").read_text("utf-8"))["cases"]


def canonical(param: Any) -> bytes:
    return _core.encode(param).canonical_bytes()


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


@dataclass
class Params(PersistableParams):
    csv: InputFile
    more: dict[str, list[Any]] = field(default_factory=dict)


class TextP(Persistable[str, Params]):
    def _generate_payload(self, **untracked_payload_params: Any) -> str:
        return self.params.csv.read_text()


def text_step(tmp_path: Path, csv: InputFile, **more: list[Any]) -> TextP:
    return TextP(tmp_path / "data", Params(csv, more), payload_io=TextFileIO())


# --- what counts ----------------------------------------------------------------------------------------------------


def test_a_step_that_is_held_gives_the_payload_of_the_present_content(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    held = text_step(tmp_path, InputFile(path))
    first = held.persist_hash
    assert held.payload == "one"
    write(path, "three")
    assert held.payload == "three"
    assert held.persist_hash != first
    write(path, "one")
    assert held.persist_hash == first
    assert held.payload == "one"


def test_content_and_name_count_and_the_folder_does_not(tmp_path: Path) -> None:
    a = canonical(InputFile(write(tmp_path / "x" / "a.csv", "one")))
    assert a == canonical(InputFile(write(tmp_path / "y" / "a.csv", "one")))
    assert a != canonical(InputFile(write(tmp_path / "z" / "a.csv", "two")))
    assert a != canonical(InputFile(write(tmp_path / "z" / "b.csv", "one")))


def test_a_name_can_be_left_out_or_replaced(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", "one"), write(tmp_path / "b", "one")
    assert canonical(InputFile(a, name=None)) == canonical(InputFile(b, name=None))
    assert canonical(InputFile(a)) == canonical(InputFile(b, name="a"))
    assert canonical(InputFile(a)) != canonical(InputFile(a, name=None))
    assert (InputFile(a).name, InputFile(a, name=None).name) == ("a", None)


def test_a_folder_that_is_renamed_keeps_the_key_of_a_file_in_it(tmp_path: Path) -> None:
    path = write(tmp_path / "x" / "a.csv", "one")
    before = text_step(tmp_path, InputFile(path)).persist_hash
    (tmp_path / "x").rename(tmp_path / "y")
    assert text_step(tmp_path, InputFile(tmp_path / "y" / "a.csv")).persist_hash == before


def test_a_file_that_was_touched_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    before = InputFile(path).digest
    os.utime(path, (1, 1))
    assert InputFile(path).digest == before


def test_other_content_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    os.utime(path, (1, 1))
    before = InputFile(path).digest
    write(path, "two")
    os.utime(path, (1, 1))
    assert InputFile(path).digest != before


def test_writes_through_a_memory_map_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(1000))
    array = np.load(path, mmap_mode="r+")
    array[0] = 1.0
    digests = [InputFile(path).digest]
    for number in range(5):
        array[500] = float(number + 2)
        digests.append(InputFile(path).digest)
    assert len(set(digests)) == 6


def test_a_link_counts_by_its_own_name_and_what_it_leads_to(tmp_path: Path) -> None:
    target = write(tmp_path / "target", "one")
    (tmp_path / "link").symlink_to(target)
    link = InputFile(tmp_path / "link")
    assert (link.name, link.path) == ("link", tmp_path / "link")
    assert link.digest == InputFile(target).digest


def test_a_folder_counts_by_its_name_and_by_the_files_that_match(tmp_path: Path) -> None:
    folder = tmp_path / "x" / "2024"
    a = write(folder / "a.csv", "1")
    write(folder / "b" / "c.csv", "2")
    every = canonical(InputFolder(folder))
    assert every == canonical(InputFolder(folder, "**/*.csv"))
    assert every != canonical(InputFolder(folder, "*.csv"))
    assert every != canonical(InputFolder(folder, name=None))
    folder.parent.rename(tmp_path / "y")
    assert every == canonical(InputFolder(tmp_path / "y" / "2024"))
    a = tmp_path / "y" / "2024" / "a.csv"
    a.rename(a.with_name("d.csv"))
    assert every != canonical(InputFolder(tmp_path / "y" / "2024"))


@pytest.mark.parametrize("case", [case for case in _VECTORS if "value" in case], ids=lambda case: str(case["name"]))
def test_the_vectors_hold_for_files_on_the_disk(tmp_path: Path, case: Any) -> None:
    name = case["value"]["record"]["fields"]["name"].get("text")
    path = tmp_path / (name or "unnamed")
    if "file" in case:
        path.write_bytes(bytes.fromhex(case["file"]))
        assert canonical(InputFile(path, name=name)).hex() == case["canonical"]
        return
    for relative, content in case["files"].items():
        (path / relative).parent.mkdir(parents=True, exist_ok=True)
        (path / relative).write_bytes(bytes.fromhex(content))
    assert canonical(InputFolder(path, name=name)).hex() == case["canonical"]


# --- where they stand -----------------------------------------------------------------------------------------------


def test_inputs_stand_wherever_params_do(tmp_path: Path) -> None:
    path = write(tmp_path / "folder" / "a.csv", "one")
    inputs = [InputFile(path, name="b"), InputFolder(path.parent)]
    held = text_step(tmp_path, InputFile(path), inputs=inputs)
    assert held.payload == "one"
    before = held.persist_hash
    write(path.parent / "new.csv", "two")
    assert held.persist_hash != before


def test_a_step_function_gets_the_input(tmp_path: Path) -> None:
    @step
    def lines(csv: InputFile) -> list[str]:
        assert isinstance(csv, InputFile)
        return Path(csv).read_text("utf-8").splitlines()

    path = write(tmp_path / "a.csv", "one\ntwo")
    assert lines(tmp_path / "data", InputFile(path)).payload == ["one", "two"]
    write(path, "three")
    assert lines(tmp_path / "data", InputFile(path)).payload == ["three"]


def test_people_see_name_and_digest(tmp_path: Path) -> None:
    csv = InputFile(write(tmp_path / "a.csv", "one"))
    held = text_step(tmp_path, csv)
    held.generate()
    shown = json.loads(Path(f"{held.persist_filepath}.params.json").read_text("utf-8"))
    assert shown == held.params_tree == {"csv": {"name": "a.csv", "content": csv.digest}, "more": {}}


# --- the objects ----------------------------------------------------------------------------------------------------


def test_a_file_is_read_as_any_path_is(tmp_path: Path) -> None:
    csv = InputFile(write(tmp_path / "a.csv", "één"))
    assert os.fspath(csv) == str(csv) == str(tmp_path / "a.csv")
    assert csv.read_text() == csv.read_bytes().decode("utf-8") == "één"
    with csv.open() as binary, csv.open("r", encoding="utf-8") as text:
        assert binary.read() == "één".encode()
        assert text.read() == "één"
    with pytest.raises(ValueError, match="is only read, and the mode 'r\\+' writes"):
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
        with pytest.raises(AttributeError, match="can't be changed: make another one"):
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


# --- when another folder becomes the current one ---------------------------------------------------------------------


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


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_a_missing_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    held = text_step(tmp_path, InputFile(tmp_path / "missing.csv"))
    with pytest.raises(MissingInputError, match=r"missing\.csv: it does not exist: correct the path") as raised:
        _ = held.payload
    assert isinstance(raised.value, FileNotFoundError)
    assert isinstance(raised.value, InputError)
    assert (raised.value.kind, raised.value.step) == ("missing_input", None)
    assert str(raised.value) == (
        f"could not open {tmp_path / 'missing.csv'}: it does not exist: correct the path, or put it there"
    )
    if sys.version_info >= (3, 11):
        assert raised.value.__notes__ == ["while converting parameter `csv`"]


def test_an_error_says_in_which_folder_a_relative_path_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingInputError, match=f"could not open {tmp_path}/missing.csv: it does not exist"):
        canonical(InputFile("missing.csv"))


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a folder: use InputFolder"):
        canonical(InputFile(tmp_path))
    with pytest.raises(InputError, match="/dev/null: it is neither a file nor a folder"):
        canonical(InputFile("/dev/null"))


def test_what_is_not_a_folder_with_files_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x" / "a.csv", "1")
    with pytest.raises(InputError, match="it is not a folder: use InputFile"):
        canonical(InputFolder(path))
    with pytest.raises(InputError, match=r'it has no file that matches "\*.txt"'):
        canonical(InputFolder(path.parent, "*.txt"))
    with pytest.raises(InputError, match="leads out of the folder"):
        list(InputFolder(path.parent, "../*"))
    with pytest.raises(MissingInputError):
        canonical(InputFolder(tmp_path / "missing"))


def test_a_pinned_file_need_not_be_there_to_load(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    text_step(tmp_path, InputFile(path)).generate()
    pinned = InputFile(path, digest=InputFile(path).digest)
    path.unlink()
    held = text_step(tmp_path, pinned)
    held.load()
    assert held.payload == "one"


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    pinned = InputFile(path, digest=InputFile(path).digest.upper())
    assert pinned.digest == InputFile(path).digest
    write(path, "three")
    with pytest.raises(InputError, match=f"it is pinned to the digest .*, but has the digest {InputFile(path).digest}"):
        canonical(pinned)


def test_a_pinned_file_has_to_be_there_to_generate(tmp_path: Path) -> None:
    held = text_step(tmp_path, InputFile(tmp_path / "missing.csv", digest="ab" * 32))
    with pytest.raises(MissingInputError, match=r"missing\.csv does not exist") as raised:
        held.generate()
    assert str(raised.value.step).startswith("text_p(")


def test_a_folder_that_is_missing_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    @step
    def lines(folder: InputFolder) -> int:
        return sum(1 for _ in Path(folder).glob("*.csv"))

    path = write(tmp_path / "folder" / "a.csv", "one")
    pinned = InputFolder(path.parent, digest=InputFolder(path.parent).digest)
    path.unlink()
    path.parent.rmdir()
    with pytest.raises(MissingInputError):
        _ = lines(tmp_path / "data", pinned).payload
    write(path, "one")
    assert lines(tmp_path / "data", pinned).payload == 1


def test_nothing_is_persisted_from_a_file_that_goes_away_meanwhile(tmp_path: Path) -> None:
    class CarelessP(Persistable[str, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> str:
            self.params.csv.path.unlink()
            return "payload"

    held = CarelessP(tmp_path / "data", Params(InputFile(write(tmp_path / "a.csv", "one"))), payload_io=TextFileIO())
    with pytest.raises(OutdatedPayloadError, match=r"a\.csv changed while the payload was generated from it"):
        held.generate()


def test_an_input_that_a_step_puts_in_place_of_another_is_not_taken_for_the_first(tmp_path: Path) -> None:
    class CarelessP(Persistable[str, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> str:
            self.params.csv = InputFile(other)
            return "payload"

    other = write(tmp_path / "other.csv", "two")
    csv = InputFile(write(tmp_path / "a.csv", "one"))
    held = CarelessP(tmp_path / "data", Params(csv), payload_io=TextFileIO())
    with pytest.warns(ParamsChangedWarning, match="csv changed while the payload was generated"):
        held.generate()


def test_nothing_is_persisted_from_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    class CarelessP(Persistable[str, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> str:
            write(self.params.csv.path, "other")
            return "payload"

    path = write(tmp_path / "a.csv", "one")
    held = CarelessP(tmp_path / "data", Params(InputFile(path)), payload_io=TextFileIO())
    with pytest.raises(OutdatedPayloadError, match=r"a\.csv changed while the payload was generated from it"):
        _ = held.payload
    assert not list((tmp_path / "data").glob("*.txt"))
    assert not list((tmp_path / "data").glob("*.manifest.json"))


@pytest.mark.parametrize("digest", ["abc", "g" * 64, 5])
def test_a_pin_that_is_not_a_digest_is_refused_at_once(digest: Any) -> None:
    with pytest.raises(InputError, match="a digest is 64 hex digits"):
        InputFile("a.csv", digest=digest)


def test_a_name_that_is_not_unicode_is_refused_unless_another_is_given(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    try:
        Path(path).write_text("one")
    except OSError:
        pytest.skip("the file system takes only names that are Unicode")
    with pytest.raises(InputError, match="pass name="):
        InputFile(path)
    assert canonical(InputFile(path, name=None)) == canonical(InputFile(write(tmp_path / "a", "one"), name=None))


# --- plain paths ----------------------------------------------------------------------------------------------------


@dataclass
class PathParams(PersistableParams):
    train: dict[str, Path]
    output: Path | None = None


class PathP(Persistable[str, PathParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> str:
        if self.params.output is not None:
            write(self.params.output, os.urandom(8).hex())
        return self.params.train["csv"].read_text()


def path_step(tmp_path: Path, output: Path | None = None) -> PathP:
    return PathP(tmp_path / "data", PathParams({"csv": tmp_path / "a.csv"}, output), payload_io=TextFileIO())


def test_a_file_that_a_path_names_warns_when_its_content_changed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    path_step(tmp_path).generate()
    os.utime(path, (1, 1))
    path_step(tmp_path).load()
    write(path, "three")
    with pytest.warns(InputChangedWarning, match=r'a\.csv \(train\["csv"\]\)'):
        assert path_step(tmp_path).payload == "one"
    write(path, "one")
    path_step(tmp_path).load()


def test_a_path_keeps_its_key_and_a_file_that_is_gone_is_not_a_change(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    key = path_step(tmp_path).persist_hash
    path_step(tmp_path).generate()
    path.unlink()
    assert path_step(tmp_path).payload == "one"
    assert path_step(tmp_path).persist_hash == key


def test_a_file_that_the_step_writes_is_not_an_input(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "one")
    output = write(tmp_path / "b.csv", "two")
    path_step(tmp_path, output).generate()
    write(output, "three")
    path_step(tmp_path, output).load()


# --- what is remembered ---------------------------------------------------------------------------------------------


def digest_in_another_process(path: Path, **variables: str) -> str:
    program = f"from persistable import InputFile; print(InputFile({str(path)!r}).digest)"
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_digests_are_remembered_in_the_folder_that_the_environment_names(tmp_path: Path) -> None:
    path = max(Path(np.__file__).parent.rglob("*.so"), key=lambda library: library.stat().st_size)
    if time.time() - path.stat().st_ctime < 90:
        pytest.skip("NumPy was installed just now, and only files that did not change lately are remembered")
    cache = tmp_path / "cache"
    first = digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache))
    [remembered] = cache.iterdir()
    assert first in remembered.read_text()
    assert digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache)) == first
    remembered.write_bytes(b"\xff damaged")
    assert digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache)) == first


def test_where_digests_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.delenv("PERSISTABLE_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path("/home/ann/.cache/persistable")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path("/home/ann/.cache/persistable")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/persistable")
    monkeypatch.setenv("PERSISTABLE_CACHE_DIR", "/mine")
    assert cache_folder() == Path("/mine")
    monkeypatch.setenv("PERSISTABLE_CACHE_DIR", "")
    assert cache_folder() is None
    monkeypatch.delenv("PERSISTABLE_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path("/home/ann/Library/Caches/persistable")
