"""Steps whose code records must stay what they are, in every later version of this library and of Python."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import helpers
from helpers import Scaler, clean
from persistable import InputFile, Persistable, PersistableParams, step
from persistable.io import JsonFileIO

SCALER = Scaler(factor=3.0, names=["n"])
double = partial(max, 2)
_CACHE = {}


@dataclass
class LoadParams(PersistableParams):
    path: Path


class LoadP(Persistable[list, LoadParams]):
    payload_io = JsonFileIO()
    separator = ","

    def _generate_payload(self, **untracked):
        return [float(value) for value in self._read().split(self.separator)]

    def _read(self):
        return self.params.path.read_text().strip()


@step(payload_io=JsonFileIO())
def mean(values, factor: float = 1.0) -> float:
    _CACHE[factor] = clean(values)
    return SCALER(_CACHE[factor]) * factor + helpers.fibonacci(5) + double(len(helpers.COLUMNS))


@step(payload_io=JsonFileIO())
def size(file: InputFile) -> int:
    return sum(len(list(helpers.walk(part))) for part in file.read_text().split(","))


def all_steps(data_dir):
    loaded = LoadP(data_dir, LoadParams(Path("input.csv")), None)
    return [loaded, mean(data_dir, loaded, factor=2.0), size(data_dir, InputFile("input.csv"))]
