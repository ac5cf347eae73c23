"""Runs never change what they know too little of, and refuse stores that workers can't see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from run_steps import Graph, NodeParams

import persistable
from persistable import Persistable, Store
from persistable._runs._shell import opened, shell_of
from persistable.exceptions import PersistableError


def run(steps: Any, executor: Any = "threads") -> Any:
    return persistable.run(steps, executor, workers=2, progress=False)


def on_a_worker(graph: Graph) -> Any:
    """Returns a step of which a worker knows the key only."""
    below = graph.step("below", graph.step("bottom"))
    run([below])
    (known_by_key,) = opened(shell_of(graph.step("top", below))).tracked_persistable_dependencies
    return known_by_key


class NumberP(Persistable[int, NodeParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return 1


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


def test_a_worker_leaves_a_damaged_artifact_where_it_is(graph: Graph) -> None:
    step = on_a_worker(graph)
    assert step.payload == "below(bottom())"
    data = graph.folder / "data"
    (payload,) = [path for path in data.glob("*") if step.persist_hash in path.name and path.suffix != ".json"]
    payload.write_bytes(b"damaged")
    step = on_a_worker(graph)
    for load in (step.load, step.load_generate):
        with pytest.raises(PersistableError, match="Nothing was changed in the store"):
            load()
    assert payload.read_bytes() == b"damaged"
    assert not (data / ".persistable" / "quarantine").exists()


@pytest.mark.parametrize("is_damaged", [True, False])
def test_a_run_mends_a_dependency_that_a_worker_can_not_load(graph: Graph, is_damaged: bool) -> None:
    below = graph.step("below", graph.step("bottom"))
    top = graph.step("top", below)
    run([below])
    data = graph.folder / "data"
    (payload,) = [path for path in data.glob("*") if below.persist_hash in path.name and path.suffix != ".json"]
    payload.chmod(0o600)
    if is_damaged:
        payload.write_bytes(b"damaged")
    else:
        payload.unlink()
    report = run([top], "processes")
    assert report.count("generated") == 1
    assert top.payload == "top(below(bottom()))"


def test_a_worker_only_loads_a_step_of_which_it_knows_the_key(graph: Graph) -> None:
    step = on_a_worker(graph)
    for change in (step.generate, step.remove):
        with pytest.raises(PersistableError, match=r"can load .*, and not generate, persist or remove it"):
            change()
    assert step.payload == "below(bottom())"


def test_a_store_in_memory_is_refused_before_a_worker_process_starts() -> None:
    store = Store("memory://refused")
    step = NumberP(store, NodeParams("a"), [])
    with pytest.raises(ValueError, match="Only this process has that store"):
        run([step], "processes")
    with ThreadPoolExecutor(1) as pool:
        assert run([step], pool).count("generated") == 1
    assert run([NumberP(store, NodeParams("b"), [])]).count("generated") == 1
