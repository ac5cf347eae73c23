"""Steps that depend on others, one with a version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twins.twin import Make

from persistable import Persistable, PersistableParams
from persistable.io import JsonFileIO, MessagePackFileIO


@dataclass
class NumbersParams(PersistableParams):
    n: int


class Numbers(Persistable[list[int], NumbersParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> list[int]:
        return list(range(self.params.n))


@dataclass
class TotalParams(PersistableParams):
    scale: int


class Total(Persistable[int, TotalParams]):
    payload_version = "2, of sums"

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        (numbers,) = self.tracked_persistable_dependencies
        return self.params.scale * sum(numbers.payload)


class Between(Persistable[list[list[int]], None]):
    """Two places for steps of one type."""

    def _generate_payload(self, **untracked_payload_params: Any) -> list[list[int]]:
        held = self.tracked_persistable_dependencies
        return [held["first"].payload, *(numbers.payload for numbers in held["second"])]


def _numbers(data_dir: Path, n: int) -> Numbers:
    return Numbers(data_dir, NumbersParams(n), None, payload_io=MessagePackFileIO())


def _total(data_dir: Path) -> Total:
    return Total(data_dir, TotalParams(2), [_numbers(data_dir, 3)], payload_io=JsonFileIO())


def _between(data_dir: Path) -> Between:
    places = {"second": [_numbers(data_dir, 2), _numbers(data_dir, 3)], "first": _numbers(data_dir, 1)}
    return Between(data_dir, None, places, payload_io=MessagePackFileIO())


IN_BOTH: dict[str, Make] = {
    "1 number": lambda data_dir: _numbers(data_dir, 1),
    "2 numbers": lambda data_dir: _numbers(data_dir, 2),
    "3 numbers": lambda data_dir: _numbers(data_dir, 3),
    "total": _total,
    "between": _between,
}
