"""A user's own payload IO, by path, gets what the store gives: commit, verification, clear errors."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from support import LinesFileIO, NumberParams, artifact_files

from persistable import Persistable
from persistable.exceptions import DamagedPayloadError, IncompatiblePayloadError, SavingError
from persistable.io import FileIO, PickleFileIO


class LinesP(Persistable["list[str]", NumberParams]):
    def _generate_payload(self, **untracked: Any) -> list[str]:
        return ["line"] * self.params.n


def test_its_file_is_committed_under_the_steps_suffix(tmp_path: Path) -> None:
    step = LinesP(tmp_path, NumberParams(2), None, payload_io=LinesFileIO(), payload_file_suffix=".txt")
    step.generate()
    assert step.persist_filepath.with_name(step.persist_filepath.name + ".txt").read_text() == "line\nline"
    again = LinesP(tmp_path, NumberParams(2), None, payload_io=LinesFileIO())
    again.load()
    assert again.payload == ["line", "line"]


class BareIO:
    """No subclass of anything."""

    def save(self, payload: Any, filepath: Path) -> None:
        filepath.write_text(str(payload))

    def load(self, filepath: Path) -> str:
        return filepath.read_text()


def test_any_object_that_saves_and_loads_will_do(tmp_path: Path) -> None:
    io: Any = BareIO()
    LinesP(tmp_path, NumberParams(1), None, payload_io=io).generate()
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=io)
    step.load()
    assert step.payload == "['line']"


class FolderOfLinesIO(FileIO["list[str]"]):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        (filepath / "part").mkdir(parents=True)
        for index, line in enumerate(payload):
            (filepath / "part" / str(index)).write_text(line)

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        return [path.read_text() for path in sorted((filepath / "part").iterdir())]


def test_a_folder_is_committed_and_verified_whole(tmp_path: Path) -> None:
    step = LinesP(tmp_path, NumberParams(3), None, payload_io=FolderOfLinesIO())
    step.generate()
    step.reset_payload()
    step.load()
    assert step.payload == ["line"] * 3
    (tmp_path / f"{step.persist_filepath.name}.persistable" / "part" / "1").write_text("LINE")
    with pytest.raises(DamagedPayloadError):
        step.load()
    step.load_generate()
    assert step.payload == ["line"] * 3


class WritesNothing(LinesFileIO):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        pass


class WritesTwoFiles(LinesFileIO):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        super()._save(payload, filepath)
        super()._save(payload, filepath.with_suffix(".second"))


class FailsHalfWay(LinesFileIO):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        filepath.write_text("half of")
        raise ZeroDivisionError("the other half")


@pytest.mark.parametrize(
    ("io", "says"),
    [(WritesNothing, "wrote nothing"), (WritesTwoFiles, "exactly"), (FailsHalfWay, "FailsHalfWay")],
)
def test_a_failure_to_save_is_told_and_leaves_the_earlier_artifact_whole(
    tmp_path: Path, io: type[LinesFileIO], says: str
) -> None:
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=LinesFileIO())
    step.generate()
    before = artifact_files(tmp_path)
    step.payload_io = io()
    with pytest.raises((OSError, ValueError), match=says):
        step.generate()
    assert artifact_files(tmp_path) == before
    assert not any((tmp_path / ".persistable" / "staging").iterdir())
    step.payload_io = LinesFileIO()
    step.reset_payload()
    step.load()
    assert step.payload == ["line"]


def test_an_error_of_saving_names_payload_file_and_io_and_has_the_cause(tmp_path: Path) -> None:
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=FailsHalfWay())
    with pytest.raises(SavingError) as caught:
        step.generate()
    message = str(caught.value)
    assert "list" in message
    assert "FailsHalfWay" in message
    assert f"{step.persist_filepath}.persistable" in message
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert step._payload == ["line"], "what was generated is kept"


@pytest.mark.parametrize("raised", [MemoryError("too much"), UserWarning("careful"), KeyboardInterrupt("now")])
def test_an_exception_that_is_not_about_the_payload_comes_as_it_is(tmp_path: Path, raised: BaseException) -> None:
    class RaisingIO(BareIO):
        format_name = "python:BareIO"

        def save(self, payload: Any, filepath: Path) -> None:
            raise raised

        def load(self, filepath: Path) -> str:
            raise raised

    step = LinesP(tmp_path, NumberParams(1), None, payload_io=BareIO())
    step.generate()
    step.payload_io = RaisingIO()
    for call in (step.load, step.generate):
        with pytest.raises(type(raised)) as caught:
            call()
        assert caught.value is raised
        assert caught.value.args == (str(raised),)
    log = "".join(path.read_text() for path in tmp_path.rglob("*.log"))
    assert "interrupted" in log or not isinstance(raised, KeyboardInterrupt)
    assert "another version" not in log or not isinstance(raised, KeyboardInterrupt)


def test_what_another_payload_io_wrote_is_refused_and_not_regenerated(tmp_path: Path) -> None:
    LinesP(tmp_path, NumberParams(1), None, payload_io=LinesFileIO()).generate()
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=PickleFileIO())
    for load in (step.load, step.load_generate):
        with pytest.raises(IncompatiblePayloadError, match="python:LinesFileIO"):
            load()


class FailsToLoad(LinesFileIO):
    format_name = "python:LinesFileIO"

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        raise ZeroDivisionError("on loading")


def test_an_error_of_loading_has_the_cause(tmp_path: Path) -> None:
    LinesP(tmp_path, NumberParams(1), None, payload_io=LinesFileIO()).generate()
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=FailsToLoad())
    with pytest.raises(IncompatiblePayloadError) as caught:
        step.load()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


class FullDiskIO(LinesFileIO):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EROFS, "denied"), (errno.EIO, "unavailable")],
)
def test_what_the_system_refused_to_a_file_io_has_the_kind_of_error_that_says_so(
    tmp_path: Path, number: int, kind: str
) -> None:
    class Refused(LinesFileIO):
        def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
            raise OSError(number, "refused")

    with pytest.raises(OSError, match=r"Refused.*refused") as caught:
        LinesP(tmp_path, NumberParams(1), None, payload_io=Refused()).generate()
    assert getattr(caught.value, "kind", None) == kind
    assert isinstance(caught.value.__cause__, OSError) and caught.value.__cause__.errno == number


def test_a_payload_that_could_not_be_persisted_is_persisted_later_and_not_generated_again(tmp_path: Path) -> None:
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=FullDiskIO())
    with pytest.raises(OSError):
        step.load_generate()
    step._generate_payload = None  # type: ignore[method-assign, assignment]
    step.payload_io = LinesFileIO()
    step.load_generate()
    assert LinesP(tmp_path, NumberParams(1), None, payload_io=LinesFileIO()).payload == ["line"]


def test_one_that_could_not_be_persisted_is_not_persisted_for_other_params(tmp_path: Path) -> None:
    step = LinesP(tmp_path, NumberParams(1), None, payload_io=FullDiskIO())
    with pytest.raises(OSError):
        step.load_generate()
    step.payload_io = LinesFileIO()
    step.params.n = 2
    step.load_generate()
    assert step.payload == ["line"] * 2
