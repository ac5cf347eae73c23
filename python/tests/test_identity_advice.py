"""Where an encoder would be the wrong way, the refusal says what to pass in place of the value."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import io
import logging
import multiprocessing
import os
import queue
import random
import re
import socket
import sqlite3
import sys
import tempfile
import threading
import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from persistable import _core, step
from persistable.exceptions import UnsupportedParameterError


class Estimator:
    """As those of scikit-learn."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {}

    def set_params(self, **params: Any) -> Estimator:
        return self


class OwnIterator:
    def __iter__(self) -> OwnIterator:
        return self

    def __next__(self) -> int:
        return 1


class OwnRandom(random.Random):
    pass


class OwnThread(threading.Thread):
    pass


async def _coroutine() -> None:
    pass


async def _yielding() -> AsyncIterator[int]:
    yield 1


def _a_coroutine() -> Any:
    coroutine = _coroutine()
    coroutine.close()
    return coroutine


def _function() -> int:
    return 1


def _open_file() -> Any:
    return open(os.devnull)  # noqa: PTH123


def _temporary_file() -> Any:
    return tempfile.TemporaryFile()


FRAME = pd.DataFrame({"a": [1]})
UNTRACKED = "untracked param.*`_excluded_attributes`"
ADVICE: dict[str, list[Any]] = {
    "pass the seed": [
        random.Random(1),
        random.SystemRandom(),
        OwnRandom(1),
        np.random.default_rng(1),
        np.random.RandomState(1),
        np.random.PCG64(1),
        np.random.SeedSequence(1),
    ],
    "pass its name": [sys],
    r"getvalue\(\)": [io.BytesIO(), io.StringIO()],
    "pass its path": [sys.stderr, _open_file(), _temporary_file()],
    UNTRACKED: [
        threading.Lock(),
        threading.RLock(),
        threading.Condition(),
        threading.Event(),
        threading.Semaphore(),
        threading.local(),
        multiprocessing.Lock(),
        asyncio.Lock(),
        queue.Queue(),
        queue.SimpleQueue(),
        threading.Thread(),
        OwnThread(),
        multiprocessing.Process(),
        concurrent.futures.ThreadPoolExecutor(),
        logging.getLogger("a"),
        logging.LoggerAdapter(logging.getLogger("a"), {}),
        logging.StreamHandler(),
        socket.socket(),
        sqlite3.connect(":memory:"),
    ],
    "pass the result": [concurrent.futures.Future(), _a_coroutine()],
    "pass a list of what it yields": [
        (n for n in [1]),
        iter([1]),
        map(int, []),
        filter(None, []),
        zip([]),
        enumerate([]),
        OwnIterator(),
    ],
    "await it": [_a_coroutine(), _yielding()],
    "pass its value": [contextvars.ContextVar("a")],
    "pass the object": [
        weakref.ref(Estimator),
        weakref.proxy(Estimator),
        weakref.WeakSet(),
        weakref.WeakValueDictionary(),
    ],
    "how to group it": [
        FRAME.groupby("a"),
        FRAME.groupby("a")["a"],
        FRAME.rolling(1),
        FRAME.expanding(),
        FRAME.set_index(pd.date_range("2020", periods=1)).resample("D"),
        pl.DataFrame({"a": [1]}).group_by("a"),
        pl.LazyFrame({"a": [1]}).group_by("a"),
    ],
    r"get_params\(\)": [Estimator()],
    "pass the step": [step(_function)],
    "pattern and the text": [re.match("a", "a")],
    "a list or a set of it": [{}.keys(), {}.values(), {}.items()],
}
CASES = [(advice, value) for advice, values in ADVICE.items() for value in values]


@pytest.mark.parametrize(("advice", "value"), CASES, ids=[type(value).__qualname__ for _, value in CASES])
def test_the_advice_is_of_the_kind_of_the_value(advice: str, value: Any) -> None:
    with pytest.raises(UnsupportedParameterError, match=advice) as caught:
        _core.encode({"fields": [value]})
    assert str(caught.value).startswith("parameter `['fields'][0]` of type `")
    assert "register" not in str(caught.value)


def test_it_is_of_the_kind_for_objects_in_objects_too() -> None:
    with pytest.raises(UnsupportedParameterError, match=r"`content` of type `random\.Random`.*pass the seed"):
        _core.encode(Box(random.Random(1)))


@dataclass
class Box:
    content: Any


def test_an_encoder_comes_before_any_advice() -> None:
    import persistable

    persistable.register_encoder(OwnRandom, lambda value: value.getstate())
    try:
        assert _core.encode(OwnRandom(1)) == _core.encode(OwnRandom(1)) != _core.encode(OwnRandom(2))
    finally:
        from persistable._encoders import registry

        del registry._registered[OwnRandom]
        _core.forget_encoders()


def test_torch_where_it_is_installed() -> None:
    torch: Any = pytest.importorskip("torch")
    values = {"pass the seed": torch.Generator(), "NumPy": torch.zeros(1), "weights": torch.nn.Linear(1, 1)}
    for advice, value in values.items():
        with pytest.raises(UnsupportedParameterError, match=advice):
            _core.encode(value)
