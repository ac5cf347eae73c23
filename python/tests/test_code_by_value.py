"""Steps whose definitions come to another process by cloudpickle have the same code there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cloudpickle")

SEARCHED = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)

SCRIPT = """
import abc, dataclasses, enum, functools, pickle, subprocess, sys, typing
import attrs, cloudpickle
from persistable import Persistable, _core, step

START = 1
def helper(x): return x + START

@dataclasses.dataclass
class Plain:
    a: int = 1
    b: list = dataclasses.field(default_factory=list)
    def __post_init__(self): self.c = helper(1)
    def __hash__(self): return 3

@dataclasses.dataclass(frozen=True, order=True)
class Ordered:
    a: int = 1

@attrs.define
class Attrs:
    a: int = 1
    def __len__(self): return 3

@attrs.frozen(order=True)
class Frozen:
    a: int = 1

class Named(typing.NamedTuple):
    a: int = 1

class Color(enum.Enum):
    RED = 1

@functools.total_ordering
class Total:
    def __init__(self, a): self.a = a
    def __lt__(self, other): return self.a < other.a
    def __eq__(self, other): return self.a == other.a

class Base(abc.ABC):
    n = 2
    @abc.abstractmethod
    def f(self): ...

class Derived(Base):
    @classmethod
    def make(cls): return cls()
    def f(self): return [helper(x) for x in range(self.n)]

class FitP(Persistable):
    def _generate_payload(self): return Derived.make().f()

@step
def fit(values): return helper(1), Named(2), Plain(3), Ordered(4), Attrs(5), Frozen(6)

def found():
    params = [Plain(), Ordered(), Attrs(), Frozen(), Named(), Color.RED, Total(1), None]
    every = [*(FitP("data", {"x": each}) for each in params), fit("data", None)]
    return [(str(each.params), code_of(each)) for each in every]

def code_of(step):
    code = _core.code_of(step)
    items = [(item.name, item.digests) for item in code.record.full()]
    try:
        return items, code.record.unseen, code.key_digest()
    except Exception as error:
        return items, code.record.unseen, str(error)

CHILD = "import pickle, sys; f = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(pickle.dumps(f()))"

def found_elsewhere():
    done = subprocess.run([sys.executable, "-c", CHILD], input=cloudpickle.dumps(found), stdout=subprocess.PIPE)
    return pickle.loads(done.stdout)

if __name__ == "__main__":
    if sys.argv[1:] == ["without"]: __file__ = "gone.py"
    here, there = found(), found_elsewhere()
    for (what, mine), (_, others) in zip(here, there):
        is_same = mine == others
        if sys.argv[1:] == ["without"]:
            tag = sys.implementation.cache_tag
            is_same = [(n, d.get("value") or d[tag]) for n, d in mine[0]] == [(n, *d.values()) for n, d in others[0]]
        print("same" if is_same else f"{what}:\\n{mine}\\n{others}")
"""


def run(folder: Path, *arguments: str, code: str = SCRIPT) -> str:
    (folder / "script.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    command = [sys.executable, "-W", "error", *(arguments or ("script.py",))]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else done.stderr


def test_definitions_of_a_script_have_the_same_code_in_another_process(tmp_path: Path) -> None:
    pytest.importorskip("attrs")
    assert run(tmp_path).split("\n") == [*["same"] * 9, ""]


def test_where_the_source_is_not_to_be_found_the_bytecode_is_the_same(tmp_path: Path) -> None:
    pytest.importorskip("attrs")
    assert run(tmp_path, "script.py", "without").split("\n") == [*["same"] * 9, ""]


def test_definitions_of_a_module_that_is_run_have_the_same_code_in_another_process(tmp_path: Path) -> None:
    pytest.importorskip("attrs")
    (tmp_path / "proj").mkdir()
    run(tmp_path / "proj", "-c", "")
    assert run(tmp_path, "-m", "proj.script").split("\n") == [*["same"] * 9, ""]


def test_params_of_a_script_have_the_same_code_for_a_step_of_a_module(tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(
        "from persistable import step\n@step(code_change='key')\ndef fit(params): return params.a\n"
    )
    code = """
import dataclasses, pickle, subprocess, sys
import cloudpickle
from steps import fit
N = 1
@dataclasses.dataclass
class Params:
    a: int = 1
    def scaled(self): return self.a * N
    def __post_init__(self): self.b = self.scaled()
def found(): return fit("data", Params(3)).persist_hash
CHILD = "import pickle, sys; print(pickle.load(sys.stdin.buffer)())"
if __name__ == "__main__":
    there = subprocess.run([sys.executable, "-c", CHILD], input=cloudpickle.dumps(found), stdout=subprocess.PIPE)
    print(there.stdout.decode().strip() == found())
"""
    assert run(tmp_path, code=code) == "True\n"


POOL = """
import dataclasses, multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
import joblib
from persistable import step
START = 3
@dataclasses.dataclass
class Params:
    a: int = 1
def helper(x): return x + START
@step(code_change="key")
def keyed(params: Params) -> int: return helper(params.a)
@step
def warned(params: Params, x: int) -> int: return helper(params.a) * x
@step
def both(a, b: int) -> int: return a + b
def down(n: int) -> int: return 0 if n == 0 else again.function(n - 1) + 1
again = step(payload_name="again")(down)
def payload(step): return step.payload
if __name__ == "__main__":
    for _ in range(2):
        with joblib.parallel_config(sys.argv[1], n_jobs=2):
            ask = lambda i: (keyed("d", Params(i)).payload, warned("d", Params(i), 2).payload)
            print(joblib.Parallel()(joblib.delayed(ask)(i) for i in range(3)))
            print(joblib.Parallel()(joblib.delayed(payload)(both("d", keyed("d", Params(i)), i)) for i in range(3)))
            made = joblib.Parallel()(joblib.delayed(again)("d", i) for i in range(2))
            print([step.persist_hash for step in made] == [again("d", i).persist_hash for i in range(2)])
        print([(keyed("d", Params(i)).payload, warned("d", Params(i), 2).payload) for i in range(3)])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(*pool.map(payload, [warned("d", Params(i), 2) for i in range(3)]))
"""


def test_steps_of_a_script_run_in_the_processes_of_joblib(tmp_path: Path) -> None:
    pytest.importorskip("joblib")
    pairs = "[(3, 6), (4, 8), (5, 10)]\n"
    expected = f"{pairs}[3, 5, 7]\nTrue\n{pairs}" * 2 + "6 8 10\n"
    assert run(tmp_path, "script.py", "loky", code=POOL) == expected


DASK = """
import dask, pickle
from dask import delayed
from persistable import step
START = 3
def helper(x): return x + START
@step
def fit(x: int) -> int: return helper(x)
if __name__ == "__main__":
    for _ in range(2):
        print(dask.compute(*[delayed(lambda i: fit("d", i).payload)(i) for i in range(3)], scheduler="processes"))
    print([fit("d", i).payload for i in range(3)])
    print(pickle.loads(pickle.dumps(fit)) is fit)
"""


def test_steps_of_a_script_run_in_the_processes_of_dask(tmp_path: Path) -> None:
    pytest.importorskip("dask")
    assert run(tmp_path, code=DASK) == "(3, 4, 5)\n" * 2 + "[3, 4, 5]\nTrue\n"


NAMES = """
import cloudpickle, pickle, pickletools
import steps
from persistable import step
other = step(payload_name="other")(steps.helper)
def is_whole(step): return b"helped" in cloudpickle.dumps(step)
@step
def fit(x: int): return "helped"
if __name__ == "__main__":
    print(pickle.loads(cloudpickle.dumps(steps.fit)) is steps.fit, is_whole(steps.fit), is_whole(fit))
    print(pickle.loads(pickle.dumps(other))("d", 1).persist_hash == other("d", 1).persist_hash)
    cloudpickle.register_pickle_by_value(steps)
    print(is_whole(steps.fit))
"""


def test_a_step_goes_by_its_name_where_that_leads_back(tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(
        "from persistable import step\n@step\ndef fit(x): return 'helped'\ndef helper(x): return x\n"
    )
    assert run(tmp_path, code=NAMES) == "True False True\nTrue\nTrue\n"
