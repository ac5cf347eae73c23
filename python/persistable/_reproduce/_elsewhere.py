"""What is other in the process that generates again."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

__all__ = ["KINDS", "environment", "paths"]

KINDS = ("hash_seed", "cwd", "time_zone", "threads", "random")
"""What can be kept as it is, by the names that `keep` takes."""

IS_REPRODUCING = "PERSISTABLE_REPRODUCING"

_THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)


def environment(keep: Iterable[str]) -> dict[str, str]:
    """Returns the environment variables of the other process."""
    kept = frozenset(keep)
    there = dict(os.environ)
    there[IS_REPRODUCING] = "1"
    if "PYTHONPATH" in there:
        folders = there["PYTHONPATH"].split(os.pathsep)
        there["PYTHONPATH"] = os.pathsep.join(os.path.abspath(folder) for folder in folders)  # noqa: PTH100
    if "hash_seed" not in kept:
        there["PYTHONHASHSEED"] = _other_hash_seed(os.environ.get("PYTHONHASHSEED"))
    if "time_zone" not in kept:
        there["TZ"] = _other_zone()
    if "threads" not in kept:
        for name in _THREAD_COUNTS:
            there[name] = _other_count(os.environ.get(name))
    return there


def paths() -> list[str]:
    """Returns the folders in which this process looks for modules, as any working directory finds them."""
    return [os.path.abspath(path) for path in sys.path]  # noqa: PTH100


def _other_hash_seed(seed: str | None) -> str:
    """Returns a seed that is not the present one, and the same every time."""
    return "20261128" if seed != "20261128" else "1"


def _other_zone() -> str:
    """Returns a zone that has another offset than the present one, all year."""
    is_taken = -time.timezone == 5 * 3600 + 45 * 60
    name, offset = ("Pacific/Kiritimati", "<+14>-14") if is_taken else ("Asia/Kathmandu", "<+0545>-5:45")
    # Without a database of time zones, the C library knows offsets alone.
    return name if Path("/usr/share/zoneinfo", name).exists() else offset


def _other_count(count: str | None) -> str:
    present = int(count) if count and count.isdigit() else os.cpu_count()
    return "2" if present == 1 else "1"
