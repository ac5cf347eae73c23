"""Engines that the tests of runs start on this machine, each with two workers."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import persistable

WORKERS = 2


@contextlib.contextmanager
def dask(**others: Any) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": WORKERS, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": ":0", **others}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


@contextlib.contextmanager
def executorlib(folder: Path) -> Iterator[Any]:
    library = pytest.importorskip("executorlib")
    # Each task of executorlib is a process, unless its workers are kept.
    with library.SingleNodeExecutor(
        max_workers=WORKERS, cache_directory=str(folder), hostname_localhost=True, block_allocation=True
    ) as executor:
        yield executor


@contextlib.contextmanager
def opened(name: str, folder: Path) -> Iterator[Any]:
    if name == "dask":
        with dask() as client:
            yield client
    elif name == "executorlib":
        with executorlib(folder) as executor:
            yield executor
    elif name == "submitit":
        yield pytest.importorskip("submitit").AutoExecutor(folder, cluster="local")
    elif name == "pool":
        with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool
    else:
        yield name


def run(steps: Any, executor: Any, **options: Any) -> Any:
    return persistable.run(steps, executor, workers=WORKERS, progress=False, **options)
