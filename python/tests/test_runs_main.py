"""Runs of steps that a script, a prompt or a notebook defines: on processes, on loky and on Dask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from program_support import SEARCHED, run_program

DEFINED = """
import functools, sys, warnings
from dataclasses import dataclass
import persistable
from persistable import Lazy, Persistable, PersistableParams, Store, step
START = 3
store = Store("data")
@functools.lru_cache(maxsize=8)
def same(x): return x
def helper(x): return same(x) + START

@dataclass
class Point:
    x: int

@dataclass
class ParentParams(PersistableParams):
    n: int

class PointP(Persistable[Point, ParentParams]):
    def _generate_payload(self, **untracked_payload_params):
        return Point(helper(self.params.n))

@store.step
def doubled(point) -> Point: return Point(2 * helper(point.x))

def closed_over(by):
    @step(version=by)
    def moved(point) -> Point: return Point(point.x + by)
    return moved

class LastP(PointP):
    def _generate_payload(self, **untracked_payload_params):
        return super()._generate_payload().x + sum(below.payload.x for below in self.tracked_persistable_dependencies)

def steps():
    points = [PointP("data", ParentParams(n), None) for n in range(3)]
    middle = [doubled(point) for point in points[:2]] + [closed_over(5)("data", points[2])]
    return [LastP("data", ParentParams(1), middle)]

def show(executor):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = persistable.run(steps(), executor, workers=2, progress=False)
        (last,) = steps()
        print(last.payload, type(last.tracked_persistable_dependencies[0].payload) is Point, report.count("generated"))
    for below in (last, *last.tracked_persistable_dependencies):
        below.remove()
        for further in below.tracked_persistable_dependencies: further.remove()
"""
# (1 + 3) + 2 * (3 + 3) + 2 * (4 + 3) + ((2 + 3) + 5)
SHOWN = "40 True 7\n"

PROCESSES = """
if __name__ == "__main__":
    show("processes")
"""
LOKY = """
if __name__ == "__main__":
    from joblib.externals.loky import get_reusable_executor
    show(get_reusable_executor(2))
"""
DASK = """
if __name__ == "__main__":
    from dask.distributed import Client, LocalCluster
    with LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=":0") as cluster:
        with Client(cluster) as client:
            client.run(persistable.configure, unseeded="ignore")
            show(client)
"""


@pytest.mark.parametrize("place", ["script", "prompt"])
@pytest.mark.parametrize(
    ("library", "code"), [("cloudpickle", PROCESSES), ("joblib", LOKY), ("distributed", DASK)], ids=["", "loky", "dask"]
)
def test_steps_of_the_main_module_run_elsewhere(tmp_path: Path, place: str, library: str, code: str) -> None:
    pytest.importorskip(library)
    pytest.importorskip("cloudpickle")
    assert run_program(tmp_path, DEFINED + code, place) == SHOWN


NESTED = """
import sys
import persistable
from joblib import Parallel, delayed
store = persistable.Store("data")
def square(n): return n * n

@store.step
def total(n):
    return sum(Parallel(n_jobs=2)(delayed(square)(k) for k in range(n)))

if __name__ == "__main__":
    persistable.run([total(3), total(4)], sys.argv[1], workers=2, progress=False)
    print(total(3).payload, total(4).payload)
"""


@pytest.mark.parametrize("executor", ["processes", "loky"])
def test_a_program_ends_whose_steps_start_processes_by_joblib(tmp_path: Path, executor: str) -> None:
    pytest.importorskip("joblib")
    pytest.importorskip("cloudpickle")
    (tmp_path / "script.py").write_text(NESTED)
    command = [sys.executable, "-W", "ignore", "script.py", executor]
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    # Processes that are left behind would keep the pipe open for five minutes.
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, timeout=200)
    assert done.stdout == "5 14\n"


WITHOUT_CLOUDPICKLE = """
import sys
sys.modules["cloudpickle"] = None
"""
NO_CLOSURE = """
def closed_over(by): return doubled_again
@step
def doubled_again(point) -> Point: return Point(point.x + 5)
"""


def test_without_cloudpickle_processes_import_the_script(tmp_path: Path) -> None:
    code = WITHOUT_CLOUDPICKLE + DEFINED + NO_CLOSURE + PROCESSES
    assert run_program(tmp_path, code, "script") == SHOWN


@pytest.mark.parametrize("place", ["script", "prompt"])
def test_without_cloudpickle_an_error_says_what_to_do(tmp_path: Path, place: str) -> None:
    code = WITHOUT_CLOUDPICKLE + DEFINED + "show('processes')"
    told = run_program(tmp_path, code, place)
    assert "pip install 'persistable[cloudpickle]'" in told
    assert "or define it at the top of a module" in told


OPENS = {
    "processes": "executor = 'processes'",
    "loky": "executor = 'loky'",
    "dask": (
        "from dask.distributed import Client, LocalCluster\n"
        "options = {'n_workers': 1, 'threads_per_worker': 2, 'host': '127.0.0.1', 'dashboard_address': ':0'}\n"
        "executor = Client(LocalCluster(**options))"
    ),
}
_LIBRARIES = {"processes": "cloudpickle", "loky": "joblib", "dask": "distributed"}
CELLS = ["show(executor)", "START = 4\nshow(executor)", "persistable.run(steps(), executor, workers=2)"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", list(OPENS))
def test_steps_of_a_notebook_run_elsewhere(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cloudpickle")
    pytest.importorskip(_LIBRARIES[engine])
    check_notebook(OPENS[engine], tmp_path, monkeypatch)


def check_notebook(opens: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs steps that cells define, and again when a cell has changed them."""
    nbformat = pytest.importorskip("nbformat")
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", SEARCHED)
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    cells = [nbformat.v4.new_code_cell(cell) for cell in [f"{DEFINED}{opens}", *CELLS]]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    printed = ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]
    assert printed[1:3] == [SHOWN, "50 True 7\n"]
    bar, shown = (output["data"] for output in notebook.cells[3].outputs)
    assert '<progress max="100" value="100">' in bar["text/html"]
    assert "7 of 7 steps, in " in bar["text/plain"]
    assert "7 generated" in shown["text/html"]
