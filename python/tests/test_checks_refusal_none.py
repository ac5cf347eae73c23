"""Ordinary payloads are never refused."""

from __future__ import annotations

import enum
import functools
import io
import itertools
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from refusal_support import Data, Model, Own, Pair, Plain, Slotted, numbers

from persistable._checks.refusal import refuse_unpersistable


class Countdown:
    """An iterator that begins anew each time."""

    def __iter__(self) -> Countdown:
        self.left = 3
        return self

    def __next__(self) -> int:
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.left


class WithoutItsFile:
    """An object that says itself what is pickled of it."""

    def __init__(self) -> None:
        self.file = io.StringIO()

    def __getstate__(self) -> dict[str, Any]:
        return {}


class Colour(enum.Enum):
    RED = 1


def ordinary(folder: Path) -> list[Any]:
    (folder / "m").write_bytes(bytes(64))
    cyclic: list[Any] = [1]
    cyclic.append(cyclic)
    cyclic.append({"again": cyclic})
    return [
        None,
        1,
        "text",
        b"bytes",
        bytearray(b"bytes"),
        [1, 2],
        [[1], (2,), {3}],
        {"a": {"b": [Data([1])]}},
        Own([1]),
        range(3),
        {}.keys(),
        Path("a"),
        re.compile("a"),
        re.match("a", "a"),
        numbers,
        len,
        lambda: 1,
        [].append,
        functools.partial(int, base=2),
        Colour.RED,
        Colour,
        Plain,
        re,
        ValueError("no"),
        memoryview(b"a"),
        itertools.count(),
        Plain(itertools.count()),
        Countdown(),
        WithoutItsFile(),
        Model(rows=[1]),
        Slotted([1]),
        Pair(1, 2),
        np.float64(1),
        np.arange(3),
        np.array(1),
        np.array([[1], "a", None], dtype=object),
        np.zeros(0, dtype=object),
        np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
        np.memmap(folder / "m", mode="r"),
        np.ma.masked_array([1, 2], [0, 1]),
        np.random.default_rng(0),
        pd.DataFrame({"n": [1, 2], "o": [[1], {"a": 2}], "s": ["a", "b"]}),
        pd.DataFrame(),
        pd.Series([[1], [2]]),
        pd.Series([], dtype=object),
        pd.Index(["a", None]),
        pd.DataFrame({"n": [1]}).groupby("n"),
        pl.DataFrame({"a": [1]}),
        pl.Series([1]),
        pl.col("a"),
        pa.table({"a": [1]}),
        pa.array([1]),
        pa.schema([("a", pa.int64())]),
        cyclic,
    ]


def test_nothing_ordinary_is_refused(tmp_path: Path) -> None:
    for payload in ordinary(tmp_path):
        refuse_unpersistable(payload, "fit")
        refuse_unpersistable([payload], "fit")
        refuse_unpersistable(Plain(payload), "fit")


def test_an_iterator_of_the_users_is_not_started() -> None:
    countdown = Countdown()
    refuse_unpersistable(countdown, "fit")
    assert not hasattr(countdown, "left")
