"""Lazy dependencies: a run generates them only when the step's code asks for them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from run_steps import Graph, NodeP, NodeParams, lazy_sum, slow_number

import persistable
from persistable import Lazy, _core

EXECUTORS = ["threads", "processes"]


def states(report: Any) -> dict[str, str]:
    return {row.step.params.name: row.state for row in report}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


def asking(graph: Graph, name: str, *below: Any) -> NodeP:
    return NodeP(graph.folder / "data", NodeParams(name), list(below))


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_run_leaves_a_lazy_dependency_alone_until_it_is_asked_for(graph: Graph, executor: str) -> None:
    graph.does("careful", "ask for nothing")
    spare = graph.step("spare", graph.step("below spare"))
    report = persistable.run([asking(graph, "careful", Lazy(spare))], executor, workers=2, progress=False)
    assert states(report) == {"careful": "generated"}
    assert graph.generated("spare") == graph.generated("below spare") == 0
    asks = asking(graph, "asks", graph.step("eager"), Lazy(spare))
    report = persistable.run([asks], executor, workers=2, progress=False)
    assert states(report) == {"asks": "generated", "eager": "generated"}
    assert asks.payload == "asks(eager() spare(below spare()))"
    assert graph.generated("spare") == graph.generated("below spare") == 1


def test_a_lazy_dependency_is_part_of_the_key_as_any_other(graph: Graph) -> None:
    below, other = graph.step("below"), graph.step("other")
    eager = NodeP(graph.folder / "data", NodeParams("top"), {"one": below, "many": [other]})
    lazy = NodeP(graph.folder / "data", NodeParams("top"), {"one": Lazy(below), "many": [Lazy(other)]})
    assert _core.full_key(eager) == _core.full_key(lazy)
    assert lazy.tracked_persistable_dependencies == {"one": below, "many": [other]}
    assert _core.full_key(asking(graph, "a", below)) == _core.full_key(asking(graph, "a", Lazy(below)))


def test_dependencies_that_are_set_anew_are_lazy_no_more(graph: Graph) -> None:
    below = graph.step("below")
    top = asking(graph, "top", Lazy(below))
    assert len(persistable.plan(top)) == 1
    top.tracked_persistable_dependencies = [below]
    assert len(persistable.plan(top)) == 2


COPIES: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda step: pickle.loads(pickle.dumps(step))]


@pytest.mark.parametrize("copied", COPIES)
def test_copies_keep_what_is_lazy(graph: Graph, copied: Callable[[Any], Any]) -> None:
    top = copied(asking(graph, "top", graph.step("eager"), Lazy(graph.step("below"))))
    assert len(persistable.plan(top)) == 2
    assert _core.lazy_of(top) == (top.tracked_persistable_dependencies[1],)


def private_names(step: Any) -> set[str]:
    return {name for name in vars(step) if name.startswith("_")}


def test_what_is_lazy_adds_no_private_name(graph: Graph, tmp_path: Path) -> None:
    below, number = graph.step("below"), slow_number(tmp_path, 1)
    assert private_names(asking(graph, "top", Lazy(below))) == private_names(asking(graph, "top", below))
    assert private_names(lazy_sum(tmp_path, True, [Lazy(number)])) == private_names(number)


def of_earlier_version(step: NodeP, lazy: tuple[Any, ...]) -> NodeP:
    """The step as earlier versions pickled it: with an attribute for its lazy dependencies."""
    step.__dict__["_lazy_dependencies"] = lazy
    earlier: NodeP = pickle.loads(pickle.dumps(step))
    assert "_lazy_dependencies" in vars(earlier)
    return earlier


@pytest.mark.parametrize("copied", [*COPIES, lambda step: step])
def test_pickles_of_earlier_versions_keep_what_is_lazy(graph: Graph, copied: Callable[[Any], Any]) -> None:
    below = graph.step("below")
    top = copied(of_earlier_version(asking(graph, "top", below), (below,)))
    assert len(persistable.plan(top)) == 1
    assert "_lazy_dependencies" not in vars(top)
    again = of_earlier_version(asking(graph, "top", below), (below,))
    again.tracked_persistable_dependencies = list(again.tracked_persistable_dependencies)
    assert len(persistable.plan(again)) == 2


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_function_gets_its_lazy_argument_as_something_to_ask(tmp_path: Path, executor: str) -> None:
    numbers = [slow_number(tmp_path, n) for n in (1, 2)]
    none, both = lazy_sum(tmp_path, False, numbers), lazy_sum(tmp_path, True, [Lazy(number) for number in numbers])
    assert len(persistable.plan([none, both])) == 2
    persistable.run(none, executor, progress=False)
    assert persistable.plan(numbers).present == 0
    persistable.run(both, executor, progress=False)
    assert persistable.plan(numbers).present == 2
    assert (none.payload, both.payload) == (0, 3)


def test_lazy_is_refused_where_the_function_would_get_the_payload(tmp_path: Path) -> None:
    @persistable.step
    def plain(number: int) -> int:
        return number

    with pytest.raises(TypeError, match="Annotate the parameter, as in number: Lazy"):
        plain(tmp_path, Lazy(slow_number(tmp_path, 1)))
    with pytest.raises(TypeError, match="Lazy takes a step"):
        Lazy(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_deep_chain_below_a_lazy_dependency_travels(graph: Graph, executor: str) -> None:
    last = graph.step("0")
    for n in range(1, 150):
        last = graph.step(str(n), last)
    top = asking(graph, "top", Lazy(last))
    assert persistable.run(top, executor, progress=False).count("generated") == 1
    assert graph.generated("0") == 1


def test_the_payload_of_a_lazy_dependency_leaves_memory_after_the_last_step_that_may_ask_for_it(graph: Graph) -> None:
    spare, kept = graph.step("spare", graph.step("below spare")), graph.step("kept")
    assert kept.payload == "kept()"
    steps = [asking(graph, name, Lazy(spare), Lazy(kept)) for name in ("a", "b")]
    persistable.run(steps, workers=1, progress=False)
    (below,) = spare.tracked_persistable_dependencies or ()
    assert [_core.has_in_memory(step) for step in (spare, below, kept)] == [False, False, True]
    assert graph.generated("spare") == 1
