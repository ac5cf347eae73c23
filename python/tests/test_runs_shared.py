"""Copies of one program share the work of a run by the leases of the store. Nobody coordinates them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from run_steps import Graph

import persistable
from persistable import RunError
from persistable._runs import _shared
from persistable.exceptions import CodeChangedWarning

_COPIES = 4
_NAMES = [f"{n:02}" for n in range(24)]
_COPY = """
import json, sys
from pathlib import Path
import persistable
from run_steps import Graph

graph = Graph(Path(sys.argv[1]))
bottom = graph.step("bottom")
steps = [graph.step(name, bottom) for name in json.loads(sys.argv[2])]
top = graph.step("top", *steps)
try:
    report = persistable.run([top], "shared", on_error="continue", progress=False)
except persistable.RunError as error:
    report = error.report
print(json.dumps({row.step.params.name: row.state for row in report}))
"""


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


def start(graph: Graph, job: str = "one", names: list[str] = _NAMES) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PERSISTABLE_JOB": job}
    command = [sys.executable, "-c", _COPY, str(graph.folder), json.dumps(names)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def ended(copy: subprocess.Popen[str]) -> dict[str, str]:
    told, _ = copy.communicate(timeout=120)
    assert copy.returncode == 0
    states: dict[str, str] = json.loads(told)
    return states


def shared(graph: Graph, *names: str, **options: Any) -> Any:
    return persistable.run([graph.step(name) for name in names], "shared", progress=False, **options)


def test_four_copies_generate_each_step_once_and_all_end_when_all_is_there(graph: Graph) -> None:
    reports = [ended(copy) for copy in [start(graph) for _ in range(_COPIES)]]
    assert all(graph.generated(name) == 1 for name in ("bottom", *_NAMES, "top"))
    states = [states.get("top") for states in reports]
    assert states.count("generated") == 1
    assert all(state in {"generated", "found", "present"} for state in states)


def test_a_step_that_fails_is_tried_once_by_all_copies_together(graph: Graph) -> None:
    graph.does("07", "fail")
    reports = [ended(copy) for copy in [start(graph) for _ in range(_COPIES)]]
    assert all(states["07"] == "failed" and states["top"] == "blocked" for states in reports)
    assert all(graph.generated(name) == 1 for name in _NAMES)


def test_a_copy_that_dies_costs_nothing_but_the_step_that_it_had(graph: Graph) -> None:
    graph.does("07", "kill once")
    copies = [start(graph) for _ in range(_COPIES)]
    codes = [(copy.communicate(timeout=120), copy.returncode)[1] for copy in copies]
    assert sorted(codes) == [-signal.SIGKILL, 0, 0, 0]
    assert graph.generated("07") == 2
    assert all(graph.generated(name) == 1 for name in (*_NAMES, "top") if name != "07")


def test_a_step_that_kills_two_copies_has_failed(graph: Graph) -> None:
    graph.does("07", "kill")
    copies = [start(graph) for _ in range(_COPIES)]
    codes = [(copy.communicate(timeout=120), copy.returncode)[1] for copy in copies]
    assert sorted(codes) == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]
    assert graph.generated("07") == 2
    assert all(graph.generated(name) == 1 for name in _NAMES if name != "07")


def test_a_copy_that_stops_at_failures_learns_of_one_before_it_comes_to_that_step(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSISTABLE_JOB", "one")
    monkeypatch.setattr(_shared, "_SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(_shared, "_PAUSES", 0.0)
    graph.does("bad", "fail")
    bad = graph.step("bad", graph.step("bottom"))
    elsewhere: list[dict[str, str]] = []

    def fail_elsewhere(event: Any) -> None:
        if event.kind == "started" and not elsewhere:
            elsewhere.append(ended(start(graph, names=["bad"])))

    # The step that fails comes last, and the first one takes until it has failed in the other copy.
    steps = [*(graph.step(f"{n:03}") for n in range(200)), bad]
    monkeypatch.setattr(random, "SystemRandom", lambda: SimpleNamespace(randrange=lambda count: 0))
    with pytest.raises(RunError, match="bad does not work") as raised:
        persistable.run(steps, "shared", workers=1, progress=False, on_event=fail_elsewhere)
    assert raised.value.report.count("not_started") > 100
    assert graph.generated("bad") == 1


def test_what_failed_in_an_earlier_job_is_tried_again(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    graph.does("bad", "fail")
    for job, generations in (("one", 1), ("one", 1), ("two", 2)):
        monkeypatch.setenv("PERSISTABLE_JOB", job)
        with pytest.raises(RunError, match="bad does not work"):
            shared(graph, "bad")
        assert graph.generated("bad") == generations
    monkeypatch.delenv("PERSISTABLE_JOB")
    graph.does("bad", "")
    assert shared(graph, "bad").count("generated") == 1
    assert not list((graph.folder / "data" / ".persistable" / "attempts").iterdir())


def test_all_copies_together_try_a_failed_step_again_as_often_as_was_asked(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSISTABLE_JOB", "one")
    graph.does("bad", "fail")
    for _ in range(2):
        with pytest.raises(RunError):
            shared(graph, "bad", retries=2)
    assert graph.generated("bad") == 3


def test_a_copy_works_on_while_another_process_has_a_step(graph: Graph) -> None:
    holding = (
        "import sys; from pathlib import Path; from run_steps import Graph, NodeP\n"
        "def hold(self, **rest):\n    print('holds', flush=True); sys.stdin.read(); return 'held'\n"
        "NodeP._generate_payload = hold\n"
        "Graph(Path(sys.argv[1])).step('held').load_generate()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", holding, str(graph.folder)]
    free = [f"free {n}" for n in range(3)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()

        def let_go(event: Any) -> None:
            if event.kind == "ended" and all(graph.generated(name) for name in free):
                holder.stdin.close()  # type: ignore[union-attr]

        # The other process has other code, of which the run tells as a load does.
        with pytest.warns(CodeChangedWarning, match="other code made it"):
            report = shared(graph, "held", *free, on_event=let_go)
    assert holder.returncode == 0
    assert {row.step.params.name: row.state for row in report} == {"held": "found", **dict.fromkeys(free, "generated")}
