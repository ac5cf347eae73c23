"""Workers of the engines that a user already has: when they die, when none is left, and what a step gets of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from engine_support import dask, opened, run
from run_steps import Graph, blas_threads, variables

from persistable import RunError, _settings
from persistable._runs import _absence
from persistable._runs._executors import engine_of
from persistable._runs._share import given

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
_OF_THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


def test_a_step_that_kills_two_workers_of_dask_has_failed(graph: Graph) -> None:
    graph.does("killer", "kill")
    graph.does("once", "kill once")
    innocent = [f"{n:02}" for n in range(12)]
    steps = [graph.step(name) for name in ("killer", "once", *innocent)]
    with dask() as client, pytest.raises(RunError, match="1 of 14 steps failed") as raised:
        run(steps, client, on_error="continue")
    (failure,) = raised.value.report.failures
    assert failure.step.params.name == "killer"
    assert "died while it generated this step" in str(failure.error)
    assert graph.generated("killer") == graph.generated("once") == 2
    assert all(graph.generated(name) == 1 for name in innocent)


def test_a_run_uses_workers_that_come_while_it_is_under_way() -> None:
    with dask() as client:
        engine = engine_of(client, None)
        before, more = engine.workers, len(client.cluster.workers) + 1
        client.cluster.scale(more)
        client.wait_for_workers(more, timeout=60)
        engine._attendance()  # type: ignore[attr-defined]
        assert engine.workers > before
        fixed = engine_of(client, 1)
        fixed._attendance()  # type: ignore[attr-defined]
        assert fixed.workers == 1


@pytest.mark.parametrize("gone", ["cluster", "client", "workers"])
def test_a_run_fails_if_no_worker_of_dask_is_left(
    graph: Graph, gone: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, seconds in (("PAUSE_SECONDS", 0.05), ("TOLD_AFTER_SECONDS", 0.0), ("MOST_SECONDS", 0.1)):
        monkeypatch.setattr(_absence, name, seconds)
    for pipe in ("has begun", "may end"):
        os.mkfifo(graph.folder / pipe)
    graph.does("held", "hold")
    with dask() as client:

        def leave() -> None:
            (graph.folder / "has begun").read_text()
            if gone == "cluster":
                client.cluster.close()
            elif gone == "client":
                client.close()
            else:
                client.cluster.scale(0)

        leaving = threading.Thread(target=leave)
        leaving.start()
        with pytest.raises(RunError) as raised:
            run([graph.step("held"), graph.step("other")], client, on_error="continue", retries=3)
        leaving.join()
        (graph.folder / "may end").unlink()
    failures = {each.step.params.name: each.error for each in raised.value.report.failures}
    assert isinstance(failures["held"], _absence.WorkersGoneError)
    assert graph.generated("held") == 1
    if gone == "workers":
        assert "there are no workers of Dask" in caplog.text


@pytest.mark.parametrize("engine", ["pool", "loky", "dask"])
def test_numeric_libraries_use_as_many_threads_as_the_step_has_cores(tmp_path: Path, engine: str) -> None:
    pytest.importorskip("threadpoolctl")
    declared, undeclared = [variables(tmp_path, _OF_THREADS), blas_threads(tmp_path, 0)], variables(tmp_path, ["HOME"])
    for step in declared:
        step.resources = {"cores": 2}
    with dask(n_workers=1, threads_per_worker=2) if engine == "dask" else opened(engine, tmp_path) as executor:
        run([*declared, undeclared], executor)
    assert declared[0].payload == ["2", "2", "2"]
    assert declared[1].payload == 2


def test_what_a_step_does_not_declare_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with given({"memory": 1.0}):
        assert os.environ["OMP_NUM_THREADS"] == "7"
    with given({"cores": 2.0}), given({"cores": 1.0}):
        assert os.environ["MKL_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"] == "2"
    assert (os.environ["OMP_NUM_THREADS"], os.environ.get("MKL_NUM_THREADS")) == ("7", None)


def test_processes_that_run_at_once_get_different_graphics_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,GPU-7,5")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other: dict[str, Any] = {"env": {**os.environ, "TMPDIR": str(tmp_path)}, "text": True}
    program = (
        "import os; from persistable._runs._share import given\n"
        "with given({'gpus': 2}): print(os.environ['CUDA_VISIBLE_DEVICES'])"
    )
    with given({"gpus": 1}):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"
        assert subprocess.check_output([sys.executable, "-c", program], **other) == "GPU-7,5\n"
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,GPU-7,5"
    with given({"gpus": 3}):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "3,GPU-7,5"


def test_a_run_on_threads_of_dask_leaves_the_settings_of_the_program_as_they_are(graph: Graph) -> None:
    before = _settings._configured["unseeded"]
    with dask(processes=False, host=None) as client:
        run([graph.step(str(n)) for n in range(4)], client)
    assert _settings._configured["unseeded"] == before != "ignore"
