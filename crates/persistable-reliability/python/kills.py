"""Kills workers at random while a run generates steps: `kills.py ENGINE FOLDER STEPS KILLS SEED`.

The engine is `processes` or `dask`. Fails unless all steps are done, each payload is right, and no step was generated
more often than workers were killed while they were on it. Tells what happened as a line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import persistable
from persistable import Persistable, PersistableParams

_WORKERS = 2
_FEWEST_BELOW = 3
_STEP_SECONDS = 0.02
_PATIENCE_SECONDS = 300.0


@dataclass
class Params(PersistableParams):
    n: int


class KilledP(Persistable[list[int], Params]):
    """A step whose payload is its number and the sum of those below. It notes where it begins."""

    def _generate_payload(self, **untracked_payload_params: Any) -> list[int]:
        note(Path(self.data_dir).parent / "begun", f"{os.getpid()} {self.params.n}")
        time.sleep(_STEP_SECONDS)
        return [self.params.n, sum(step.payload[1] + step.payload[0] for step in self.tracked_persistable_dependencies)]


def note(path: Path, line: str) -> None:
    """Adds a line by one append, as several processes may."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, f"{line}\n".encode())
    finally:
        os.close(file)


def begun(folder: Path) -> list[tuple[int, int]]:
    """Returns which process began which step, in this order."""
    path = folder / "begun"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(int(process), int(n)) for process, n in map(str.split, lines)]


def graph(folder: Path, count: int) -> list[KilledP]:
    """Returns steps of which each depends on a few of those before."""
    chance = random.Random(0)
    steps: list[KilledP] = []
    for n in range(count):
        below = chance.sample(steps, _FEWEST_BELOW) if n % 5 == 4 else []
        steps.append(KilledP(folder / "data", Params(n), below))
    return steps


class Killer:
    """Kills workers that are on a step. A step that kills two workers fails, so each step is hit once."""

    def __init__(self, folder: Path, steps: list[KilledP], kills: int, seed: int) -> None:
        self._folder = folder
        self._manifests = [Path(f"{step.persist_filepath}.manifest.json") for step in steps]
        self._kills = kills
        self._chance = random.Random(seed)
        self.hit: list[int] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while len(self.hit) < self._kills and not self.is_over.wait(self._chance.uniform(0.02, 0.3)):
            steps = begun(self._folder)
            processes = [process for process in dict(steps) if is_alive(process)]
            if processes:
                self._try(self._chance.choice(processes))

    def _try(self, process: int) -> None:
        """Stops the process first: so it is known which step it has."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
            steps = begun(self._folder)
            step = dict(steps)[process]
            is_first_time = [n for _, n in steps].count(step) == 1
            if is_first_time and not self._manifests[step].exists():
                os.kill(process, signal.SIGKILL)
                self.hit.append(step)
            else:
                os.kill(process, signal.SIGCONT)


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


@contextlib.contextmanager
def executor(engine: str) -> Iterator[Any]:
    if engine != "dask":
        yield engine
        return
    import dask
    from dask.distributed import Client, LocalCluster

    # If a worker is killed before its nanny knows that it has started, the nanny gives up. Then the cluster does it.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"})
    options: dict[str, Any] = {"n_workers": _WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options, host="127.0.0.1", silence_logs=50) as cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
        is_over = threading.Event()

        def keep() -> None:
            while not is_over.wait(0.5):
                cluster.scale(_WORKERS)

        keeper = threading.Thread(target=keep)
        keeper.start()
        try:
            yield client
        finally:
            is_over.set()
            keeper.join()


def main(engine: str, folder: Path, count: int, kills: int, seed: int) -> None:
    steps = graph(folder, count)
    killer = Killer(folder, steps, kills, seed)
    thread = threading.Thread(target=killer.run)
    with executor(engine) as opened:
        thread.start()
        try:
            report = persistable.run(steps, opened, workers=_WORKERS, progress=False)
        finally:
            killer.is_over.set()
            thread.join()
        # Dask itself kills workers that it takes for lost.
        dead = [n for process, n in dict(begun(folder)).items() if not is_alive(process)]
    generations = Counter(n for _, n in begun(folder))
    hits = Counter(killer.hit if engine == "processes" else dead)
    assert len(report) == count
    assert report.count("generated") + report.count("found") == count
    for step, expected in zip(graph(folder, count), expected_payloads(steps)):
        assert step.load() is None and step.payload == expected, f"the payload of {step.params.n} is wrong"
    too_often = {n: times for n, times in generations.items() if times > 1 + hits[n]}
    assert not too_often, f"generated more often than workers were killed: {too_often}"
    assert killer.hit, "no worker was killed"
    figures = {"steps": count, "kills": len(killer.hit), "generations": sum(generations.values())}
    print(json.dumps(figures))


def expected_payloads(steps: list[KilledP]) -> list[list[int]]:
    payloads: dict[int, list[int]] = {}
    for step in steps:
        below = [payloads[each.params.n] for each in step.tracked_persistable_dependencies]
        payloads[step.params.n] = [step.params.n, sum(sum(payload) for payload in below)]
    return [payloads[step.params.n] for step in steps]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
