"""What steps need of a run: never part of the key, limited while the run goes on, refused before it begins."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import persistable
from persistable import Store, _core


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def stepped(store: Store, **resources: Any) -> Any:
    @store.step(resources=resources)
    def trained(n: int) -> int:
        return n

    return trained


def test_resources_are_not_part_of_the_key(store: Store) -> None:
    keys = {_core.full_key(stepped(store, **resources)(1)) for resources in ({}, {"gpus": 1}, {"memory": "8 GB"})}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("given", "is_bytes"),
    [("8 GB", 8e9), ("512 MiB", 512 * 1024**2), ("1.5kB", 1500), ("100", 100), ("2 TiB", 2 * 1024**4), (7, 7)],
)
def test_memory_may_be_a_text(store: Store, given: Any, is_bytes: float) -> None:
    assert stepped(store, memory=given)(1).resources == {"memory": is_bytes}


@pytest.mark.parametrize("given", ["8 GB of it", "", "much", "8 gb", "1.2.3 GB"])
def test_a_text_that_is_not_a_memory_is_refused(store: Store, given: str) -> None:
    with pytest.raises(ValueError, match=r"resources\['memory'\] is .*such as '8 GB'"):
        stepped(store, memory=given)


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize(
    ("needs", "told"),
    [
        ({"cores": 64}, "needs 64 of 'cores', and the run has 2. Set more with workers="),
        ({"gpus": 1}, "needs 1 of 'gpus', and the run has 0. Set more with offer={'gpus': …}"),
        ({"memory": "500 TB"}, "needs 500 TB of 'memory', and the run has .*B. Set more with offer="),
        ({"licenses": 2}, "needs 2 of 'licenses', and the run has 0"),
    ],
)
def test_what_this_machine_does_not_have_is_refused_before_the_run(
    store: Store, executor: str, needs: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    good, large = stepped(store)(1), stepped(store, **needs)(2)
    with pytest.raises(ValueError, match=told):
        persistable.run([good, large], executor, workers=2, progress=False)
    assert persistable.plan(good).present == 0


def test_what_is_there_needs_nothing(store: Store) -> None:
    step = stepped(store, cores=64)(1)
    step.load_generate()
    assert persistable.run(step, workers=2, progress=False).count("present") == 1


def test_graphics_processors_are_those_that_are_visible(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")
    assert persistable.run(stepped(store, gpus=2)(1), progress=False).count("generated") == 1


RUNNING = threading.Semaphore(2)
IS_TOO_MANY = threading.Event()
STARTED = threading.Barrier(2)


@persistable.step(resources={"licenses": 1}, code_change="ignore")
def licensed(n: int) -> int:
    if not RUNNING.acquire(blocking=False):
        IS_TOO_MANY.set()
        return n
    STARTED.wait(timeout=60)  # Two run at the same time.
    RUNNING.release()
    return n


def test_no_more_steps_run_at_the_same_time_than_there_is_for(tmp_path: Path) -> None:
    steps = [licensed(tmp_path, n) for n in range(8)]
    persistable.run(steps, workers=6, offer={"licenses": 2}, progress=False)
    assert not IS_TOO_MANY.is_set()
