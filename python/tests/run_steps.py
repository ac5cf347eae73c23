"""Steps that the tests of runs share, in a module that workers can import."""

from __future__ import annotations

import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import persistable
from persistable import Lazy, Persistable, PersistableParams


@dataclass
class NodeParams(PersistableParams):
    """The name of a step."""

    name: str


class NodeP(Persistable[str, NodeParams]):
    """A step whose payload is its name and those of the steps below it. It leaves a mark for each generation."""

    def _generate_payload(self, **untracked_payload_params: Any) -> str:
        folder = Path(self.data_dir).parent
        marks = folder / "marks"
        marks.mkdir(exist_ok=True)
        number = len(list(marks.glob(f"{self.params.name}.*")))
        (marks / f"{self.params.name}.{number}").touch()
        plan = folder / "plan" / self.params.name
        does = plan.read_text() if plan.exists() else ""
        if does == "kill" or (does == "kill once" and number == 0):
            os.kill(os.getpid(), signal.SIGKILL)
        if does == "fail" or (does == "fail once" and number == 0):
            raise ValueError(f"{self.params.name} does not work")
        if does == "exit":
            raise SystemExit(2)
        if does == "fail oddly":
            raise _local_error()(f"{self.params.name} can't be pickled")
        if does == "hold":
            (folder / "has begun").write_text(self.params.name)
            (folder / "may end").read_text()
        if does == "ask for nothing":
            return f"{self.params.name}()"
        below = [step.payload for step in self.tracked_persistable_dependencies or ()]
        return f"{self.params.name}({' '.join(below)})"


def _local_error() -> type[Exception]:
    class OddError(Exception):
        pass

    return OddError


class Graph:
    """Steps in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def step(self, name: str, *below: NodeP) -> NodeP:
        return NodeP(self.folder / "data", NodeParams(name), list(below))

    def does(self, name: str, what: str) -> None:
        """Says what a step does: `"ask for nothing"`, `"fail"`, `"fail once"`, `"fail oddly"`: with an error that
        can't be pickled, `"exit"`, `"kill"` its process, `"kill once"`.

        `"hold"` lets it tell that it has begun, and wait, by pipes.
        """
        (self.folder / "plan").mkdir(exist_ok=True)
        (self.folder / "plan" / name).write_text(what)

    def generated(self, name: str) -> int:
        """How often a step was generated."""
        return len(list((self.folder / "marks").glob(f"{name}.*")))


@persistable.step
def slow_number(n: int) -> int:
    return n


@persistable.step
def marked(folder: str) -> int:
    """A step that leaves a mark in a folder for each generation."""
    descriptor, _ = tempfile.mkstemp(dir=folder)
    os.close(descriptor)
    return 1


@persistable.step
def lazy_sum(asks: bool, numbers: list[Lazy[int]]) -> int:
    return sum(number.payload for number in numbers) if asks else 0


@persistable.step
def longer(chain: int) -> int:
    return chain + 1


@persistable.step
def variables(names: list[str]) -> list[str]:
    """What some variables of the environment are on the worker."""
    return [os.environ.get(name, "") for name in names]


@persistable.step
def blas_threads(n: int) -> int:
    """How many threads the numeric libraries of the worker use."""
    import numpy  # noqa: F401
    import threadpoolctl

    return max(each["num_threads"] for each in threadpoolctl.threadpool_info())
