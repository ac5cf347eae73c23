"""Persists, loads and sums a large payload: `large.py WORK KIND FOLDER [ROUNDS]`, where WORK names one of the below."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, Callable

import numpy as np
from harness import compare, forget_peak, peak_bytes, seconds, tell, used_bytes
from numpy.typing import NDArray
from payloads import KINDS, step

from persistable.io import FileIO, NumpyFileIO, PickleFileIO


def persist(kind: str, folder: Path, rounds: int) -> None:
    """Persists the payload again and again, against `np.save` and `fsync` of its arrays. Leaves both on the disk."""
    persistable = step(folder / "subject", kind)
    persistable.generate(persist=False)
    arrays = KINDS[kind].arrays(persistable.payload)
    by_hand = folder / "all.npy"

    def subject() -> float:
        _clear(folder / "subject")
        _settle()
        forget_peak()
        before = used_bytes()
        took = seconds(persistable.persist)
        tell("extra", peak_bytes() - before)
        return took

    def floor() -> float:
        by_hand.unlink(missing_ok=True)
        _settle()
        return seconds(lambda: _save_synced(by_hand, arrays))

    compare("persist", rounds, subject, floor)
    by_hand.unlink()
    (folder / "by_hand").mkdir()
    for number, array in enumerate(arrays):
        np.save(folder / "by_hand" / f"{number}.npy", array)


def payload_ios(kind: str, folder: Path, rounds: int) -> None:
    """Persists one array with `NumpyFileIO`, against the same array with `PickleFileIO`."""

    def persist_with(payload_io: FileIO[Any]) -> Callable[[], float]:
        place = folder / type(payload_io).__name__
        persistable = step(place, kind, payload_io)
        persistable.generate(persist=False)

        def persist() -> float:
            _clear(place)
            _settle()
            return seconds(persistable.persist)

        return persist

    subject, floor = persist_with(NumpyFileIO()), persist_with(PickleFileIO())
    compare("payload_ios", rounds, subject, floor)
    for payload_io in (NumpyFileIO, PickleFileIO):
        _clear(folder / payload_io.__name__)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()


def _save_synced(path: Path, arrays: list[NDArray[Any]]) -> None:
    with path.open("wb") as file:
        for array in arrays:
            np.save(file, array)
        file.flush()
        os.fsync(file.fileno())


def _settle() -> None:
    """Lets the disk finish what earlier rounds left to it, so that no round pays for another."""
    os.sync()


def again(kind: str, folder: Path) -> None:
    """Persists the payload once more, so that nobody has loaded what is there now."""
    persistable = step(folder / "subject", kind)
    persistable.load()
    persistable.persist()


def first(kind: str, folder: Path) -> None:
    """Loads to the first element, the first time in this process."""
    KINDS[kind].import_library()

    def work() -> Any:
        persistable = step(folder / "subject", kind)
        persistable.load()
        return persistable, KINDS[kind].first(persistable.payload)

    tell("seconds", seconds(work))


def first_by_hand(kind: str, folder: Path) -> None:
    """Maps the arrays, each of which has a file of its own since `np.load` maps whole files alone."""
    KINDS[kind].import_library()

    def work() -> Any:
        arrays = [np.load(path, mmap_mode="c") for path in sorted((folder / "by_hand").iterdir())]
        payload = KINDS[kind].of_arrays(arrays)
        return payload, KINDS[kind].first(payload)

    tell("seconds", seconds(work))


def sum_all(kind: str, folder: Path) -> None:
    """Loads and sums everything; tells how much memory that took."""
    KINDS[kind].import_library()
    np.ones(100).sum()
    before = used_bytes()
    forget_peak()
    begin = time.perf_counter()
    persistable = step(folder / "subject", kind)
    persistable.load()
    arrays = KINDS[kind].arrays(persistable.payload)
    for array in arrays:
        array.sum()
    tell("seconds", time.perf_counter() - begin)
    tell("extra", peak_bytes() - before)
    tell("payload", sum(array.nbytes for array in arrays))


if __name__ == "__main__":
    work, kind, folder = sys.argv[1:4]
    if work in ("persist", "payload_ios"):
        {"persist": persist, "payload_ios": payload_ios}[work](kind, Path(folder), int(sys.argv[4]))
    else:
        {"again": again, "first": first, "first_by_hand": first_by_hand, "sum": sum_all}[work](kind, Path(folder))
