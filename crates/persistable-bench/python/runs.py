"""Runs many steps with this package and with others: `runs.py WORK ENGINE FOLDER [COUNT]`.

Each engine works in a process of its own, with two workers. The process tells the seconds, and what its memory grew by.
Workers that a user starts once are started before.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import run_steps
from harness import forget_peak, peak_bytes, seconds, tell, used_bytes

import persistable

_WORKERS = 2
_NOTHINGS = 1000
_Run = Callable[[Any], Any]


@contextlib.contextmanager
def runner(engine: str, **options: Any) -> Iterator[_Run]:
    """Returns what runs steps on an engine."""
    options |= {"workers": _WORKERS, "progress": False}
    if engine == "serial":
        yield lambda steps: [step.load_generate() for step in steps]
    elif engine == "dask":
        with dask_client() as client:
            yield lambda steps: persistable.run(steps, client, **options)
    elif engine == "pool":
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(_WORKERS) as pool:
            list(pool.map(run_steps.nothing, range(_WORKERS)))
            yield lambda steps: persistable.run(steps, pool, **options)
    else:
        yield lambda steps: persistable.run(steps, engine, **options)


@contextlib.contextmanager
def dask_client() -> Iterator[Any]:
    from dask.distributed import Client, LocalCluster

    options: dict[str, Any] = {"n_workers": _WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options, host="127.0.0.1") as cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
        client.run(persistable.configure, unseeded="ignore")
        yield client


@contextlib.contextmanager
def peer(name: str, folder: Path) -> Iterator[Callable[[Any, int], list[int]]]:
    """Returns what calls a function for `range(n)`, and keeps the results if that is what the peer does."""
    if name == "thread pool":
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_WORKERS) as pool:
            yield lambda function, count: list(pool.map(function, range(count)))
    elif name == "diskcache":
        from concurrent.futures import ThreadPoolExecutor

        import diskcache  # type: ignore[import-not-found]

        with diskcache.Cache(str(folder)) as cache, ThreadPoolExecutor(_WORKERS) as pool:
            yield lambda function, count: list(pool.map(cache.memoize()(function), range(count)))
    elif name == "joblib":
        from joblib import Memory, Parallel, delayed

        memory = Memory(folder, verbose=0)
        with Parallel(n_jobs=_WORKERS) as parallel:
            parallel(delayed(run_steps.nothing)(n) for n in range(_WORKERS))
            yield lambda function, count: parallel(delayed(memory.cache(function))(n) for n in range(count))
    else:
        with dask_client() as client:
            yield lambda function, count: client.gather(client.map(function, range(count), pure=False))


_PEERS = ("thread pool", "diskcache", "joblib", "dask alone")


def sleeps(engine: str, folder: Path) -> None:
    """64 steps of 50 ms."""
    if engine in _PEERS:
        with peer(engine, folder) as call:
            tell("seconds", seconds(lambda: call(run_steps.sleep, 64)))
        return
    run_steps.SleepP(folder / "first", run_steps.Params(0), None).load_generate()
    with runner(engine) as run:
        tell("seconds", seconds(lambda: run(run_steps.sleeps(folder / "data"))))


def nothings(engine: str, folder: Path) -> None:
    """1,000 steps that take no time, and one that depends on all of them; and the same once more."""
    if engine in _PEERS:
        with peer(engine, folder) as call:
            for figure in ("first", "second"):
                tell(figure, seconds(lambda: run_steps.add(*call(run_steps.nothing, _NOTHINGS))))
        return
    run_steps.NothingP(folder / "first", run_steps.Params(0), None).load_generate()
    with runner(engine) as run:
        for figure in ("first", "second"):
            below = run_steps.nothings(folder / "data", _NOTHINGS)
            top = run_steps.NothingP(folder / "data", run_steps.Params(-1), below)
            tell(figure, seconds(lambda: run([top])))  # noqa: B023


def many(engine: str, folder: Path, count: int) -> None:
    """So many steps that take no time."""
    _measured(engine, folder, run_steps.nothings(folder / "data", count))


def blocks(engine: str, folder: Path, count: int) -> None:
    """So many steps with payloads of 1 MiB. Each is removed when its run tells that it is durable."""
    steps = run_steps.blocks(folder / "data", count)
    if engine == "serial":

        def serial() -> None:
            for step in steps:
                step.load_generate()
                step.reset_payload()
                _remove(step)

        tell("seconds", seconds(serial))
        return
    _measured(engine, folder, steps, on_event=lambda event: event.kind == "ended" and _remove(event.step))


def _remove(step: Any) -> None:
    Path(f"{step.persist_filepath}.bin").unlink()


def chain(engine: str, folder: Path, count: int) -> None:
    """A chain of so many steps."""
    _measured(engine, folder, [run_steps.chain(folder / "data", count)])


def _measured(engine: str, folder: Path, steps: list[Any], **options: Any) -> None:
    run_steps.NothingP(folder / "first", run_steps.Params(0), None).load_generate()
    with runner(engine, **options) as run:
        before = used_bytes()
        forget_peak()
        tell("seconds", seconds(lambda: run(steps)))
        tell("memory", peak_bytes() - before)


def drivers(engine: str, folder: Path) -> None:
    """64 steps of 50 ms: one program with two workers, or two copies of a program that share them."""
    copy = (
        "import sys; from pathlib import Path; import persistable, run_steps; "
        "run_steps.SleepP(Path(sys.argv[1]) / 'first', run_steps.Params(0), None).load_generate(); "
        "print('ready', flush=True); sys.stdin.readline(); "
        "persistable.run(run_steps.sleeps(Path(sys.argv[1]) / 'data'), {engine!r}, workers={workers}, progress=False)"
    )
    count, workers = (1, _WORKERS) if engine == "threads" else (2, 1)
    command = [sys.executable, "-c", copy.format(engine=engine, workers=workers), str(folder)]
    copies = [
        subprocess.Popen(command, cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    for each in copies:
        assert each.stdout is not None
        each.stdout.readline()
    begin = time.perf_counter()
    for each in copies:
        assert each.stdin is not None
        each.stdin.write(b"go\n")
        each.stdin.flush()
    for each in copies:
        each.communicate(timeout=600)
    tell("seconds", time.perf_counter() - begin)


if __name__ == "__main__":
    work, name, where, *counts = sys.argv[1:]
    globals()[work](name, Path(where), *map(int, counts))
