"""Runs on the engines that a user already has, each on this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from engine_support import WORKERS, dask, opened, run
from run_steps import Graph

from persistable import RunError


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


@pytest.fixture(params=["loky", "dask", "executorlib", "submitit"])
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        # What engines leave open is theirs.
        warnings.simplefilter("ignore", ResourceWarning)
        with opened(request.param, tmp_path / "engine") as opened_executor:
            yield opened_executor


def test_an_engine_generates_each_step_once_and_tells_of_failures(graph: Graph, executor: Any) -> None:
    graph.does("bad", "fail")
    bottom = graph.step("bottom")
    names = [f"{n:02}" for n in range(12)]
    top = graph.step("top", *(graph.step(name, bottom) for name in names))
    with pytest.raises(RunError, match="bad does not work") as raised:
        run([top, graph.step("on bad", graph.step("bad"))], executor, on_error="continue")
    states = {row.step.params.name: row.state for row in raised.value.report}
    assert {name for name, state in states.items() if state == "generated"} == {"bottom", "top", *names}
    assert (states["bad"], states["on bad"]) == ("failed", "blocked")
    assert all(graph.generated(name) == 1 for name in ("bottom", "top", *names))
    assert isinstance(raised.value.report.failures[0].error, ValueError)
    assert top.payload.count("bottom()") == len(names)
    assert all(row.host for row in raised.value.report if row.state == "generated")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_small_steps_travel_together(graph: Graph) -> None:
    tasks = []

    class Counting(ThreadPoolExecutor):
        def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Any:
            tasks.append(len(arguments[0]))
            return super().submit(function, *arguments, **options)

    with Counting(WORKERS) as pool:
        first, count = 20, 200
        run([graph.step(f"first {n}") for n in range(first)], pool)
        tasks.clear()
        assert run([graph.step(f"{n:03}") for n in range(count)], pool).count("generated") == count
    assert sum(tasks) == count
    assert len(tasks) < count / 2


def test_dask_gets_resources_in_its_terms_and_an_impossible_one_is_refused_at_once(graph: Graph) -> None:
    with dask(resources={"GPU": 1}) as client:
        step, large, many = graph.step("on gpu"), graph.step("large"), graph.step("many")
        step.resources = {"gpus": 1}
        assert run([step], client).count("generated") == 1
        large.resources = {"gpus": 2}
        with pytest.raises(ValueError, match="none of the 2 workers of Dask offers that"):
            run([large], client)
        many.resources = {"cores": 64}
        with pytest.raises(ValueError, match="--nthreads"):
            run([many], client)
        assert graph.generated("large") + graph.generated("many") == 0


def test_an_executor_without_terms_gets_only_as_many_steps_as_have_cores(graph: Graph) -> None:
    steps = [graph.step(str(n)) for n in range(4)]
    for step in steps:
        step.resources = {"cores": 2}
    running: list[int] = []

    def note(event: Any) -> None:
        running.append(event.progress.running)

    with ThreadPoolExecutor(WORKERS) as pool:
        run(steps, pool, on_event=note)
        steps[0].remove()
        steps[0].resources = {"cores": 3}
        with pytest.raises(ValueError, match="needs 3 of 'cores', and the run has 2"):
            run(steps, pool)
    assert max(running) == 1


def test_a_broken_pool_of_loky_is_replaced(graph: Graph) -> None:
    pytest.importorskip("loky")
    graph.does("killer", "kill once")
    steps = [graph.step("killer"), *(graph.step(str(n)) for n in range(6))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = run(steps, "loky", retries=1)
    # What a step of the broken pool persisted before its result was lost is found.
    assert report.count("generated") + report.count("found") == 7
    assert graph.generated("killer") == 2


def test_a_step_that_kills_its_workers_fails_alone_on_an_engine_that_loses_all_at_once(graph: Graph) -> None:
    pytest.importorskip("loky")
    graph.does("killer", "kill")
    innocent = [f"{n:02}" for n in range(12)]
    steps = [graph.step(name) for name in ("killer", *innocent)]
    with warnings.catch_warnings(), pytest.raises(RunError, match="1 of 13 steps failed") as raised:
        warnings.simplefilter("ignore")
        run(steps, "loky", on_error="continue")
    (failure,) = raised.value.report.failures
    assert failure.step.params.name == "killer"
    assert raised.value.report.count("generated") + raised.value.report.count("found") == len(innocent)


def test_a_run_ends_when_its_executor_is_broken_and_no_step_is_to_blame(graph: Graph) -> None:
    graph.does("killer", "kill")
    steps = [graph.step(name) for name in ("killer", *(f"{n:02}" for n in range(12)))]
    with opened("pool", graph.folder) as pool, pytest.raises(RunError, match="takes no further step") as raised:
        run(steps, pool, on_error="continue", retries=5)
    report = raised.value.report
    # At most what two workers and the place before them had.
    assert report.count("failed") <= WORKERS + 1
    assert report.count("not_started") > 0
    assert graph.generated("killer") == 1


def test_a_step_that_an_executor_refuses_to_take_has_killed_nobody(graph: Graph) -> None:
    class Broken(ThreadPoolExecutor):
        def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Any:
            raise BrokenExecutor("it is broken")

    with Broken(WORKERS) as pool, pytest.raises(RunError, match="takes no further step") as raised:
        run([graph.step(str(n)) for n in range(5)], pool, on_error="continue")
    assert (raised.value.report.count("failed"), raised.value.report.count("not_started")) == (1, 4)


def test_a_bundle_with_a_step_that_kills_its_workers_ends_though_all_have_one_dependency(graph: Graph) -> None:
    below = graph.step("below")
    run([*(graph.step(f"first {n}", below) for n in range(4))], "threads")  # So that it is known how long steps take.
    graph.does("killer", "kill")
    innocent = [f"{n:02}" for n in range(6)]
    steps = [graph.step(name, below) for name in ("killer", *innocent)]
    with warnings.catch_warnings(), pytest.raises(RunError, match="1 of 8 steps failed") as raised:
        warnings.simplefilter("ignore")
        run(steps, "loky", on_error="continue")
    assert [failure.step.params.name for failure in raised.value.report.failures] == ["killer"]
