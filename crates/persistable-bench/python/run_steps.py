"""Steps for `runs.py`, in a module that the workers of an engine import."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable.io import BytesFileIO


@dataclass
class Params(PersistableParams):
    n: int


class SleepP(Persistable[int, Params]):
    """A step of 50 ms."""

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return sleep(self.params.n)


class NothingP(Persistable[int, Params]):
    """A step that takes no time."""

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return nothing(self.params.n)


class BlockP(Persistable[bytes, Params]):
    """A step whose payload has 1 MiB."""

    def _generate_payload(self, **untracked_payload_params: Any) -> bytes:
        return self.params.n.to_bytes(8, "little") * (1 << 17)


def sleep(n: int) -> int:
    time.sleep(0.05)
    return n


def nothing(n: int) -> int:
    return n


def add(*numbers: int) -> int:
    return sum(numbers)


def sleeps(folder: Path) -> list[SleepP]:
    return [SleepP(folder, Params(n), None) for n in range(64)]


def nothings(folder: Path, count: int) -> list[NothingP]:
    return [NothingP(folder, Params(n), None) for n in range(count)]


def blocks(folder: Path, count: int) -> list[BlockP]:
    return [BlockP(folder, Params(n), None, payload_io=BytesFileIO()) for n in range(count)]


def chain(folder: Path, count: int) -> NothingP:
    """Returns the last of so many steps, each of which depends on the one before."""
    last = NothingP(folder, Params(0), None)
    for n in range(1, count):
        last = NothingP(folder, Params(n), [last])
    return last
