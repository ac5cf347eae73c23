"""Runs on Ray, SLURM and MPI, which `scripts/engines/with slurm mpi ray -- pytest python/engines` starts."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[2] / "tests"
sys.path.insert(0, str(TESTS))

from pages import ON_ENGINES  # noqa: E402
from run_steps import Graph  # noqa: E402
from test_docs import run_page  # noqa: E402
from test_runs_main import check_notebook  # noqa: E402

import persistable  # noqa: E402
from persistable import RunError  # noqa: E402

_COPIES = 4
_NAMES = [f"{n:02}" for n in range(16)]
_PROGRAM = """
import sys
from pathlib import Path
import persistable
from run_steps import Graph

graph = Graph(Path(sys.argv[1]))
bottom = graph.step("bottom")
steps = [graph.step(f"{n:02}", bottom) for n in range(16)]
report = persistable.run([graph.step("top", *steps)], "shared", progress=False)
print(report.count("generated"), report.count("failed"))
"""


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph(tmp_path)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    path = tmp_path / "program.py"
    path.write_text(_PROGRAM)
    return path


def check(graph: Graph) -> None:
    assert all(graph.generated(name) == 1 for name in ("bottom", *_NAMES, "top"))


@pytest.mark.parametrize("page", sorted(ON_ENGINES))
def test_the_programs_of_a_page_run_and_print_what_it_shows(page: str, tmp_path: Path) -> None:
    run_page(page, tmp_path)


def test_a_slurm_array_shares_the_work(graph: Graph, program: Path) -> None:
    output = graph.folder / "%a.out"
    script = f"#!/bin/sh\n{sys.executable} {program} {graph.folder}\n"
    options = [f"--array=1-{_COPIES}", f"--output={output}", "--wait"]
    subprocess.run(["sbatch", *options], input=script, text=True, check=True, timeout=300)
    check(graph)
    assert len(list(graph.folder.glob("*.out"))) == _COPIES


def test_tasks_of_one_slurm_job_share_the_work(graph: Graph, program: Path) -> None:
    command = ["srun", f"--ntasks={_COPIES}", sys.executable, str(program), str(graph.folder)]
    subprocess.run(command, check=True, timeout=300)
    check(graph)


def test_a_step_that_fails_in_a_slurm_array_is_tried_once(graph: Graph, program: Path) -> None:
    graph.does("07", "fail")
    script = f"#!/bin/sh\n{sys.executable} {program} {graph.folder}\n"
    options = [f"--array=1-{_COPIES}%1", f"--output={graph.folder}/%a.out", "--wait"]
    subprocess.run(["sbatch", *options], input=script, text=True, check=False, timeout=300)
    assert graph.generated("07") == 1
    assert graph.generated("top") == 0


def test_submitit_sends_jobs_to_slurm(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    submitit = pytest.importorskip("submitit")
    executor = submitit.AutoExecutor(graph.folder / "submitit", cluster="slurm")
    executor.update_parameters(timeout_min=5, cpus_per_task=1)
    bottom = graph.step("bottom")
    steps = [graph.step(name, bottom) for name in _NAMES]
    run([graph.step("top", *steps)], executor)
    check(graph)
    large = graph.step("large")
    large.resources = {"cores": 2}
    with pytest.raises(ValueError, match="each job of submitit has 1"):
        run([large], executor)


def test_ranks_of_mpi_share_the_work(graph: Graph, program: Path) -> None:
    command = ["mpirun", "-n", str(_COPIES), sys.executable, str(program), str(graph.folder)]
    subprocess.run(command, check=True, timeout=300)
    check(graph)


def test_the_pool_of_mpi4py_is_an_executor(graph: Graph, program: Path) -> None:
    # Workers import the program, too.
    main = textwrap.indent(_PROGRAM.replace('"shared"', "MPIPoolExecutor()"), "    ")
    program.write_text(f"from mpi4py.futures import MPIPoolExecutor\nif __name__ == '__main__':\n{main}")
    command = ["mpirun", "-n", "3", sys.executable, "-m", "mpi4py.futures", str(program), str(graph.folder)]
    subprocess.run(command, check=True, timeout=300)
    check(graph)


@pytest.fixture
def ray() -> Iterator[Any]:
    module = pytest.importorskip("ray")
    module.init(log_to_driver=False)
    yield module
    module.shutdown()


def run(steps: Any, executor: Any, **options: Any) -> Any:
    return persistable.run(steps, executor, progress=False, **options)


def test_ray_generates_each_step_once_and_tells_of_failures(graph: Graph, ray: Any) -> None:
    graph.does("bad", "fail")
    bottom = graph.step("bottom")
    top = graph.step("top", *(graph.step(name, bottom) for name in _NAMES))
    with pytest.raises(RunError, match="bad does not work"):
        run([top, graph.step("bad")], "ray", on_error="continue")
    check(graph)


def test_ray_gets_resources_in_its_terms_and_an_impossible_one_is_refused_at_once(graph: Graph, ray: Any) -> None:
    step, large = graph.step("two cores"), graph.step("large")
    step.resources = {"cores": 2, "memory": 1 << 20}
    assert run([step], ray).count("generated") == 1
    large.resources = {"gpus": 1}
    with pytest.raises(ValueError, match="none of the 1 nodes of Ray offers that"):
        run([large], ray)


def test_a_worker_of_ray_that_dies_costs_one_generation(graph: Graph, ray: Any) -> None:
    graph.does("killer", "kill once")
    steps = [graph.step("killer"), *(graph.step(name) for name in _NAMES)]
    assert run(steps, "ray").count("generated") == len(steps)
    assert graph.generated("killer") == 2
    assert all(graph.generated(name) == 1 for name in _NAMES)


def test_steps_of_a_notebook_run_on_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = "import ray\nray.init(log_to_driver=False, logging_level='error')\nexecutor = 'ray'"
    check_notebook(opens, tmp_path, monkeypatch)


def test_a_run_fails_if_the_program_leaves_ray(graph: Graph, ray: Any) -> None:
    for pipe in ("has begun", "may end"):
        os.mkfifo(graph.folder / pipe)
    graph.does("held", "hold")

    def leave() -> None:
        (graph.folder / "has begun").read_text()
        ray.shutdown()

    leaving = threading.Thread(target=leave)
    leaving.start()
    with pytest.raises(RunError) as raised:
        run([graph.step("held")], ray, on_error="continue", retries=3)
    leaving.join()
    assert "Ray" in str(raised.value)
