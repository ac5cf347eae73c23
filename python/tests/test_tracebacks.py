"""Tracebacks of a user's own errors."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import pytest

from persistable import step
from persistable._decorator import StepFunction
from persistable.io import FileIO, JsonFileIO, ZstdFileIO


@step
def failing(n: int) -> int:
    raise ValueError("boom")


@step
def above(failing: int, k: int) -> int:
    return failing + k


@step
def interrupted(n: int) -> int:
    raise KeyboardInterrupt


def functions_of(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def test_only_the_users_frames_show(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom") as raised:
        _ = above(tmp_path, failing(tmp_path, 3), k=2).payload
    assert functions_of(raised.value) == ["test_only_the_users_frames_show", "failing"]
    with pytest.raises(ValueError, match="boom") as raised:
        failing(tmp_path, 3).generate()
    assert functions_of(raised.value) == ["test_only_the_users_frames_show", "failing"]


def test_a_variable_shows_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSISTABLE_FULL_TRACEBACK", "1")
    with pytest.raises(ValueError, match="boom") as raised:
        _ = failing(tmp_path, 3).payload
    assert "_generate_payload" in functions_of(raised.value)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="there are no notes")
def test_notes_name_the_steps(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom") as raised:
        _ = above(tmp_path, failing(tmp_path, 3), k=2).payload
    assert raised.value.__notes__ == [  # type: ignore[attr-defined]
        "while generating failing(n=3)",
        "while generating above(failing=failing(n=3), k=2)",
    ]


def test_the_log_has_the_traceback_and_the_console_has_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="boom"):
        _ = above(tmp_path, failing(tmp_path, 3), k=2).payload
    assert capfd.readouterr().err == ""
    assert '    raise ValueError("boom")' in (tmp_path / "failing.log").read_text()
    assert "Traceback" not in (tmp_path / "above.log").read_text()


class InterruptedIO(FileIO[int]):
    """Is interrupted by the user while it saves."""

    def _save(self, payload: int, filepath: Path, **kwargs: object) -> None:
        filepath.write_text("half")
        raise KeyboardInterrupt

    def _load(self, filepath: Path, **kwargs: object) -> int:
        return int(filepath.read_text())


@step(payload_io=InterruptedIO())
def interrupted_when_saved(n: int) -> int:
    return n


@step(payload_io=ZstdFileIO(InterruptedIO()))
def interrupted_when_compressed(n: int) -> int:
    return n


@pytest.mark.parametrize("function", [interrupted, interrupted_when_saved, interrupted_when_compressed])
def test_an_interrupt_is_not_an_error_in_the_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], function: StepFunction[[int], int]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        _ = function(tmp_path, 3).payload
    log = (tmp_path / f"{function.payload_name}.log").read_text()
    assert "ERROR" not in log
    assert "interrupted" in log
    assert capfd.readouterr().err == ""
    assert not list(tmp_path.glob("*.manifest.json"))


@pytest.mark.parametrize("payload_io", [JsonFileIO, "json"])
def test_a_wrong_payload_io_is_refused_when_the_step_is_made(payload_io: object, tmp_path: Path) -> None:
    from support import NumberP, NumberParams

    with pytest.raises(TypeError, match=r"write payload_io=JsonFileIO\(\)|pass a payload IO"):
        NumberP(tmp_path, NumberParams(1), None, payload_io=payload_io)  # type: ignore[arg-type]
    made = NumberP(tmp_path, NumberParams(1), None)
    made.payload_io = payload_io  # type: ignore[assignment]
    with pytest.raises(TypeError, match="payload_io is"):
        made.load_generate()
    assert made.generations == 0
