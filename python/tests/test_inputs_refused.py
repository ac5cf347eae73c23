"""An input that is missing, of the wrong kind or not the pinned one is refused. So is one that changes meanwhile."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from input_support import Params, canonical, text_step, write

from persistable import InputFile, InputFolder, Persistable, step
from persistable.exceptions import InputError, MissingInputError, OutdatedPayloadError, ParamsChangedWarning
from persistable.io import TextFileIO


def test_a_missing_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    held = text_step(tmp_path, InputFile(tmp_path / "missing.csv"))
    with pytest.raises(MissingInputError, match=r"missing\.csv: it does not exist: correct the path") as raised:
        _ = held.payload
    assert isinstance(raised.value, FileNotFoundError)
    assert isinstance(raised.value, InputError)
    assert (raised.value.kind, raised.value.step) == ("missing_input", None)
    assert str(raised.value) == (
        f"could not open {tmp_path / 'missing.csv'}: it does not exist: correct the path, or create it"
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
    with pytest.raises(InputError, match="a digest must have 64 hex digits"):
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
