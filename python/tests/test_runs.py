"""Runs of steps: what is missing is generated once, on any executor, and nothing else is."""

from __future__ import annotations

import pickle
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from run_steps import Graph, NodeP, longer, slow_number

import persistable
from persistable import RunError, RunInterrupted, _core
from persistable._runs._shell import opened, shell_of
from persistable.exceptions import PersistableError


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


@pytest.fixture(params=["threads", "processes", "futures"])
def executor(request: pytest.FixtureRequest) -> Iterator[str | Executor]:
    if request.param == "futures":
        with ThreadPoolExecutor(2) as pool:
            yield pool
    else:
        yield request.param


def run(steps: Any, executor: Any = "threads", **options: Any) -> Any:
    return persistable.run(steps, executor, workers=2, progress=False, **options)


def states(report: Any) -> dict[str, str]:
    return {row.step.params.name: row.state for row in report}


def test_each_step_is_generated_once_and_nothing_again(graph: Graph, executor: Any) -> None:
    bottom = graph.step("bottom")
    top = graph.step("top", graph.step("a", bottom), graph.step("b", bottom))
    report = run([top], executor)
    assert report.count("generated") == 4
    assert [graph.generated(name) for name in ("bottom", "a", "b", "top")] == [1, 1, 1, 1]
    assert top.payload == "top(a(bottom()) b(bottom()))"
    again = run({"steps": (top, bottom)}, executor)
    assert states(again) == {"top": "present", "bottom": "present"}
    assert graph.generated("bottom") == 1


def test_a_step_that_is_there_hides_everything_below_it(graph: Graph, executor: Any) -> None:
    bottom = graph.step("bottom")
    middle = graph.step("middle", bottom)
    run([middle], executor)
    bottom.remove()
    report = run(graph.step("top", middle), executor)
    assert states(report) == {"top": "generated", "middle": "present"}
    assert graph.generated("bottom") == 1


def test_a_worker_never_puts_a_good_artifact_into_quarantine(graph: Graph, executor: Any) -> None:
    below = graph.step("below")
    below.payload  # noqa: B018
    run([graph.step("top", below)], executor)
    assert not list((graph.folder / "data" / ".persistable").glob("quarantine/*"))
    assert below.explain()


def test_continue_leaves_out_only_what_depends_on_a_failure(graph: Graph, executor: Any) -> None:
    graph.does("bad", "fail")
    bad, good = graph.step("bad"), graph.step("good")
    steps = [graph.step("on bad", bad, good), graph.step("on good", good)]
    with pytest.raises(RunError) as raised:
        run(steps, executor, on_error="continue")
    report = raised.value.report
    assert states(report) == {"on bad": "blocked", "on good": "generated", "bad": "failed", "good": "generated"}
    failure = report.failures[0]
    assert isinstance(failure.error, ValueError)
    assert str(failure.error).startswith("bad does not work")
    assert raised.value.__cause__ is failure.error
    assert next(row for row in report if row.state == "blocked").blocked_by == failure.key
    assert isinstance(raised.value, PersistableError)
    assert str(raised.value).splitlines() == [
        "1 of 4 steps failed, 1 blocked by these:",
        "  NodeP(name='bad'): ValueError: bad does not work",
    ]


@pytest.mark.parametrize(("does", "told"), [("exit", "SystemExit: 2"), ("fail oddly", "OddError: a can't be pickled")])
def test_an_error_that_is_hard_to_send_is_told_all_the_same(graph: Graph, executor: Any, does: str, told: str) -> None:
    graph.does("a", does)
    with pytest.raises(RunError) as failure:
        run([graph.step("a"), graph.step("b")], executor, on_error="continue")
    assert told in str(failure.value)
    assert told in str(failure.value.report)
    assert states(failure.value.report) == {"a": "failed", "b": "generated"}


def test_a_failed_step_is_started_again_as_often_as_was_asked(graph: Graph, executor: Any) -> None:
    graph.does("flaky", "fail once")
    report = run([graph.step("flaky")], executor, retries=1)
    assert (report.steps[0].state, report.steps[0].restarts) == ("generated", 1)
    assert graph.generated("flaky") == 2


def test_a_lost_worker_costs_one_more_generation_and_nothing_else(graph: Graph) -> None:
    graph.does("killer", "kill once")
    steps = [graph.step("killer"), *(graph.step(str(n)) for n in range(6))]
    report = run(steps, "processes")
    assert report.count("generated") == 7
    assert graph.generated("killer") == 2
    assert all(graph.generated(str(n)) == 1 for n in range(6))


def test_a_step_that_kills_two_workers_has_failed(graph: Graph) -> None:
    graph.does("killer", "kill")
    with pytest.raises(RunError, match="a worker process died with the step, by SIGKILL") as raised:
        run([graph.step("killer"), graph.step("other")], "processes", on_error="continue")
    assert states(raised.value.report) == {"killer": "failed", "other": "generated"}
    assert graph.generated("killer") == 2


def test_ctrl_c_lets_running_steps_end_and_the_next_run_goes_on(graph: Graph) -> None:
    top = graph.step("top", graph.step("below"))

    def press(event: Any) -> None:
        if event.kind == "started":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(RunInterrupted) as raised:
        run([top], on_event=press)
    assert isinstance(raised.value, KeyboardInterrupt)
    assert states(raised.value.report)["top"] == "not_started"
    run([top])
    assert graph.generated("top") == 1
    assert top.payload == "top(below())"


def test_a_plan_changes_nothing(graph: Graph) -> None:
    below = graph.step("below")
    top = graph.step("top", below)
    plan = persistable.plan([top])
    assert [(row.step, row.state, row.is_target) for row in plan] == [(top, "waiting", True), (below, "ready", False)]
    assert (plan.present, plan.missing, plan.ready, plan.expected_seconds()) == (0, 2, 1, 2.0)
    assert graph.generated("below") == 0
    run([below])
    assert [row.state for row in persistable.plan([top])] == ["ready", "present"]
    assert persistable.plan([top]).steps[0].seconds is not None


def test_the_size_of_what_travels_does_not_depend_on_the_depth(graph: Graph) -> None:
    sizes = {}
    last = graph.step("0")
    for n in range(1, 1200):
        last = graph.step(str(n % 10), last)
        if n < 20 or n > 1190:
            sizes[n] = len(shell_of(last))
    assert max(size for n, size in sizes.items() if n > 1190) - sizes[19] < 200
    assert max(sizes.values()) < 20_000


@pytest.mark.parametrize(("executor", "length"), [("threads", 3000), ("processes", 1200)])
def test_a_chain_runs_that_is_deeper_than_recursion_goes(tmp_path: Path, executor: str, length: int) -> None:
    last = longer(tmp_path, 0)
    for _ in range(1, length):
        last = longer(tmp_path, last)
    assert run(last, executor).count("generated") == length
    assert last.payload == length


def test_a_shell_has_the_key_of_the_step_and_no_payload(graph: Graph) -> None:
    below = graph.step("below", graph.step("far below"))
    below._payload = "x" * 1_000_000
    top = graph.step("top", below)
    top._payload = "y" * 1_000_000
    shell = shell_of(top)
    assert len(shell) < 20_000
    copied = opened(shell)
    assert _core.full_key(copied) == _core.full_key(top)
    (copied_below,) = copied.tracked_persistable_dependencies
    assert _core.full_key(copied_below) == _core.full_key(below)
    assert copied_below.params == below.params
    (far_below,) = copied_below.tracked_persistable_dependencies
    with pytest.raises(AttributeError, match="Make this step one of them"):
        far_below.payload  # noqa: B018
    assert pickle.loads(pickle.dumps(far_below)).key == far_below.key


def test_a_run_refuses_what_is_no_step_and_what_it_cannot_offer(graph: Graph) -> None:
    with pytest.raises(TypeError, match="steps are wanted here, not an object of type str"):
        run(["text"])
    with pytest.raises(TypeError, match="not the class NodeP: make a step of it, and pass that"):
        run([NodeP])
    with pytest.raises(TypeError, match=r"not the function slow_number, which makes steps: call it"):
        run([slow_number])
    with pytest.raises(ValueError, match="executor must be"):
        run([graph.step("a")], "thread")
    with pytest.raises(ValueError, match="on_error must be"):
        run([graph.step("a")], on_error="go")

    step = graph.step("a")
    step.resources = {"gpu": 2}
    with pytest.raises(ValueError, match="needs 2 of 'gpu', and the run has 1"):
        run([step], offer={"gpu": 1})
    assert run([step], offer={"gpu": 2}).count("generated") == 1


@pytest.mark.parametrize(
    ("executor", "told"),
    [
        ("process", 'Did you mean "processes"'),
        ("multiprocessing", 'Did you mean "processes"'),
        ("dask", r"Pass the client: run\(steps, dask.distributed.Client\(\)\)"),
        (4, "workers=4"),
        (ThreadPoolExecutor, "is the class ThreadPoolExecutor: make an executor of it"),
    ],
)
def test_a_wrong_executor_is_told_with_what_to_write(graph: Graph, executor: Any, told: str) -> None:
    with pytest.raises((ValueError, TypeError), match=told):
        run(graph.step("a"), executor)


def test_a_plan_in_place_of_steps_and_a_wrong_listener_are_told(graph: Graph) -> None:
    with pytest.raises(TypeError, match="pass the steps that the plan was made of"):
        run(persistable.plan(graph.step("a")))
    wrong: Any = 3
    with pytest.raises(TypeError, match="on_event must be a function"):
        run(graph.step("a"), on_event=wrong)


def test_a_state_that_there_is_not_is_told(graph: Graph) -> None:
    with pytest.raises(ValueError, match="the states are present, generated"):
        run(graph.step("a")).count("genrated")


def test_an_executor_that_is_not_installed_is_told_with_what_to_install(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match='executor="ray" needs ray: pip install ray'):
        run(graph.step("a"), "ray")


def test_payloads_leave_memory_unless_they_were_there_before(graph: Graph) -> None:
    kept, dropped = graph.step("kept"), graph.step("dropped")
    kept.payload  # noqa: B018
    top = graph.step("top", kept, dropped)
    run([top])
    assert [_core.has_in_memory(step) for step in (kept, dropped, top)] == [True, False, False]


def test_params_that_change_after_a_run_count_again(graph: Graph) -> None:
    step: NodeP = graph.step("a")
    run([step])
    step.params.name = "b"
    assert step.payload == "b()"


def test_a_report_has_a_row_a_step_with_its_params(graph: Graph) -> None:
    pytest.importorskip("pandas")
    frame = run([graph.step("a"), graph.step("b")]).to_frame()
    assert list(frame["name"]) == ["a", "b"]
    assert list(frame["state"]) == ["generated", "generated"]
    assert list(persistable.plan([graph.step("a")]).to_frame()["state"]) == ["present"]


def test_a_store_that_is_not_a_folder_runs_on_threads() -> None:
    store = persistable.Store("memory://test-runs")

    @store.step
    def double(n: int) -> int:
        return 2 * n

    steps = [double(n=n) for n in range(5)]
    assert run(steps).count("generated") == 5
    assert run(steps).count("present") == 5
    assert steps[3].payload == 6
