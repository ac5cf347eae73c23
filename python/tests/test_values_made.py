"""Values that encoders make."""

from __future__ import annotations

import json
from typing import Any, Callable

import numpy as np
import pytest

from persistable._core import Value, encode
from persistable.exceptions import UnsupportedParameterError

# Values as encoders make them


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Value.null(), {"null": None}),
        (Value.date(2024, 2, 29), {"date": "2024-02-29"}),
        (Value.time(1), {"time": "00:00:00.000000001"}),
        (Value.datetime(2024, 2, 29, 10**9), {"datetime": "2024-02-29T00:00:01"}),
        (
            Value.zoned(-1, 5, 3600, "Europe/Paris"),
            {"zoned": {"seconds": -1, "nanoseconds": 5, "offset_seconds": 3600, "zone": "Europe/Paris"}},
        ),
        (Value.duration(-(2**100)), {"duration": str(-(2**100))}),
        (Value.decimal("150E-2"), {"decimal": "150E-2"}),
        (Value.uuid(bytes(16)), {"uuid": "00000000-0000-0000-0000-000000000000"}),
        (Value.path("a//b/./c/"), {"path": "a/b/c"}),
        (Value.enum("E", "m"), {"enum": {"type": "E", "member": "m"}}),
        (Value.enum("E", "m", None), {"enum": {"type": "E", "member": "m", "data": {"null": None}}}),
        (Value.enum("E", "m", data=1), {"enum": {"type": "E", "member": "m", "data": {"int": 1}}}),
        (Value.record("R", [("a", [1])]), {"record": {"type": "R", "fields": {"a": {"list": [{"int": 1}]}}}}),
        (Value.list_(iter([1])), {"list": [{"int": 1}]}),
        (Value.tuple_(n for n in [1]), {"tuple": [{"int": 1}]}),
        (Value.set_([1, 1]), {"set": [{"int": 1}]}),
        (Value.map_({"a": 1}.items()), {"map": [[{"text": "a"}, {"int": 1}]]}),
        (
            Value.table([("a", "t", [1, None])]),
            {"table": [{"name": "a", "type": "t", "values": {"list": [{"int": 1}, {"null": None}]}}]},
        ),
    ],
)
def test_a_value_is_what_it_was_made_of_and_reads_back(value: Value, form: Any) -> None:
    assert json.loads(value.to_json()) == form
    assert value.kind() == next(iter(form))
    assert Value.from_json(value.to_json()) == value
    assert encode([value]) == encode([Value.from_json(json.dumps(form))])


def test_arrays_are_made_of_any_contiguous_buffer() -> None:
    elements = np.arange(6, dtype="<f8").reshape(2, 3)
    value = encode(elements)
    for buffer in (elements, elements.tobytes(), bytearray(elements.tobytes()), elements.data):
        assert Value.array("float64", [2, 3], buffer) == value
    assert Value.array("float64", [0, 3], b"") == encode(np.zeros((0, 3)))
    assert Value.array("float64", [], bytes(8)) == encode(np.array(0.0))
    with pytest.raises(UnsupportedParameterError, match="not what dtype and shape say"):
        Value.array("float64", [2, 3], bytes(8))
    with pytest.raises(UnsupportedParameterError, match="unknown dtype"):
        Value.array("f8", [1], bytes(8))
    with pytest.raises(BufferError):
        Value.array("float64", [1], memoryview(bytes(16))[::2])
    with pytest.raises(TypeError):
        Value.array("float64", [1], 5)


def test_object_arrays_are_as_many_elements_as_their_shape_says() -> None:
    value = Value.object_array([2], ["a", None])
    assert json.loads(value.to_json())["array"]["dtype"] == "object"
    assert value == encode(np.array(["a", None], dtype=object)) != Value.object_array([2], [None, "a"])
    with pytest.raises(UnsupportedParameterError, match="has 1 elements"):
        Value.object_array([2], ["a"])


def test_what_a_value_is_made_of_is_refused_with_its_path() -> None:
    cases: list[tuple[Callable[[], Value], str]] = [
        (lambda: Value.list_([0, [object()]]), "[1][0]"),
        (lambda: Value.record("R", [("a", {"b": object()})]), "a['b']"),
        (lambda: Value.map_([(1, object())]), "[1]"),
        (lambda: Value.enum("E", "m", object()), ""),
        (lambda: Value.object_array([1], [object()]), "[0]"),
        (lambda: Value.table([("a", "t", [object()])]), "a[0]"),
        (lambda: Value.table([("a", "t", 5)]), "a"),
        (lambda: Value.table([("a", "t", [1]), ("b", "t", [])]), ""),
    ]
    for make, path in cases:
        with pytest.raises(UnsupportedParameterError) as caught:
            make().canonical_bytes()
        assert caught.value.parameter == (path or caught.value.parameter)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Value.date(2023, 2, 29),
        lambda: Value.time(86_400 * 10**9),
        lambda: Value.zoned(0, 10**9, 0, ""),
        lambda: Value.decimal("1.5"),
        lambda: Value.from_json("{}"),
        lambda: Value.from_json('{"int": 9007199254740993}'),
        lambda: Value.from_json("[" * 10_000),
        lambda: Value.path("\ud800"),
        lambda: Value.record("\ud800", []),
        lambda: Value.uuid(bytes(15)),
    ],
)
def test_what_no_value_can_be_is_refused(make: Callable[[], Value]) -> None:
    with pytest.raises(ValueError):
        make()


def test_values_are_equal_where_their_bytes_are_and_work_as_keys() -> None:
    assert Value.map_([(1, 2), (3, 4)]) == Value.map_([(3, 4), (1, 2)])
    assert len({encode(1), encode(1), encode(1.0), encode(True)}) == 3
    assert encode(1) != 1
    assert repr(encode([1])) == '{"list":[{"int":1}]}'
    with pytest.raises(UnsupportedParameterError, match="name `a` of another field"):
        hash(Value.record("R", [("a", 1), ("a", 2)]))
