"""Logs: a file for each payload name, a quiet console, and whoever listens to `persistable`."""

from __future__ import annotations

import gc
import io
import logging
import os
import pickle
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persistable import Persistable
from persistable.logging import get_logger, step_logger

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (ERROR|WARN |INFO |DEBUG) (\S+) \[\d+\] (.+)$")


class Numbers(Persistable[list[int], None]):
    def _generate_payload(self, **untracked_payload_params: Any) -> list[int]:
        self.logger.info("counting")
        return [1, 2, 3]


@pytest.fixture
def name() -> Iterator[str]:
    """The name of a logger that is forgotten after the test."""
    name = "a logger of test_logging"
    yield name
    logging.getLogger(name).handlers.clear()
    logging.Logger.manager.loggerDict.pop(name, None)


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: pytest's own handlers are off the root logger."""
    monkeypatch.setattr(logging.root, "handlers", [])


def lines(folder: Path, payload_name: str) -> list[str]:
    return (folder / f"{payload_name}.log").read_text().splitlines()


def events(folder: Path, payload_name: str) -> list[str]:
    found = [LINE.match(line) for line in lines(folder, payload_name)]
    assert all(found), lines(folder, payload_name)
    return [match[3] for match in found if match]


# --- a step's log -----------------------------------------------------------------------------------------------------


def test_the_log_file_has_a_line_for_each_event_of_the_core_and_of_the_user(tmp_path: Path) -> None:
    Numbers(tmp_path, None).load_generate()
    Numbers(tmp_path, None).load_generate()
    told = events(tmp_path, "numbers")
    for start in ("not persisted yet", "generating", "counting", "generated in", "persisted ", "loaded "):
        assert sum(line.startswith(start) for line in told) == 1, (start, told)


def test_no_event_is_written_twice_when_the_logger_was_used_before(tmp_path: Path) -> None:
    step = Numbers(tmp_path, None, verbose=True)
    step.logger.debug("begin")
    step.load_generate()
    told = events(tmp_path, "numbers")
    assert len(told) == len(set(told))
    assert "begin" in told


def test_the_console_shows_what_happens_only_when_verbose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    Numbers(tmp_path / "a", None).generate()
    assert capsys.readouterr().err == ""
    Numbers(tmp_path / "b", None, verbose=True).generate()
    shown = capsys.readouterr()
    assert "counting" in shown.err
    assert "generated in" in shown.err
    assert "DEBUG" not in shown.err
    assert shown.out == ""


def test_warnings_are_on_the_console_always(tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None) -> None:
    Numbers(tmp_path, None).logger.warning("beware")
    assert capsys.readouterr().err.count("beware") == 1


def test_a_logger_given_gets_everything(tmp_path: Path) -> None:
    mine, heard = logging.Logger("mine", logging.DEBUG), io.StringIO()
    mine.addHandler(logging.StreamHandler(heard))
    Numbers(tmp_path, None, logger=mine).generate()
    told = heard.getvalue()
    assert all(part in told for part in ("generating", "counting", "generated in", "persisted"))
    assert not (tmp_path / "numbers.log").exists()


def test_whoever_listens_to_the_package_hears_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Numbers(tmp_path / "unheard", None).generate()
    assert not caplog.records
    with caplog.at_level(logging.DEBUG, logger="persistable"):
        Numbers(tmp_path / "heard", None).generate()
    assert any("generated in" in message for message in caplog.messages)
    assert caplog.messages.count("counting") == 1


def test_a_console_of_the_application_shows_it_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unheard: None
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [logging.StreamHandler(sys.stderr)])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    logger = step_logger("points", tmp_path, True)
    logger.warning("beware")
    assert capsys.readouterr().err.count("beware") == 1
    # The root wants warnings only, and so leaves this one to the step's own console.
    logger.info("by the way")
    assert capsys.readouterr().err.count("by the way") == 1


def test_two_folders_may_share_a_payload_name(tmp_path: Path) -> None:
    step_logger("points", tmp_path, False).info("here")
    (tmp_path / "other").mkdir()
    step_logger("points", tmp_path / "other", False).info("there")
    assert events(tmp_path, "points") == ["here"]
    assert events(tmp_path / "other", "points") == ["there"]
    assert "points" not in logging.Logger.manager.loggerDict


def test_steps_of_one_name_share_a_logger_which_goes_with_them(tmp_path: Path) -> None:
    first, second = Numbers(tmp_path, None), Numbers(tmp_path, None)
    assert first.logger is second.logger
    before = len(logging._handlerList)  # type: ignore[attr-defined]
    for number in range(50):
        step_logger(f"many{number}", tmp_path, False)
    gc.collect()
    assert len(logging._handlerList) <= before  # type: ignore[attr-defined]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors")
def test_loggers_hold_no_files_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    loggers = [step_logger(f"points{number}", tmp_path, False) for number in range(200)]
    for logger in loggers:
        logger.info("a line")
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208
    assert len(list(tmp_path.iterdir())) == 200


def test_a_folder_that_was_removed_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    logger = step_logger("points", folder, False)
    logger.info("one")
    shutil.rmtree(folder)
    logger.info("two")
    assert capsys.readouterr().err == ""
    folder.mkdir()
    logger.info("three")
    assert events(folder, "points") == ["three"]


def test_an_event_is_one_line_and_a_traceback_is_indented(tmp_path: Path) -> None:
    logger = step_logger("points", tmp_path, False)
    logger.info("two\nlines \x1b[31mred")
    assert events(tmp_path, "points") == ["two | lines  | [31mred"]
    try:
        raise ValueError("no")
    except ValueError:
        logger.exception("failed")
    written = lines(tmp_path, "points")
    assert "ValueError: no" in written[-1]
    assert all(LINE.match(line) or line.startswith("    ") for line in written)


def test_no_control_character_reaches_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    logger = step_logger("points", tmp_path, True)
    logger.info("points two\nlines \x1b[31mred", extra={"from_core": True})
    logger.info("a\ttable\r\nof mine \x1b[31m\x9b\x07\x7f")
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        logger.exception("failed")
    shown = capsys.readouterr().err
    assert "INFO  points two | lines  | [31mred\n" in shown
    assert "INFO  points a    table\nof mine [31m\n" in shown
    assert "ValueError: [2J\n" in shown
    assert all(character == "\n" or character.isprintable() for character in shown + lines_of_log(tmp_path))


def lines_of_log(folder: Path) -> str:
    return "\n".join(lines(folder, "points"))


def test_levels_of_a_step_logger_can_be_changed_at_any_time(tmp_path: Path) -> None:
    logger = step_logger("points", tmp_path, False)
    logger.info("one")
    logger.setLevel(logging.ERROR)
    logger.info("two")
    logger.setLevel(logging.DEBUG)
    logging.disable(logging.INFO)
    try:
        logger.info("three")
    finally:
        logging.disable(logging.NOTSET)
    logger.info("four")
    assert events(tmp_path, "points") == ["one", "four"]


def test_a_step_logger_can_be_pickled(tmp_path: Path) -> None:
    logger = step_logger("points", tmp_path, False)
    assert pickle.loads(pickle.dumps(logger)) is logger


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_goes_on_writing(tmp_path: Path) -> None:
    logger = step_logger("points", tmp_path, False)
    logger.info("parent")
    child = os.fork()
    if child == 0:
        try:
            logger.info("child")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert sorted(events(tmp_path, "points")) == ["child", "parent"]


# --- get_logger -------------------------------------------------------------------------------------------------------


def test_a_logger_writes_to_the_console_and_to_the_file(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    logger = get_logger(name, tmp_path / "new" / "my.log")
    logger.debug("hello")
    assert logger is logging.getLogger(name)
    assert "hello" in (tmp_path / "new" / "my.log").read_text()
    assert capsys.readouterr().err.count("hello") == 1


def test_the_levels_are_those_of_console_and_file(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    logger = get_logger(name, tmp_path / "my.log", console_level=logging.ERROR, file_level=logging.INFO)
    logger.debug("one")
    logger.info("two")
    logger.error("three")
    assert "one" not in (tmp_path / "my.log").read_text()
    assert "two" in (tmp_path / "my.log").read_text()
    shown = capsys.readouterr().err
    assert "two" not in shown
    assert "three" in shown


def test_asking_again_doubles_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    for _ in range(3):
        logger = get_logger(name, str(tmp_path / "my.log"), format_str="%(message)s")
    logger.info("hello")
    assert (tmp_path / "my.log").read_text() == "hello\n"
    assert capsys.readouterr().err == "hello\n"


def test_another_logger_can_be_the_base(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    base, heard = logging.Logger("base", logging.INFO), io.StringIO()
    base.addHandler(logging.StreamHandler(heard))
    for _ in range(2):
        logger = get_logger(name, tmp_path / "my.log", format_str="%(message)s", adapt_from_logger=base)
    logger.debug("one")
    logger.info("two")
    assert heard.getvalue() == "two\n"
    assert (tmp_path / "my.log").read_text() == "two\n"
    assert len(base.handlers) == 1
    assert capsys.readouterr().err == ""
