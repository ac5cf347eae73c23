"""Processes, hash seeds and versions of Python agree on the digests of a step's code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from code_support import sources_of

PRINTING = """
N = {"a", "b", "c"}
TABLE = {"x": lambda y: y + 1, "z": [1.5, (2, None)]}
def helper(x, *, y=3):
    if x in {"a", "b", "c"}: return f"{x!r:>{y}} of {y}" + f"{x}"
    try:
        return [a for a in range(x) if a % 2] or {b: c for b, c in {}.items()}
    except (ValueError, OSError) as error:
        raise RuntimeError from error
    finally:
        with open("x") as f: pass
class Model:
    depth = 3
    def __init__(self, n=1): self.n = n
    def fit(self, *args, **kwargs): return super().__init__() or self.n * self.depth ** -1
    async def later(self): return await self.fit()
@dataclasses.dataclass
class Config:
    a: int = 1
    b: typing.List[int] = dataclasses.field(default_factory=list)
class Color(str, enum.Enum):
    RED = "red"
@step
def fit():
    from helpers import clean
    def inner(q: int = 3) -> int:
        nonlocal total
        total += (lambda r: r + q)(1)
        return total
    total = 0
    return [inner(), helper(1), Model().fit(), Model.later, N, TABLE, Config(), Color.RED, clean(), 1j, b"x", ..., -1]
if __name__ == "__main__":
    from persistable import _core
    print(_core.code_of(fit("data")).digests()["ast"])
# --- helpers.py
def clean(x: "int" = 1) -> "int": return x
"""


def printed(folder: Path, python: str, seed: str, **environment: str) -> str:
    package = str(Path(__file__).parents[1])
    variables = {**os.environ, "PYTHONPATH": package, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [python, "main.py"], cwd=folder, env={**variables, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    for name, source in sources_of(PRINTING).items():
        (tmp_path / name).write_text(source)
    return tmp_path


def test_processes_and_hash_seeds_agree(script: Path) -> None:
    digests = {printed(script, sys.executable, seed) for seed in ("0", "1", "2")}
    assert len(digests) == 1


def other_pythons() -> list[str]:
    """Returns interpreters of other versions that the machine has, and that load the compiled module."""
    found = []
    candidates = Path.home().glob(".pyenv/versions/3.*/bin/python3")
    for path in sorted(candidates):
        command = [str(path), "-c", "import sys, persistable._core; print(sys.version_info >= (3, 9))"]
        package = str(Path(__file__).parents[1])
        done = subprocess.run(command, env={"PYTHONPATH": package}, capture_output=True, text=True)
        if done.stdout.strip() == "True":
            found.append(str(path))
    return found


def test_versions_of_python_agree_on_the_source(script: Path) -> None:
    pythons = other_pythons()
    if not pythons:
        pytest.skip("there is no other Python")
    here = printed(script, sys.executable, "0")
    assert {python: printed(script, python, "0") for python in pythons} == dict.fromkeys(pythons, here)


def test_optimisation_does_not_count(script: Path) -> None:
    assert printed(script, sys.executable, "0") == printed(script, sys.executable, "0", PYTHONOPTIMIZE="2")


def test_a_script_and_a_module_agree(script: Path) -> None:
    as_module = "import main\nfrom persistable import _core\nprint(_core.code_of(main.fit('data')).digests()['ast'])\n"
    done: Any = subprocess.run(
        [sys.executable, "-c", as_module],
        cwd=script,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == printed(script, sys.executable, "0"), done.stderr
