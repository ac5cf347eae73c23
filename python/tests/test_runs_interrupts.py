"""Ctrl-C in a run, in a process of its own: the first stops starting steps, the second ends all at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program_support import SEARCHED
from support import STUCK_SECONDS

PROGRAM = """
import sys
import persistable
from persistable import RunInterrupted
from run_steps import Graph
from pathlib import Path

executor = sys.argv[1]
if executor == "dask":
    from dask.distributed import Client, LocalCluster
    executor = Client(LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=":0"))
graph = Graph(Path.cwd())
held = graph.step("held", graph.step("before"))
steps = [graph.step("after", held), graph.step("later", held)]
try:
    persistable.run(steps, executor, workers=2)
except RunInterrupted as interrupted:
    print({row.step.params.name: row.state for row in interrupted.report}, flush=True)
    print(interrupted, flush=True)
    raise SystemExit(3)
"""
STOPPING = "stopping: waiting for 1 step to end. Press Ctrl-C again to end at once"


class Program:
    """A program in a terminal of its own: Ctrl-C goes to all of its processes."""

    def __init__(self, folder: Path, executor: str) -> None:
        self.folder, self.executor = folder, executor
        command = [sys.executable, "-c", PROGRAM, executor]
        environment = {**os.environ, "PYTHONPATH": SEARCHED}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(  # type: ignore[call-overload]
            command, text=True, cwd=folder, env=environment, start_new_session=True, **pipes
        )

    def press(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def wait_until_held(self) -> None:
        """Waits until the step `held` has begun. It tells by a pipe."""
        assert (self.folder / "has begun").read_text() == "held"

    def let_go(self) -> None:
        (self.folder / "may end").write_text("")

    def wait_until_told(self, line: str) -> None:
        for told in self.process.stderr:
            if line in told:
                return
        raise AssertionError(f"the program ended and did not say {line!r}")

    def end(self) -> tuple[int, str, str]:
        out, error = self.process.communicate(timeout=STUCK_SECONDS)
        return self.process.returncode, out, error


@pytest.fixture(params=["threads", "processes", "loky", "dask"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    pytest.importorskip({"loky": "joblib", "dask": "distributed"}.get(request.param, "persistable"))
    for name in ("has begun", "may end"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "held").write_text("hold")
    started = Program(tmp_path, request.param)
    with started.process:
        yield started
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGKILL)


def marks(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "marks").iterdir())


def run_again(folder: Path) -> str:
    (folder / "plan" / "held").unlink()
    code, out, error = Program(folder, "threads").end()
    assert (code, out) == (0, ""), error
    return " ".join(marks(folder))


def test_the_first_lets_running_steps_end_and_says_so(program: Program) -> None:
    program.wait_until_held()
    program.press()
    program.wait_until_told(STOPPING)
    program.let_go()
    code, out, error = program.end()
    assert code == 3, error
    states, told = out.splitlines()
    assert states == "{'after': 'not_started', 'later': 'not_started', 'held': 'generated', 'before': 'generated'}"
    assert told.startswith("Report of 4 steps in ")
    assert told.endswith(": 2 generated, 2 not started. What was persisted stays: the next run goes on from there")
    assert run_again(program.folder) == "after.0 before.0 held.0 later.0"


def test_the_second_ends_all_at_once_and_keeps_what_was_persisted(program: Program) -> None:
    program.wait_until_held()
    program.press()
    program.wait_until_told(STOPPING)
    program.press()
    code, out, _ = program.end()
    assert code in (-signal.SIGINT, 128 + signal.SIGINT)
    assert out == ""
    if program.executor in ("threads", "processes"):  # Other engines have processes besides their workers.
        with pytest.raises(ProcessLookupError):  # No worker is left.
            os.killpg(program.process.pid, 0)
    assert run_again(program.folder) == "after.0 before.0 held.0 held.1 later.0"
