"""Does the same work with this package, with joblib and with persistable 1.x: `others.py LIBRARY WORK FOLDER`.

Each library runs in a process of its own, with its default settings. The process tells the seconds of one operation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

import numpy as np
from harness import seconds, tell
from numpy.typing import NDArray

_GIBIBYTE = 1 << 30
_ARGUMENT_BYTES = 100_000_000
_SMALL_RESULTS = 200
_PROCESSES = 8
# So many numbers take a while, and each generation of them is counted.
_SLOW = 1000


def _numbers(n: int, random_state: int) -> NDArray[np.float64]:
    if n == _SLOW:
        time.sleep(0.5)
        with open(os.environ["PERSISTABLE_BENCH_COUNT"], "a") as file:  # noqa: PTH123
            file.write("x")
    return np.random.default_rng(random_state).random(n)


def _mean(numbers: NDArray[np.float64]) -> float:
    return float(numbers.mean())


class Joblib:
    """The functions of a `joblib.Memory`."""

    def __init__(self, folder: Path, mmap_mode: str | None = None) -> None:
        from joblib import Memory

        memory = Memory(folder, mmap_mode=mmap_mode, verbose=0)
        self.numbers: Callable[[int, int], NDArray[np.float64]] = memory.cache(_numbers)
        self.mean: Callable[[NDArray[np.float64]], float] = memory.cache(_mean)


class Present:
    """The steps of this package."""

    def __init__(self, folder: Path) -> None:
        from persistable import step

        numbers, mean = step(_numbers), step(_mean)
        self.numbers: Callable[[int, int], NDArray[np.float64]] = lambda n, seed: numbers(folder, n, seed).payload
        self.mean: Callable[[NDArray[np.float64]], float] = lambda array: mean(folder, array).payload


class Former:
    """The steps of persistable 1.x, out of the folder `PERSISTABLE_BENCH_FORMER`. It takes no arrays as params."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, os.environ["PERSISTABLE_BENCH_FORMER"])
        from dataclasses import dataclass

        import persistable

        assert persistable.__file__.startswith(sys.path[0])

        @dataclass
        class Params(persistable.PersistableParams):
            n: int
            random_state: int

        class NumbersP(persistable.Persistable[NDArray[np.float64], Params]):
            def _generate_payload(self, **untracked_payload_params: Any) -> NDArray[np.float64]:
                return _numbers(self.params.n, self.params.random_state)

        def numbers(n: int, random_state: int) -> NDArray[np.float64]:
            numbers = NumbersP(folder, Params(n, random_state), None)
            numbers.load_generate()
            return numbers.payload

        self.numbers = numbers


LIBRARIES: dict[str, Callable[[Path], Any]] = {
    "present": Present,
    "joblib": Joblib,
    "joblib_mapped": lambda folder: Joblib(folder, mmap_mode="r"),
    "former": Former,
}


def keep(library: Any) -> None:
    """Generates the array of 1 GiB that `first` loads."""
    library.numbers(_GIBIBYTE // 8, 0)


def first(library: Any) -> None:
    """Loads the array of 1 GiB that `keep` left, to its first number, the first time in this process."""
    tell("seconds", seconds(lambda: float(library.numbers(_GIBIBYTE // 8, 0)[0])))


def argument(library: Any) -> None:
    """Finds and loads the result for an array of 100 MB, after one for another array."""
    numbers = np.random.default_rng(0).random(_ARGUMENT_BYTES // 8)
    for array in (numbers, numbers[:100], numbers[:100]):
        library.mean(array)
    tell("seconds", seconds(lambda: library.mean(numbers)))


def small(library: Any) -> None:
    """Finds and loads 200 arrays of 100 numbers in turn."""

    def load_all() -> None:
        for random_state in range(_SMALL_RESULTS):
            library.numbers(100, random_state)

    load_all()
    load_all()
    tell("seconds", seconds(load_all) / _SMALL_RESULTS)


def once(library: str, folder: Path) -> None:
    """Tells how often a result is generated that eight processes ask for at the same time."""
    count = folder / "count"
    environment = {**os.environ, "PERSISTABLE_BENCH_COUNT": str(count)}
    command = [sys.executable, __file__, library, "ask", str(folder)]
    processes = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(_PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()  # It is ready.
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    for process in processes:
        assert process.wait(timeout=600) == 0
    tell("generations", len(count.read_text()))


def ask(library: Any) -> None:
    """Asks for the slow result as soon as the other processes do."""
    print("ready", flush=True)
    sys.stdin.read()
    library.numbers(_SLOW, 0)


WORKS: dict[str, Callable[[Any], None]] = {
    "keep": keep,
    "first": first,
    "argument": argument,
    "small": small,
    "ask": ask,
}

if __name__ == "__main__":
    name, work, folder = sys.argv[1:]
    if work == "once":
        once(name, Path(folder))
    else:
        WORKS[work](LIBRARIES[name](Path(folder)))
