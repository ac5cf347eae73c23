"""What a user may give as the executor of a run."""

from __future__ import annotations

import os
from typing import Any

from persistable._misspelt import nearest
from persistable._runs._engine import Engine, Threads

__all__ = ["engine_of"]

_INSTALLED = {"loky": ("loky", "joblib"), "ray": ("ray",)}
"""The executors that are packages of others, with the packages that have them."""
_NAMES = ("threads", "processes", "shared", *_INSTALLED)
_NAMES_ELSEWHERE = {
    "threading": "threads",
    "multiprocessing": "processes",
    "joblib": "loky",
    "slurm": "shared",
    "mpi": "shared",
}


def engine_of(executor: Any, workers: int | None) -> Engine:
    """Returns what starts steps."""
    named = _named(executor, workers) if isinstance(executor, str) else _given(executor, workers)
    if named is not None:
        return named
    raise ValueError(
        'executor must be "threads", "processes", "shared", "loky", "ray", a dask.distributed.Client, or an executor '
        f"with submit(), not {executor!r}{_hint(executor)}"
    )


def _hint(executor: Any) -> str:
    if executor == "dask":
        return ". Pass the client: run(steps, dask.distributed.Client())"
    if isinstance(executor, int) and not isinstance(executor, bool):
        return f". For the number of workers, write workers={executor}"
    like = _NAMES_ELSEWHERE.get(executor.lower()) or nearest(executor, _NAMES) if isinstance(executor, str) else None
    return "" if like is None else f'. Did you mean "{like}"?'


def _named(executor: str, workers: int | None) -> Engine | None:
    if executor == "threads":
        return Threads(workers or os.cpu_count() or 1)
    if executor == "processes":
        from persistable._runs._processes import Processes

        return Processes(workers or os.cpu_count() or 1)
    if executor == "shared":
        from persistable._runs._shared import Shared

        return Shared(workers or 1)
    if executor not in _INSTALLED:
        return None
    try:
        return _of_package(executor, workers)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _INSTALLED[executor]:
            raise
        raise ImportError(f'executor="{executor}" needs {executor}: pip install {executor}', name=executor) from error


def _of_package(executor: str, workers: int | None) -> Engine:
    if executor == "loky":
        from persistable._runs._loky import Loky

        return Loky(executor, workers)
    from persistable._runs._ray import Ray

    return Ray(workers)


def _given(executor: Any, workers: int | None) -> Engine | None:
    if isinstance(executor, type):
        raise TypeError(f"executor is the class {executor.__name__}: make an executor of it, and pass that")
    from persistable._runs._dask import Dask, is_dask_client
    from persistable._runs._loky import Loky, is_loky
    from persistable._runs._ray import Ray, is_ray

    if is_dask_client(executor):
        return Dask(executor, workers)
    if is_ray(executor):
        return Ray(workers)
    if is_loky(executor):
        return Loky(executor, workers)
    module = type(executor).__module__.split(".")[0]
    if module == "submitit":
        from persistable._runs._submitit import Submitit

        return Submitit(executor, workers)
    if module == "executorlib":
        from persistable._runs._executorlib import Executorlib

        return Executorlib(executor, workers)
    if hasattr(executor, "submit"):
        from persistable._runs._futures import Foreign

        return Foreign(executor, workers)
    return None
