"""A run says that a step is there only when it is on the disk, also if an earlier run was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from program_support import SEARCHED
from run_steps import Graph

import persistable
from persistable import RunError, _core
from persistable._runs import _drive, _worker
from persistable._runs._engine import Outcome

KILLED = """
import os, signal, sys
from pathlib import Path
import persistable
from run_steps import Graph

def kill(event):
    if event.kind == "started" and graph.generated("a"):
        os.kill(os.getpid(), signal.SIGKILL)

graph = Graph(Path(sys.argv[1]))
persistable.run([graph.step("b", graph.step("a"))], sys.argv[2], workers=1, progress=False, on_event=kill)
"""


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


def notes(graph: Graph) -> list[Path]:
    return list((graph.folder / "data" / ".persistable" / "unsynced").glob("*"))


def run(steps: Any, executor: str = "threads", **options: Any) -> Any:
    return persistable.run(steps, executor, workers=1, progress=False, **options)


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_the_next_run_makes_durable_what_a_killed_one_left(graph: Graph, executor: str) -> None:
    if not notes_are_kept(graph):
        pytest.skip("this file system can't be synced as a whole")
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    command = [sys.executable, "-c", KILLED, str(graph.folder), executor]
    killed = subprocess.run(command, env=environment, check=False, stderr=subprocess.PIPE)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert notes(graph)
    assert run([graph.step("a")]).count("present") == 1
    assert not notes(graph)


def notes_are_kept(graph: Graph) -> bool:
    seen = []
    run([graph.step("first")], on_event=lambda event: seen.extend(notes(graph)))
    return bool(seen)


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_a_run_that_ends_leaves_nothing_to_others(graph: Graph, executor: str) -> None:
    graph.does("bad", "fail")
    with pytest.raises(RunError):
        run([graph.step("good"), graph.step("bad")], executor, on_error="continue")
    assert not notes(graph)


def test_what_was_persisted_is_synced_if_a_run_breaks_off(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    class Sync:
        def sync(self, steps: list[int]) -> None:
            synced.extend(steps)

        def finish(self) -> None:
            synced.append(-1)

    def break_off(event: Any) -> None:
        if event.kind == "started" and event.step.params.name == "b":
            raise ZeroDivisionError

    make = _drive.Driver.__init__

    def made(driver: Any, *arguments: Any) -> None:
        make(driver, *arguments)
        driver._sync = Sync()

    monkeypatch.setattr(_drive.Driver, "__init__", made)
    monkeypatch.setattr(_drive, "_SYNC_PAUSE", 1000.0)
    # The step that is begun when the run breaks off never started, so that nothing more is written.
    with pytest.raises(ZeroDivisionError):
        run([graph.step("b", graph.step("a"))], on_event=break_off)
    assert len([step for step in synced if step >= 0]) == 1


def test_a_failed_sync_is_a_failure_of_the_steps_and_the_report_is_kept(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.does("bad", "fail")

    class Sync:
        def sync(self, steps: list[int]) -> None:
            raise OSError(5, "the disk is broken")

        def finish(self) -> None:
            raise AssertionError("it is not durable")

    make = _drive.Driver.__init__

    def made(driver: Any, *arguments: Any) -> None:
        make(driver, *arguments)
        driver._sync = Sync()

    monkeypatch.setattr(_drive.Driver, "__init__", made)
    with pytest.raises(RunError, match="may be lost if the machine fails now") as raised:
        run([graph.step("bad"), graph.step("good")], on_error="continue")
    errors = {row.step.params.name: row.error for row in raised.value.report.failures}
    assert isinstance(errors["bad"], ValueError)
    assert isinstance(errors["good"], OSError)
    assert raised.value.report.count("failed") == 2


def test_a_worker_that_cant_sync_lets_only_what_it_persisted_fail(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sync:
        def sync(self, steps: list[int]) -> None:
            raise OSError(5, "the disk is broken")

    endings = iter(["generated", "taken", "found"])
    monkeypatch.setattr(_worker, "_run", lambda *_: Outcome(next(endings), 0.0, ""))
    monkeypatch.setattr(_core, "group_sync_of", lambda steps: Sync())
    outcomes = _worker._run_all([(b"", "key", False)] * 3, None)
    assert [outcome.ending for outcome in outcomes] == ["failed", "taken", "failed"]
