"""What a run shows of its progress: in a terminal, in a log, and by events."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from program_support import SEARCHED
from run_steps import Graph

import persistable
from persistable import RunError
from persistable._runs._bars import Lines
from persistable._runs._progress import Progress, Shown

PROGRAM = """
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None
import persistable
from pathlib import Path
from run_steps import Graph

graph = Graph(Path.cwd())
graph.does("bad", "fail")
try:
    persistable.run([graph.step("good"), graph.step("top", graph.step("bad"))], on_error="continue")
except persistable.RunError:
    pass
"""


def in_terminal(folder: Path, *without: str) -> str:
    """Returns what a terminal gets from a program, without some libraries."""
    ours, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    environment = {**os.environ, "PYTHONPATH": SEARCHED, "COLUMNS": "200", "TERM": "xterm"}
    command = [sys.executable, "-c", PROGRAM, *without]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(ours, 10_000)
        except OSError:  # The terminal was closed.
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize(
    ("library", "without", "bar"), [("tqdm", (), "100%|"), ("rich", ("tqdm",), "━"), ("", ("tqdm", "rich"), "[####")]
)
def test_a_terminal_shows_a_bar_of_what_is_installed(
    tmp_path: Path, library: str, without: tuple[str, ...], bar: str
) -> None:
    if library:
        pytest.importorskip(library)
    shown = in_terminal(tmp_path, *without)
    assert bar in shown
    assert "1 of 3 steps, 2 failed or blocked, in " in shown
    assert "NodeP(name='bad') failed: ValueError: bad does not work" in shown


def test_a_log_gets_plain_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    assert not lines.is_due
    lines.show(progress_of(done=3), is_last=True)
    assert capsys.readouterr().err == ""  # A run that was over at once.
    lines.show(progress_of(done=2, running=1))
    lines.show(progress_of(done=3), is_last=True)
    assert capsys.readouterr().err == (
        "2 of 4 steps, 1 failed or blocked, 1 missing, 1 running, about 90 s left (a for 5 s; b for 3 s)\n"
        "3 of 4 steps, 1 failed or blocked, in 12 s\n"
    )


def progress_of(done: int, running: int = 0) -> Progress:
    slowest = ("a for 5 s", "b for 3 s") if running else ()
    return Progress(4, done, running, 1, 12.0, 90.0, slowest)


@pytest.mark.parametrize(("seconds", "told"), [(0.4, "0 s"), (99, "99 s"), (125, "2 min"), (7200, "2 h")])
def test_the_remaining_time_has_no_more_digits_than_are_known(seconds: float, told: str) -> None:
    assert str(Progress(2, 1, 1, 0, 1.0, seconds, ())) == f"1 of 2 steps, 1 missing, 1 running, about {told} left"


def test_a_run_that_was_stopped_has_no_remaining_time() -> None:
    assert str(Progress(2, 1, 0, 0, 1.0, 9.0, ())) == "1 of 2 steps, 1 missing"


def test_nothing_is_shown_if_nothing_is_wanted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    graph = Graph(tmp_path)
    graph.does("bad", "fail")
    with pytest.raises(RunError):
        persistable.run(graph.step("bad"), progress=False)
    assert capfd.readouterr() == ("", "")
    assert not Shown().is_due
    with pytest.raises(TypeError, match="use on_event"):
        persistable.run(graph.step("good"), progress=print)  # type: ignore[arg-type]


def test_events_tell_what_happens_in_order(tmp_path: Path) -> None:
    graph = Graph(tmp_path)
    graph.does("bad", "fail")
    bad = graph.step("bad", graph.step("good"))
    events: list[Any] = []
    with pytest.raises(RunError):
        persistable.run([graph.step("top", bad)], workers=1, progress=False, retries=1, on_event=events.append)
    told = [(event.kind, event.step.params.name, event.state) for event in events[1:] if event.step is not None]
    assert [row for row in told if row[1] == "good"] == [("started", "good", None), ("ended", "good", "generated")]
    assert [row for row in told if row[1] == "bad"] == [
        ("started", "bad", None),
        ("retried", "bad", None),
        ("started", "bad", None),
        ("ended", "bad", "failed"),
    ]
    assert [event.kind for event in events if not hasattr(event.step, "params")] == ["planned", "stopping"]
    (retried,) = (event for event in events if event.kind == "retried")
    assert isinstance(retried.error, ValueError)
    last = events[-1].progress
    assert (last.total, last.done, last.running, last.failed, last.missing) == (3, 1, 0, 2, 0)


def test_an_error_of_on_event_ends_the_run_and_reaches_the_caller(tmp_path: Path) -> None:
    def refuse(event: Any) -> None:
        if event.kind == "ended":
            raise LookupError("not mine")

    graph = Graph(tmp_path)
    with pytest.raises(LookupError, match="not mine"):
        persistable.run([graph.step("top", graph.step("below"))], progress=False, on_event=refuse)
    assert persistable.run(graph.step("below"), progress=False).count("present") == 1
