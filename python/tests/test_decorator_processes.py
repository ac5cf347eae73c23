"""Steps of functions go to other processes, wherever the function is defined."""

from __future__ import annotations

from pathlib import Path

import pytest
from program_support import SEARCHED, run_program

pytest.importorskip("cloudpickle")

DEFINED = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from operator import attrgetter
from persistable import Store, step
START = 3
def helper(x): return x + START
store = Store("data")
@step
def unbound(n: int) -> int: return helper(n)
@store.step
def bound(n: int) -> int: return helper(n)
def inside():
    @step
    def unbound(n: int) -> int: return helper(n)
    @store.step(payload_name="inside")
    def bound(n: int) -> int: return helper(n)
    return unbound, bound
unbound_inside, bound_inside = inside()
def steps(n): return [unbound("data", n), bound(n), unbound_inside("inside", n), bound_inside(n)]
"""

POOLS = """
if __name__ == "__main__":
    payload = attrgetter("payload")
    for number, method in enumerate(["fork", "spawn", "forkserver"]):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
            print(*pool.map(payload, steps(number)))
"""

LOKY = """
if __name__ == "__main__":
    from joblib import Parallel, delayed
    print(*Parallel(2)(delayed(attrgetter("payload"))(each) for each in steps(0)))
    print(*Parallel(2)(delayed(lambda n: bound(n).payload)(n) for n in (1, 2)))
"""

DASK = """
if __name__ == "__main__":
    import dask
    payload = dask.delayed(attrgetter("payload"))
    print(*dask.compute(*[payload(each) for each in steps(0)], scheduler="processes"))
    print(*dask.compute(*[dask.delayed(lambda n: bound(n).payload)(n) for n in (1, 2)], scheduler="processes"))
"""


@pytest.mark.parametrize("place", ["script", "prompt"])
def test_processes_of_the_standard_library(tmp_path: Path, place: str) -> None:
    assert run_program(tmp_path, DEFINED + POOLS, place) == "3 3 3 3\n4 4 4 4\n5 5 5 5\n"


@pytest.mark.parametrize("place", ["script", "prompt"])
@pytest.mark.parametrize(("library", "code"), [("joblib", LOKY), ("dask", DASK)])
def test_processes_of_a_library(tmp_path: Path, place: str, library: str, code: str) -> None:
    pytest.importorskip(library)
    assert run_program(tmp_path, DEFINED + code, place) == "3 3 3 3\n4 5\n"


NOTEBOOK = [DEFINED, POOLS, LOKY, DASK]


@pytest.mark.filterwarnings("ignore")
def test_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("joblib", "dask"):
        pytest.importorskip(library)
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", SEARCHED)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in NOTEBOOK])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = [
        line
        for cell in notebook.cells
        for output in cell.outputs
        for line in output.get("text", "").splitlines()
        if line.strip()
    ]
    assert printed == ["3 3 3 3", "4 4 4 4", "5 5 5 5", *["3 3 3 3", "4 5"] * 2]


WITHOUT_CLOUDPICKLE = """
import pickle, sys
sys.modules["cloudpickle"] = None
from persistable import step
def make():
    @step
    def inside(n): return n
    return inside
try:
    pickle.dumps(make())
except pickle.PicklingError as error:
    print(error)
"""


def test_without_cloudpickle_a_function_inside_another_stays_where_it_is(tmp_path: Path) -> None:
    assert "make.<locals>.inside can't be pickled" in run_program(tmp_path, WITHOUT_CLOUDPICKLE, "script")
