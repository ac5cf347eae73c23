"""Pickles: with buffers and without, of classes that can be imported, and of some of `__main__`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars
from twins.twin import given

from persistable.io import PickleFileIO

SECRET = "the secret of the old stores"
# Smaller arrays stay in the stream.
_ELEMENTS = 2_050


@dataclass
class Place:
    name: str
    inner: Any = field(default_factory=dict)


class Samples(np.ndarray):
    """A subclass without anything of its own."""


# The second stands for a class of a process that was spawned. Its definition can't be pickled.
_SCRIPT = """
import threading

class OfMain:
    def __init__(self, size):
        self.size = size

    def __repr__(self):
        return f"OfMain({self.size})"

    def larger(self):
        return OfMain(self.size + 1)

class OfSpawned:
    __module__ = "__mp_main__"
    lock = threading.Lock()
"""


def _of_main() -> dict[str, Any]:
    # Without a file, whose path would be in the pickles.
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(_SCRIPT, "script.py", "exec"), names)
    return {name: names[name] for name in ("OfMain", "OfSpawned")}


OF_MAIN = _of_main()
"""What has to be in `__main__` when it is persisted, by name."""


def _counted() -> Any:
    return np.arange(_ELEMENTS, dtype="<i8")


def _objects() -> Any:
    inner = Place("inner", {"set": {1, 2}, "day": date(2024, 2, 29), "exact": Decimal("1.50")})
    return [Place("naïve", inner), inner, ("a tuple", 2**70, -0.0, None, b"\x00"), np.arange(3)]


def _arrays() -> Any:
    whole = _counted()
    fixed = _counted()
    fixed.setflags(write=False)
    return {
        "whole": whole,
        "the same again": whole[:],
        "in Fortran order": np.asfortranarray(whole.reshape(2, -1)),
        "read-only": fixed,
        "dates": whole.view("datetime64[s]"),
        "backwards": whole[::-1],
        "of a subclass": whole.view(Samples),
        "masked": np.ma.MaskedArray(whole, whole % 3 == 0, fill_value=-1),
    }


def _polars() -> Any:
    frame = polars.DataFrame({"n": _counted()})
    return {"frame": frame, "series": frame["n"]}


IN_PYTHON = dict(
    [
        given("pickle", PickleFileIO(), _objects),
        given("pickle_with_buffers", PickleFileIO(), _arrays),
        given("pickle_of_polars", PickleFileIO(), _polars),
        given("pickle_of_main", PickleFileIO(), lambda: [OF_MAIN["OfMain"](2).larger(), OF_MAIN["OfMain"]]),
        given("pickle_of_spawned", PickleFileIO(), lambda: OF_MAIN["OfSpawned"]),
        given("signed_pickle", PickleFileIO(signing_key=SECRET), _objects),
    ]
)
