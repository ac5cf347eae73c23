"""Notices what is stale, against the same with all of that ignored: `stale.py FOLDER`.

The step has 70 functions of the user's below it, a dependency, and a param that is a path.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Callable

from harness import compare

import persistable
from persistable.io import JsonFileIO

_FUNCTIONS = 70
# So many artifacts are loaded or persisted in turn.
_ARTIFACTS = 100
_ROUNDS = 101
_FIRST_USES = 31

_IGNORED = dict.fromkeys(
    (
        "code_change",
        "input_change",
        "dependency_change",
        "undeclared",
        "unseeded",
        "none_payload",
        "changed_in_place",
    ),
    "ignore",
)


def module_of(folder: Path, number: int) -> Any:
    """Returns a new module with a step that calls 70 functions, which call each other and read constants."""
    functions = "\n\n".join(
        f"def f{n}(x):\n    total = x + OFFSET\n    for each in range({n}):\n        total += each\n"
        f"    return total + {f'f{n + 1}(x)' if n + 1 < _FUNCTIONS else '0'}"
        for n in range(_FUNCTIONS)
    )
    text = f"""
from dataclasses import dataclass
from pathlib import Path

from persistable import Persistable, PersistableParams

OFFSET = 3

{functions}

@dataclass
class P(PersistableParams):
    n: int
    path: Path

class BaseP(Persistable[int, P]):
    def _generate_payload(self, **untracked):
        return self.params.n

class SumP(Persistable[int, P]):
    def _generate_payload(self, **untracked):
        return f0(self.params.n)
"""
    name = f"steps{number}"
    (folder / f"{name}.py").write_text(text)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def main(folder: Path) -> None:
    """Measures."""
    sys.path.insert(0, str(folder))
    data = Path(os.__file__)  # A file that nobody changed lately. A younger one is read at each hit.
    steps = module_of(folder, 0)

    def step(n: int, below: bool = True, folder: Path = folder) -> Any:
        params = steps.P(n, data)
        return steps.SumP(folder, params, [steps.BaseP(folder, params, None)] if below else None)

    for n in range(_ARTIFACTS):
        step(n).tracked_persistable_dependencies[0].generate()
        step(n).generate()
        step(n, below=False).generate()

    def hits(below: bool) -> float:
        begin = time.perf_counter()
        for n in range(_ARTIFACTS):
            step(n, below).load()
        return (time.perf_counter() - begin) / _ARTIFACTS

    def both(row: str, rounds: int, work: Callable[[], float]) -> None:
        compare(row, rounds, lambda: noticing(work), lambda: ignoring(work))

    both("hit", _ROUNDS, lambda: hits(below=False))
    both("hit with a dependency", _ROUNDS, lambda: hits(below=True))

    def persists() -> float:
        begin = time.perf_counter()
        for n in range(10):
            step(n).generate()
        return (time.perf_counter() - begin) / 10

    both("persist", _ROUNDS, persists)

    template = folder / "template"
    persistable.configure(**dict.fromkeys(_IGNORED))
    steps.SumP(template, steps.P(1, data), None, payload_io=JsonFileIO()).generate()
    number = 0

    def first_use() -> float:
        nonlocal number
        number += 1
        fresh, copy = module_of(folder, number), folder / f"copy{number}"
        shutil.copytree(template, copy)
        begin = time.perf_counter()
        fresh.SumP(copy, fresh.P(1, data), None, payload_io=JsonFileIO()).load()
        return time.perf_counter() - begin

    both("first use", _FIRST_USES, first_use)


def noticing(work: Any) -> float:
    """Runs with the defaults."""
    persistable.configure(**dict.fromkeys(_IGNORED))
    return float(work())


def ignoring(work: Any) -> float:
    """Runs with everything ignored."""
    persistable.configure(**_IGNORED)
    return float(work())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
