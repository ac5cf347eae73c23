"""Bears load as `load/growth.rs`, `load/effort.rs` and `load/storm.rs` do.

`load.py grow FOLDER COUNT`, `load.py once FOLDER N`, `load.py prepare FOLDER`, and
`load.py storm FOLDER WARM_LOADS SECONDS`. Tells what it measured as a line of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy as np

from persistable import Persistable, PersistableParams
from persistable.exceptions import MissingPayloadError
from persistable.io import BytesFileIO, NumpyFileIO

_ARTIFACTS = 200
_LARGE_EVERY = 10
_LARGE_BYTES = 300 << 10
_SMALL_BYTES = 500
_KEPT = 16
_MISS_EVERY = 100
_REPLACE_EVERY = 1_000
_LEAST_TIMES = 4
_MEASURED = 1_000
_MEASURED_SHARE = 8


@dataclass
class Params(PersistableParams):
    n: int


class SmallP(Persistable[bytes, Params]):
    persist_durability = "fast"

    def _generate_payload(self, **untracked_payload_params: Any) -> bytes:
        return f"payload {self.params.n}\n".encode() * 10


class StormedP(Persistable[bytes, Params]):
    """What Rust loads too."""

    persist_durability = "fast"

    def _generate_payload(self, **untracked_payload_params: Any) -> bytes:
        return content(self.params.n)


class ArraysP(Persistable[Any, Params]):
    """Arrays that stay mapped as long as they live: pickles, and NPY files."""

    persist_durability = "fast"

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return np.full(_LARGE_BYTES // 8, self.params.n)


def content(n: int) -> bytes:
    size = _LARGE_BYTES if n % _LARGE_EVERY == 0 else _SMALL_BYTES
    piece = f"{n} ".encode()
    return (piece * (size // len(piece) + 1))[:size]


def grow(folder: Path, count: int) -> dict[str, float]:
    def persist(folder: Path, n: int) -> None:
        _small(folder, n).load_generate()

    def load(folder: Path, n: int) -> None:
        _small(folder, n).load()

    for n in range(count):
        persist(folder, n)
    for n in range(count):
        load(folder, n)
    os.listdir(folder)  # noqa: PTH208  # Each entry that the system has forgotten meanwhile is a read of the disk.
    figures: dict[str, float] = {}
    _measure(folder, count, "persist", figures, persist)
    _measure(folder, count, "load", figures, load)
    return figures


def _small(folder: Path, n: int) -> SmallP:
    return SmallP(folder, Params(n=n), None, payload_io=BytesFileIO())


def once(folder: Path, n: int) -> dict[str, float]:
    """Persists an artifact and loads it; each time it says so before, which shows in the trace.

    The first miss of a payload name is explained, by a bounded number of manifests. Another folder has it.
    """
    _small(folder.with_suffix(".explained"), n).load_generate()
    os.write(2, b"persist\n")
    _small(folder, n).load_generate()
    os.write(2, b"load\n")
    _small(folder, n).load()
    return {}


def _measure(folder: Path, count: int, what: str, figures: dict[str, float], work: Callable[[Path, int], None]) -> None:
    """Measures in turn what work costs here and in a folder with few."""
    times: dict[str, list[float]] = {"few": [], "all": []}
    folders = {"few": folder.with_suffix(".few"), "all": folder}
    for n in range(min(_MEASURED, count // _MEASURED_SHARE)):
        for name, measured in folders.items():
            begin = time.perf_counter()
            work(measured, 2 * count + n)
            times[name].append(time.perf_counter() - begin)
    for name in folders:
        figures[f"{what} {name} mean"] = statistics.fmean(times[name])
        figures[f"{what} {name} median"] = statistics.median(times[name])


def _stormed(folder: Path, n: int) -> Persistable[Any, Any]:
    """Returns a step that Rust has too, or for every other large payload an array."""
    if n % (2 * _LARGE_EVERY) == 0:
        return ArraysP(folder, Params(n=n), None, payload_io=NumpyFileIO() if n % 40 == 0 else None)
    return StormedP(folder, Params(n=n), None, payload_name="stormed", payload_io=BytesFileIO())


def prepare(folder: Path) -> dict[str, float]:
    for n in range(_ARTIFACTS):
        _stormed(folder, n).load_generate()
    return {}


def storm(folder: Path, warm_loads: int, seconds: float) -> dict[str, float]:
    contents = [content(n) for n in range(_ARTIFACTS)]
    begin = time.monotonic()
    _run_loads(folder, range(warm_loads), contents)
    before = _held()
    loads = warm_loads
    while loads < warm_loads * (1 + _LEAST_TIMES) or time.monotonic() - begin < seconds:
        _run_loads(folder, range(loads, loads + warm_loads), contents)
        loads += warm_loads
    after = _held()
    return {"loads": loads} | {name: after[name] - before[name] for name in after}


def _held() -> dict[str, float]:
    """Returns what this process has of what can leak."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return {
        "bytes": int(resident.split()[1]) * 1024,
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        "maps": Path("/proc/self/maps").read_text().count("\n"),
        "objects": len(gc.get_objects()),
    }


def _run_loads(folder: Path, loads: range, contents: list[bytes]) -> None:
    kept: deque[Any] = deque(maxlen=_KEPT)
    for load in loads:
        n = (load + load // _ARTIFACTS) * 7 % _ARTIFACTS
        if load % _REPLACE_EVERY == _REPLACE_EVERY - 1:
            _stormed(folder, n).generate()
        elif load % _MISS_EVERY == _MISS_EVERY - 1:
            try:
                _stormed(folder, _ARTIFACTS + n).load()
            except MissingPayloadError:
                continue
            raise AssertionError("instead of a miss there is a payload")
        else:
            step = _stormed(folder, n)
            step.load()
            payload = step.payload
            is_right = payload == contents[n] if isinstance(payload, bytes) else bool((payload == n).all())
            if not is_right:
                raise AssertionError(f"the payload of {n} is wrong")
            kept.append(payload)


def main(arguments: list[str]) -> None:
    verb, folder, *rest = arguments
    if verb == "grow":
        figures = grow(Path(folder), int(rest[0]))
    elif verb == "once":
        figures = once(Path(folder), int(rest[0]))
    elif verb == "prepare":
        figures = prepare(Path(folder))
    elif verb == "storm":
        figures = storm(Path(folder), int(rest[0]), float(rest[1]))
    else:
        raise SystemExit(f"there is no verb {verb}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
