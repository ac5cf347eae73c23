"""NumPy's numbers and small arrays in JSON, by choice."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import NumberParams

from persistable import Persistable
from persistable.exceptions import IncompatiblePayloadError, SavingError
from persistable.io import FileIO, JsonFileIO, ZstdFileIO

METRICS: dict[str, Any] = {
    "r2": np.float64(0.5),
    "single": np.float32(0.1),
    "count": np.int64(3),
    "is_good": np.bool_(True),
    "name": np.str_("a"),
    "folds": np.array([[1, 2], [3, 4]]),
    "flags": np.array([True]),
    "alone": np.array(2.5),
    "lost": [math.nan, np.float64("inf"), -math.inf],
    np.str_("key"): {"deep": [{"x": np.uint8(1)}]},
    "plain": [1, 2.5, None, "text"],
}
KEPT = {
    "r2": 0.5,
    "single": 0.10000000149011612,
    "count": 3,
    "is_good": True,
    "name": "a",
    "folds": [[1, 2], [3, 4]],
    "flags": [True],
    "alone": 2.5,
    "lost": [math.nan, math.inf, -math.inf],
    "key": {"deep": [{"x": 1}]},
    "plain": [1, 2.5, None, "text"],
}


class MetricsP(Persistable[Any, NumberParams]):
    given: Any = None
    seen: Any = None

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return self.given

    def _validate_payload(self, payload: Any) -> None:
        self.seen = payload


def step_of(folder: Path, payload: Any, payload_io: FileIO[Any] | None = None) -> MetricsP:
    step = MetricsP(folder, NumberParams(1), None, payload_io=payload_io or JsonFileIO(numpy=True))
    step.given = payload
    return step


def types_in(value: Any) -> Any:
    if type(value) is dict:
        return {(type(key), key): types_in(held) for key, held in value.items()}
    return [types_in(item) for item in value] if type(value) is list else type(value)


@pytest.mark.parametrize("payload_io", [JsonFileIO(numpy=True), ZstdFileIO(JsonFileIO(numpy=True))], ids=repr)
def test_the_payload_is_the_same_before_it_is_persisted_and_after_it_is_loaded(
    tmp_path: Path, payload_io: FileIO[Any]
) -> None:
    step = step_of(tmp_path, METRICS, payload_io)
    step.generate()
    generated = step.payload
    step.reset_payload()
    step.load()
    for payload in (generated, step.payload, step.seen):
        assert repr(payload) == repr(KEPT)
        assert types_in(payload) == types_in(KEPT)


def test_what_the_step_returned_stays_as_it_is(tmp_path: Path) -> None:
    returned = {"r2": np.float64(0.5), "plain": [1]}
    step = step_of(tmp_path, returned)
    step.generate()
    assert type(returned["r2"]) is np.float64
    assert step.payload["plain"] is returned["plain"]


def test_a_payload_without_numpy_is_not_copied(tmp_path: Path) -> None:
    payload = {"a": [1, {"b": 2.5}]}
    step = step_of(tmp_path, payload)
    step.generate()
    assert step.payload is payload


def test_a_number_alone_and_a_large_list_are_kept(tmp_path: Path) -> None:
    for at, (payload, kept) in enumerate([(np.float64(2), 2.0), ([np.int8(1)] * 5_000, [1] * 5_000)]):
        step = step_of(tmp_path / str(at), payload)
        step.generate()
        step.reset_payload()
        assert step.payload == kept


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (np.zeros(10_001), "numpy.ndarray"),
        (np.complex128(1j), "numpy.complex128"),
        (np.datetime64("2024-01-01"), "numpy.datetime64"),
        (np.array([None]), "numpy.ndarray"),
        (np.longdouble(1), "numpy.longdouble"),
        ((1, 2), "tuple"),
        ({np.int64(1): 2}, "the key 1 is int"),
    ],
)
def test_what_json_has_no_form_for_is_refused_with_its_place(tmp_path: Path, part: Any, told: str) -> None:
    with pytest.raises(SavingError) as caught:
        step_of(tmp_path, {"part": [part]}).generate()
    assert "at ['part'][0]" in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize("part", [np.float64(1), np.zeros(3), math.nan])
def test_without_the_choice_the_error_says_to_make_it(tmp_path: Path, part: Any) -> None:
    with pytest.raises(SavingError, match=r"at \['part'\]: .*\. JsonFileIO\(numpy=True\) keeps NumPy's numbers"):
        step_of(tmp_path, {"part": part}, JsonFileIO()).generate()
    with pytest.raises(SavingError) as caught:
        step_of(tmp_path, {"part": (1,)}, JsonFileIO()).generate()
    assert "numpy=True" not in str(caught.value)


def test_a_file_with_nan_is_read_with_the_choice_only(tmp_path: Path) -> None:
    step_of(tmp_path, [math.nan]).generate()
    with pytest.raises(IncompatiblePayloadError) as caught:
        step_of(tmp_path, [], JsonFileIO()).load()
    assert "NaN is not JSON: JsonFileIO(numpy=True) reads it" in str(caught.value.__cause__)


def test_a_file_without_nan_is_the_same_with_the_choice_and_without(tmp_path: Path) -> None:
    step_of(tmp_path, [np.float64(0.1)]).generate()
    plain = step_of(tmp_path, [], JsonFileIO())
    plain.load()
    assert plain.payload == [0.1]
    file = plain.persist_filepath.with_name(plain.persist_filepath.name + ".json")
    assert json.loads(file.read_text()) == [0.1]
