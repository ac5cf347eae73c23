"""The record of a step's code in notebooks, with modules that are reloaded, and in other processes and threads."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from code_support import Workplace, names_of, sources_of

from persistable import _core

SEARCHED = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)


@pytest.mark.filterwarnings("ignore")
def test_a_notebook_that_runs_tells_which_cell_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", SEARCHED)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cells = [
        "from persistable import _core, step\nimport math\nN = 1",
        "def helper(x):\n    %timeit -n1 -r1 -q 1\n    return x + N",
        "@step\ndef fit(n: int = 1): return helper(n)",
        "before = _core.code_of(fit('data')); print(sorted(before.digests()))",
        "def helper(x):\n    return x + N + 1",
        "print(_core.code_of(fit('data')).changes_since(before))",
        "N = 2",
        "print(_core.code_of(fit('data')).changes_since(before))",
        "def helper(x):\n    %timeit -n1 -r1 -q 1\n    return x + N\nN = 1",
        "print(_core.code_of(fit('data')).changes_since(before))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = [output.text.strip() for cell in notebook.cells for output in cell.outputs if "text" in output]
    assert printed == [
        str(["ast", sys.implementation.cache_tag]),
        "['helper (notebook cell:1)']",
        "['N (notebook cell)', 'helper (notebook cell:1)']",
        "[]",
    ]


def test_functions_that_autoreload_changes_in_place_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    autoreload = pytest.importorskip("IPython.extensions.autoreload")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "autoreloaded.py"
    path.write_text("def clean(): return 1\nclass Model:\n    def fit(self): return 1\n")
    place = Workplace(tmp_path, "notebook")
    code = "from autoreloaded import clean, Model\n@step\ndef fit(): return clean() + Model().fit()\n"
    module, old_objects = importlib.import_module("autoreloaded"), {}  # type: ignore[var-annotated]
    before = place.run(sources_of(code))
    path.write_text("def clean(): return 22\nclass Model:\n    def fit(self): return 1\n")
    autoreload.superreload(module, old_objects=old_objects)
    after = place.record()
    assert names_of(after.changes_since(before)) == {"autoreloaded.clean"}
    path.write_text("def clean(): return 22\nclass Model:\n    def fit(self): return 333\n")
    autoreload.superreload(module, old_objects=old_objects)
    assert names_of(place.record().changes_since(after)) == {"autoreloaded.Model.fit"}


SPAWNING = """
import multiprocessing, sys
from persistable import _core, step
N = 1
def helper(): return N
@step
def fit(): return helper()
def digests(_): return _core.code_of(fit("data")).digests()
if __name__ == "__main__":
    for method in sys.argv[1:]:
        with multiprocessing.get_context(method).Pool(1) as pool:
            print(pool.map(digests, [1]) == [digests(1)])
"""


def test_processes_of_a_pool_agree_with_their_parent(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SPAWNING)
    command = [sys.executable, "-W", "ignore", "main.py", "spawn", "fork"]
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_a_module_of_a_package_that_is_run_agrees_with_the_one_that_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "proj"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helpers.py").write_text("def clean(): return 1\n")
    (package / "fit.py").write_text(
        "from persistable import _core, step\n"
        "from proj.helpers import clean\n"
        "def own(): return 1\n"
        "@step\n"
        "def fit(): return clean() + own()\n"
        "def show(): print(_core.code_of(fit('data')).digests()['ast'])\n"
        "if __name__ == '__main__': show()\n"
    )
    printed = [
        subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), SEARCHED])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for arguments in (["-m", "proj.fit"], ["proj/fit.py"], ["-c", "import proj.fit; proj.fit.show()"])
    ]
    assert printed[0] == printed[1] == printed[2] != ""


def test_threads_may_look_while_constants_change(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    place.run(sources_of("N = {'a': [1]}\ndef helper(): return N\n@step\ndef fit(): return helper()\n"))
    step, failures = place.step(), []

    def look() -> None:
        try:
            for number in range(200):
                place.namespace["N"][str(number % 7)] = [number]
                code = _core.code_of(step)
                assert code is not None
                assert names_of(code.items()) == {"N", "fit", "helper"}
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


BESIDE = """
import os, pathlib, sys
from persistable import _core, step
HERE = pathlib.Path(__file__).resolve().parent
DATA = {"a": [str(HERE / "data")], "b": HERE.parent / "more"}
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "out")
CONFIG = os.path.join(os.path.expanduser("~"), ".config")
@step
def fit(): return [HERE, DATA, OUT, CONFIG]
print(_core.code_of(fit("data")).digests())
"""


def test_colleagues_whose_checkouts_lie_elsewhere_agree(tmp_path: Path) -> None:
    printed = []
    for name in ("anna", "ben"):
        folder = tmp_path / name / "deep" / "proj"
        folder.mkdir(parents=True)
        (folder / "fit.py").write_text(BESIDE)
        for current in (folder, tmp_path):
            command = [sys.executable, str(folder / "fit.py")]
            environment = {**os.environ, "PYTHONPATH": SEARCHED, "HOME": str(tmp_path / "home" / name)}
            done = subprocess.run(command, cwd=current, env=environment, capture_output=True, text=True)
            printed.append(done.stdout or done.stderr)
    assert printed == [printed[0]] * 4


def test_an_estimator_and_wrappers_of_functions_have_a_place_in_keys(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    code = """
import numpy
from sklearn.linear_model import Ridge
ridge = Ridge(alpha=2.0)
half = numpy.vectorize(lambda x: x / 2)
@step
def fit(): return ridge, half
"""
    place = Workplace(tmp_path, "module")
    before = place.run(sources_of(code))
    for old, new, name in (("alpha=2.0", "alpha=3.0", "ridge"), ("x / 2", "x / 3", "half.pyfunc")):
        after = Workplace(tmp_path, "module").run(sources_of(code.replace(old, new)))
        assert names_of(after.changes_since(before)) == {name}
        assert after.key_digest() != before.key_digest()
