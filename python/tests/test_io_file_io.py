"""What a `FileIO` promises by itself, of a user's making or of this package's."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from persistable import _core
from persistable.exceptions import MissingPayloadError, SavingError
from persistable.io import (
    BytesFileIO,
    DictEncodable,
    FileIO,
    FolderFileIO,
    JsonFileIO,
    PayloadTypeT,
    PickleFileIO,
    TextFileIO,
)

READY = [BytesFileIO(), JsonFileIO(), PickleFileIO(), TextFileIO()]


class LinesIO(FileIO["list[str]"]):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        filepath.write_text(kwargs.get("separator", "\n").join(payload))

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        return filepath.read_text().split(kwargs.get("separator", "\n"))


class WithoutKwargsIO(FileIO[str]):
    def _save(self, payload, filepath):  # type: ignore[no-untyped-def, override]
        filepath.write_text(payload)

    def _load(self, filepath):  # type: ignore[no-untyped-def, override]
        return filepath.read_text()


def test_the_names_of_the_contract_are_there() -> None:
    assert isinstance(DictEncodable, type)
    assert PayloadTypeT.__name__ == "PayloadTypeT"
    assert issubclass(PickleFileIO, FileIO)
    with pytest.raises(TypeError):
        FileIO()  # type: ignore[abstract]


def test_a_users_own_saves_and_loads_and_gets_the_kwargs(tmp_path: Path) -> None:
    io = LinesIO()
    io.save(["a", "b"], tmp_path / "x" / "y.txt", separator="|")
    assert (tmp_path / "x" / "y.txt").read_text() == "a|b"
    assert io.load(tmp_path / "x" / "y.txt", separator="|") == ["a", "b"]


def test_a_users_own_needs_no_kwargs(tmp_path: Path) -> None:
    io = WithoutKwargsIO()
    io.save("text", tmp_path / "x")
    assert io.load(tmp_path / "x") == "text"


def test_a_path_may_be_text(tmp_path: Path) -> None:
    for io, payload in ((LinesIO(), ["a"]), (PickleFileIO(), ["a"])):
        io.save(payload, str(tmp_path / "x"))  # type: ignore[arg-type]
        assert io.load(str(tmp_path / "x")) == payload  # type: ignore[arg-type]


@pytest.mark.parametrize("io", [LinesIO(), FolderFileIO(), *READY])
def test_nothing_to_load_is_file_not_found(io: FileIO[Any], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing") as caught:
        io.load(tmp_path / "x")
    assert isinstance(caught.value, MissingPayloadError)


def test_a_missing_folder_is_created_only_when_that_is_wanted(tmp_path: Path) -> None:
    TextFileIO().save("x", tmp_path / "a" / "b" / "c.txt")
    with pytest.raises(OSError, match=r"d/c\.txt"):
        TextFileIO().save("x", tmp_path / "d" / "c.txt", create_folder=False)
    assert not (tmp_path / "d").exists()


class Unpicklable:
    def __reduce__(self) -> Any:
        raise ZeroDivisionError("no")


@pytest.mark.parametrize("payload", [Unpicklable(), [b"x" * (1 << 20), Unpicklable()]])
def test_a_failure_to_save_names_type_file_and_io_and_leaves_the_earlier_file_whole(
    payload: Any, tmp_path: Path
) -> None:
    io = PickleFileIO[Any]()
    io.save("earlier", tmp_path / "x.pkl")
    with pytest.raises(SavingError) as caught:
        io.save(payload, tmp_path / "x.pkl")
    message = str(caught.value)
    assert all(part in message for part in (type(payload).__name__, str(tmp_path / "x.pkl"), "PickleFileIO"))
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert io.load(tmp_path / "x.pkl") == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["x.pkl"]


def test_an_interrupt_from_the_keyboard_passes(tmp_path: Path) -> None:
    class Interrupting:
        def __reduce__(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PickleFileIO[Any]().save(Interrupting(), tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("io", READY)
def test_the_ready_ones_know_no_kwargs_and_say_so(io: FileIO[Any], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="protocol"):
        io.save("x", tmp_path / "x", protocol=4)
    (tmp_path / "x").write_text("x")
    with pytest.raises(TypeError, match="encoding"):
        io.load(tmp_path / "x", encoding="latin1")


def test_a_link_stays_a_link_and_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    TextFileIO().save("x", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "x"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        TextFileIO().save("x", tmp_path / "folder")


def test_files_are_never_writable_by_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        TextFileIO().save("x", tmp_path / "x")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_the_core_streams_only_what_no_user_has_overridden(monkeypatch: pytest.MonkeyPatch) -> None:
    class OwnLoad(PickleFileIO[Any]):
        def _load(self, filepath: Path, **kwargs: Any) -> Any:
            return super()._load(filepath)

    class OwnSave(PickleFileIO[Any]):
        def save(self, payload: Any, filepath: Path, create_folder: bool = True, **kwargs: Any) -> None:
            super().save(payload, filepath)

    class OwnName(PickleFileIO[Any]):
        pass

    assert all(io._is_streamed() for io in (*READY, OwnName()))
    assert not any(io._is_streamed() for io in (LinesIO(), OwnLoad(), OwnSave(), FolderFileIO()))
    monkeypatch.setattr(PickleFileIO, "_save", lambda *_: None, raising=False)
    assert not PickleFileIO()._is_streamed()


def test_a_format_is_named_by_the_class_that_defines_it() -> None:
    class OwnLoad(PickleFileIO[Any]):
        def _load(self, filepath: Path, **kwargs: Any) -> Any:
            return super()._load(filepath)

    class Trusting(PickleFileIO[Any]):
        trust = True

    class Named(LinesIO):
        format_name = "lines"

    assert (LinesIO.format_name, OwnLoad.format_name, Trusting.format_name, Named.format_name) == (
        "python:LinesIO",
        "python:OwnLoad",
        "pickle",
        "lines",
    )
    assert OwnLoad.loading_runs_code and not LinesIO.loading_runs_code


def test_an_override_of_the_path_methods_of_a_ready_one_is_used(tmp_path: Path) -> None:
    class Older(PickleFileIO[Any]):
        def _save(self, payload: Any, filepath: Path, **kwargs: Any) -> None:
            with filepath.open("wb") as file:
                pickle.dump(payload, file, protocol=2)

    Older().save([1], tmp_path / "x")
    assert (tmp_path / "x").read_bytes()[:2] == b"\x80\x02"
    assert Older().load(tmp_path / "x") == [1]


def test_the_signing_key_comes_from_the_argument_or_the_environment_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PERSISTABLE_SIGNING_KEY", raising=False)
    assert not _core.has_signing_key(PickleFileIO())
    monkeypatch.setenv("PERSISTABLE_SIGNING_KEY", "of the team")
    assert _core.has_signing_key(PickleFileIO())
    monkeypatch.delenv("PERSISTABLE_SIGNING_KEY")
    assert _core.has_signing_key(PickleFileIO(signing_key="my own"))
    assert _core.has_signing_key(object()) is False
    assert "my own" not in repr(PickleFileIO(trust=True, signing_key="my own"))
