"""The lines of the default console: for people. The log file and other loggers have the exact figures."""

from __future__ import annotations

import logging
import logging.handlers
import pickle
import queue
import re
from pathlib import Path
from typing import Any

import pytest

from persistable import step
from persistable._core import shown_duration, shown_size
from persistable._line_for_people import LineForPeople


@step(verbose=True)
def numbers(n: int, label: str = "a") -> list[int]:
    return list(range(n))


@step(verbose=True)
def total(numbers: list[int]) -> int:
    return sum(numbers)


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else listens: pytest's own handlers are off the root logger."""
    monkeypatch.setattr(logging.root, "handlers", [])


def console(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Returns what the console shows, with `T` for each time that something took."""
    lines = capsys.readouterr().err.splitlines()
    return [re.sub(r"[\d.]+ (µs|ms|s)\b", "T", re.sub(r"^\d\d:\d\d:\d\d ", "", line)) for line in lines]


def test_a_line_names_the_step_as_its_repr_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    numbers(tmp_path, n=300).load_generate()
    numbers(tmp_path, n=300).load()
    numbers(tmp_path, n=300).remove()
    generated, persisted, loaded, removed = console(capsys)
    assert generated == "INFO  numbers(n=300, label='a'): generated in T"
    assert re.fullmatch(r"INFO  numbers\(n=300, label='a'\): persisted (\d{3} B|[\d.]+ kB) in T", persisted)
    assert re.fullmatch(r"INFO  numbers\(n=300, label='a'\): loaded (\d{3} B|[\d.]+ kB) in T", loaded)
    assert removed == "INFO  numbers(n=300, label='a'): removed"


def test_a_step_below_is_shown_without_its_params(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    total(tmp_path, numbers(tmp_path, n=3)).load_generate()
    lines = [line for line in console(capsys) if "total" in line]
    assert lines[0] == "INFO  total(numbers=numbers(…)): generated in T, T with its dependencies"
    assert len(lines) == 2


def test_a_line_is_short_whatever_the_params_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    numbers(tmp_path, n=3, label="long " * 1000).load_generate()
    assert all(len(line) < 200 for line in console(capsys))


def test_a_line_about_damage_names_the_step_and_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], unheard: None
) -> None:
    here = numbers(tmp_path, n=3)
    here.load_generate()
    artifact = f"{here.persist_filepath.name}{here.payload_file_suffix}"
    (tmp_path / artifact).write_bytes(b"")
    console(capsys)
    numbers(tmp_path, n=3).load_generate()
    warned = [line for line in console(capsys) if line.startswith("WARN")]
    assert len(warned) == 1
    assert warned[0].startswith("WARN  numbers(n=3, label='a'): put into quarantine: ")
    assert artifact in warned[0]


def test_the_log_file_and_other_loggers_have_the_key_and_the_exact_figures(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here = numbers(tmp_path, n=3)
    with caplog.at_level(logging.INFO, logger="persistable"):
        here.load_generate()
    exact = re.compile(rf"{re.escape(here.persist_filepath.name)} (generated|persisted \d+ bytes) in \d+\.\d{{6}} s")
    assert len(caplog.messages) == 2
    assert all(exact.fullmatch(message) for message in caplog.messages), caplog.messages
    assert not any(isinstance(value, LineForPeople) for record in caplog.records for value in vars(record).values())
    assert re.search(r"persisted \d+ bytes in \d+\.\d{6} s", (tmp_path / "numbers.log").read_text())


def test_a_line_that_goes_to_another_process_does_not_take_the_step_along(tmp_path: Path) -> None:
    here = numbers(tmp_path, n=3)
    line = LineForPeople(here, "loaded 21 bytes in 0.002910 s", "loaded", (0.00291, None, 21))
    assert pickle.loads(pickle.dumps(line)) == "numbers(n=3, label='a'): loaded 21 B in 2.91 ms"
    heard: queue.Queue[Any] = queue.Queue()
    handler = logging.handlers.QueueHandler(heard)
    here.logger.addHandler(handler)
    try:
        here.load_generate()
    finally:
        here.logger.removeHandler(handler)
    while not heard.empty():
        assert pickle.loads(pickle.dumps(heard.get())).getMessage()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0 µs"),
        (0.0000005, "0.5 µs"),
        (0.000689, "689 µs"),
        (0.0009999, "1 ms"),
        (0.006461, "6.46 ms"),
        (0.9996, "1 s"),
        (2.251875, "2.25 s"),
        (119.4, "119 s"),
        (119.9, "2 min"),
        (5400.0, "90 min"),
        (7200.0, "2 h"),
        (4.5 * 3600, "4.5 h"),
        (1234 * 3600, "1230 h"),
    ],
)
def test_a_time_has_three_digits_and_a_fitting_unit(seconds: float, shown: str) -> None:
    assert shown_duration(seconds) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (21, "21 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (400_192, "400 kB"),
        (999_900, "1 MB"),
        (12_345_678, "12.3 MB"),
        (1_500_000_000, "1.5 GB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_a_size_has_three_digits_and_a_fitting_unit(size_bytes: int, shown: str) -> None:
    assert shown_size(size_bytes) == shown
