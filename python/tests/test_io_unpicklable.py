"""A part of a payload that can't be pickled is named by its path."""

from __future__ import annotations

import collections
import functools
import io
import pickle
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import numpy as np
import pandas as pd
import pytest

from persistable.exceptions import SavingError
from persistable.io import PickleFileIO
from persistable.io._pickle_container import write

LOCK = threading.Lock()


@dataclass
class Layer:
    hook: Any = None
    weights: Any = field(default_factory=lambda: np.zeros(30_000))


@dataclass
class Model:
    layers: list[Layer]


class Slotted:
    __slots__ = ("hook", "other")

    def __init__(self, hook: Any) -> None:
        self.hook = hook


@attrs.define
class Attrs:
    hook: Any


class Named(NamedTuple):
    name: str
    hook: Any


class DictOfMine(dict):  # type: ignore[type-arg]
    pass


class ListOfMine(list):  # type: ignore[type-arg]
    pass


class Refusing:
    def __reduce__(self) -> Any:
        raise ValueError("not me")


class WithState:
    def __init__(self, hook: Any) -> None:
        self.hidden = hook

    def __getstate__(self) -> Any:
        return [self.hidden]

    def __setstate__(self, state: Any) -> None:
        self.hidden = state[0]

    def method(self) -> None:
        pass


def closure_over(lock: Any) -> Any:
    def use() -> Any:
        return lock

    return use


def knot() -> Any:
    first: dict[str, Any] = {"good": 1}
    first["me"] = first
    first["list"] = [first, {"lock": LOCK}]
    return first


PAYLOADS: dict[str, Any] = {
    "['model'].layers[2].hook": {"model": Model([Layer(), Layer(), Layer(LOCK)])},
    "[1]": [0, LOCK],
    "[1][0]": (0, (LOCK,)),
    "['a']['b']": {"a": {"b": LOCK}},
    "[3]": {1: 1, 3: LOCK},
    "[0].hook": [Slotted(LOCK)],
    "[0].hook.hook": [Attrs(Attrs(LOCK))],
    ".hook": Named("a", LOCK),
    "['k']": DictOfMine(k=LOCK),
    "[2]": ListOfMine([1, 2, LOCK]),
    "['o']['k']": {"o": collections.OrderedDict(k=LOCK)},
    "[0]['k']": [collections.defaultdict(list, k=LOCK)],
    "[4][1]": [0, 1, 2, 3, collections.deque([0, LOCK])],
    ".args[0]": functools.partial(print, LOCK),
    ".keywords['file']": functools.partial(print, file=LOCK),
    "['e'].args[1]": {"e": ValueError("a", LOCK)},
    "['m'].__self__.__getstate__()[0]": {"m": WithState(LOCK).method},
    "['f'].__closure__['lock']": {"f": closure_over(LOCK)},
    "['s'].iloc[1]": {"s": pd.Series([1, LOCK], dtype=object)},
    "['a'].iloc[1]": pd.DataFrame({"b": [1, 2], "a": pd.Series([1, LOCK], dtype=object)}),
    "[1, 0]": np.array([[1, 2], [LOCK, 3]], object),
    "['list'][1]['lock']": knot(),
    "[123456]": [*range(123_456), LOCK],
}


def refusal_of(payload: Any) -> str:
    with pytest.raises(Exception) as caught:
        write(payload, io.BytesIO())
    assert isinstance(caught.value, pickle.PicklingError)
    return str(caught.value)


@pytest.mark.parametrize(("path", "payload"), PAYLOADS.items(), ids=PAYLOADS)
def test_the_part_is_named_by_its_path(path: str, payload: Any) -> None:
    message = refusal_of(payload)
    assert message.startswith(f"at `{path}`: a part of type _thread.lock can't be pickled: ")
    assert "cannot pickle '_thread.lock' object" in message


def test_a_key_and_a_member_of_a_set_are_named_too() -> None:
    assert refusal_of({"k": {LOCK: 1}}).startswith("at `['k'].keys(){lock}`: ")
    assert refusal_of([{LOCK}]).startswith("at `[0]{lock}`: ")


def test_the_payload_saver_tells_the_path(tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=r"at `\['model'\]\.layers\[1\]\.hook`: a part of type generator"):
        PickleFileIO().save({"model": Model([Layer(), Layer(n for n in [1])])}, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_without_cloudpickle_a_lambda_is_named_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    message = refusal_of({"model": Model([Layer(lambda x: x)])})
    assert message.startswith("at `['model'].layers[0].hook`: a lambda can't be pickled: ")
    assert "cloudpickle" in message


def test_what_raises_itself_is_the_part_at_fault() -> None:
    assert (
        refusal_of([1, {"a": Refusing()}])
        == f"at `[1]['a']`: a part of type {__name__}.Refusing can't be pickled: not me"
    )


def test_a_payload_that_is_the_part_at_fault_has_no_path() -> None:
    with pytest.raises(TypeError, match=r"^cannot pickle '_thread.lock' object"):
        write(LOCK, io.BytesIO())


def test_the_search_does_not_hide_other_errors() -> None:
    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space left"):
        write([Layer()], Full())
    deep: Any = LOCK
    for _ in range(200):
        deep = [deep]
    with pytest.raises(pickle.PicklingError, match="at `"):
        write(deep, io.BytesIO())
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(RecursionError):
        write(deep, io.BytesIO())
