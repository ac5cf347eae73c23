"""Identities agree and differ as an independent model says, in any order, in every process."""

from __future__ import annotations

import datetime as dt
import enum
import importlib.util
import json
import math
import random
import struct
import subprocess
import sys
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import hypothesis.extra.numpy as arrays
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persistable import _core

_REPOSITORY = Path(__file__).parents[2]


def _load_reference() -> Any:
    """Loads the reference implementation, which was written from the specification alone."""
    spec = importlib.util.spec_from_file_location("reference", _REPOSITORY / "spec" / "reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _load_reference()


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


@dataclass(frozen=True)
class Layer:
    size: Any
    name: Any


class Pair(NamedTuple):
    left: Any
    right: Any


# The model: what form of the specification a value has, as JSON.


def form_of(value: Any) -> Any:
    """Returns the typed JSON of a value, by the words of the contract and not by the package."""
    kind = type(value)
    if kind in _FORMS:
        return _FORMS[kind](value)
    if isinstance(value, enum.Enum):
        return {"enum": {"type": kind.__name__, "member": value.name}}
    names = ["size", "name"] if kind is Layer else ["left", "right"]
    return {"record": {"type": kind.__name__, "fields": {name: form_of(getattr(value, name)) for name in names}}}


def _float(value: float) -> Any:
    return str(value) if math.isnan(value) or math.isinf(value) else value


def _int(value: int) -> Any:
    return value if abs(value) <= 2**53 - 1 else str(value)


def _time(value: dt.time) -> str:
    return value.strftime("%H:%M:%S") + (f".{value.microsecond * 1000:09}" if value.microsecond else "")


def _datetime(value: dt.datetime) -> Any:
    if value.tzinfo is None:
        return {"datetime": f"{value.year:04}-{value.month:02}-{value.day:02}T{_time(value.time())}"}
    offset = value.utcoffset()
    assert offset is not None
    since = value.replace(tzinfo=None) - offset - dt.datetime(1970, 1, 1)
    moment = {"seconds": since // dt.timedelta(seconds=1), "nanoseconds": value.microsecond * 1000}
    zone = getattr(value.tzinfo, "key", "")
    return {"zoned": {**moment, "offset_seconds": int(offset.total_seconds()), "zone": zone}}


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    sign, digits, exponent = value.as_tuple()
    return f"{'-' * sign}{int(''.join(map(str, digits)))}E{exponent}"


def _elements(values: Any) -> list[Any]:
    return [form_of(value) for value in values]


_FORMS: dict[type, Any] = {
    type(None): lambda value: {"null": None},
    bool: lambda value: {"bool": value},
    int: lambda value: {"int": _int(value)},
    float: lambda value: {"float": _float(value)},
    complex: lambda value: {"complex": [_float(value.real), _float(value.imag)]},
    str: lambda value: {"text": value},
    bytes: lambda value: {"bytes": value.hex()},
    list: lambda value: {"list": _elements(value)},
    tuple: lambda value: {"tuple": _elements(value)},
    frozenset: lambda value: {"set": _elements(value)},
    set: lambda value: {"set": _elements(value)},
    dict: lambda value: {"map": [[form_of(key), form_of(item)] for key, item in value.items()]},
    dt.date: lambda value: {"date": f"{value.year:04}-{value.month:02}-{value.day:02}"},
    dt.time: lambda value: {"time": _time(value)},
    dt.datetime: _datetime,
    dt.timedelta: lambda value: {"duration": _int(1000 * (value // dt.timedelta(microseconds=1)))},
    Decimal: lambda value: {"decimal": _decimal(value)},
    uuid.UUID: lambda value: {"uuid": str(value)},
    PurePosixPath: lambda value: {"path": str(value)},
}

# Few values of each sort, so that equal ones meet often.
_zones = st.sampled_from(
    [dt.timezone.utc, ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), dt.timezone(dt.timedelta(hours=1))]
)
_moments = st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1))
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2) | st.integers() | st.sampled_from([2**53 - 1, 2**53, -(2**53), 2**64]),
    st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf]) | st.floats(),
    st.complex_numbers(allow_nan=True),
    st.sampled_from(["", "0", "1", "None", "\u00e9", "e\u0301"]) | st.text(max_size=5),
    st.sampled_from([b"", b"0"]) | st.binary(max_size=5),
    st.dates(),
    st.times().map(lambda time: time.replace(fold=0)),
    _moments.map(lambda moment: moment.replace(fold=0)),
    st.builds(lambda moment, zone: moment.replace(tzinfo=zone), _moments, _zones),
    st.timedeltas(),
    st.decimals(allow_nan=False) | st.sampled_from([Decimal("1.5"), Decimal("1.50"), Decimal("NaN")]),
    st.uuids(),
    st.text("ab./", max_size=6).filter(lambda text: not text.startswith("//")).map(PurePosixPath),
    st.sampled_from(Colour),
)
_keys = _scalars | st.tuples(_scalars, _scalars)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(_keys, max_size=3),
        st.sets(_keys, max_size=3),
        st.dictionaries(_keys, inner, max_size=3),
        st.builds(Layer, inner, inner),
        st.builds(Pair, inner, inner),
    )


_values = st.recursive(_scalars, _containers, max_leaves=10)


def bytes_of(value: Any) -> bytes:
    return bytes(_core.encode(value).canonical_bytes())


def has_a_nan_twice(form: Any) -> bool:
    """Tells whether a map has two keys that differ in Python alone, as NaN differs from itself."""
    if isinstance(form, dict):
        keys = [json.dumps(key) for key, _ in form["map"]] if isinstance(form.get("map"), list) else []
        return len(set(keys)) < len(keys) or any(has_a_nan_twice(part) for part in form.values())
    return isinstance(form, list) and any(has_a_nan_twice(part) for part in form)


@settings(max_examples=500)
@given(_values)
def test_a_value_has_the_bytes_that_the_reference_gives_its_form(value: Any) -> None:
    form = form_of(value)
    if has_a_nan_twice(form):
        with pytest.raises(ValueError):
            bytes_of(value)
    else:
        assert bytes_of(value) == reference.node(form)


@settings(max_examples=300)
@given(_values, _values)
def test_two_values_agree_exactly_where_their_forms_do(left: Any, right: Any) -> None:
    forms = [form_of(left), form_of(right)]
    if not any(map(has_a_nan_twice, forms)):
        assert (bytes_of(left) == bytes_of(right)) is (reference.node(forms[0]) == reference.node(forms[1]))


@settings(max_examples=200)
@given(_values)
def test_a_value_is_what_it_is_after_json_and_after_a_pickle(value: Any) -> None:
    import pickle

    if not has_a_nan_twice(form_of(value)):
        encoded = _core.encode(value)
        assert _core.Value.from_json(encoded.to_json()).canonical_bytes() == bytes_of(value)
        assert bytes_of(pickle.loads(pickle.dumps(value))) == bytes_of(value)


@given(st.dictionaries(st.text(), _scalars, min_size=2), st.randoms(use_true_random=False))
def test_the_order_of_entries_and_members_does_not_matter(entries: dict[str, Any], dice: random.Random) -> None:
    shuffled = list(entries.items())
    dice.shuffle(shuffled)
    assert bytes_of(dict(shuffled)) == bytes_of(entries)
    assert bytes_of({name for name, _ in shuffled}) == bytes_of(set(entries))
    step = _core.step_key("step", None, entries, [])
    assert _core.step_key("step", None, dict(shuffled), []) == step


@given(st.lists(_values, min_size=1, max_size=3), st.integers(0, 2))
def test_an_order_that_means_something_matters(values: list[Any], turns: int) -> None:
    turned = values[turns:] + values[:turns]
    forms = [form_of(value) for value in (values, turned)]
    if not any(map(has_a_nan_twice, forms)):
        assert (bytes_of(values) == bytes_of(turned)) is (reference.node(forms[0]) == reference.node(forms[1]))


_dtypes = st.one_of(
    st.sampled_from(["bool", "f2", "f4", "f8", "c8", "c16"]),
    st.sampled_from([f"{kind}{width}" for kind in "iu" for width in (1, 2, 4, 8)]),
).map(np.dtype)
_shapes = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@settings(max_examples=300)
@given(_dtypes.flatmap(lambda dtype: arrays.arrays(dtype, _shapes)), st.data())
def test_an_array_has_the_digest_of_its_elements_in_any_layout(array: np.ndarray[Any, Any], data: Any) -> None:
    elements = array.astype(array.dtype.newbyteorder("<")).tobytes()
    digest = reference.elements_digest(array.dtype.name, list(array.shape), elements)
    form = {"array": {"dtype": array.dtype.name, "shape": list(array.shape), "digest": digest}}
    assert bytes_of(array) == reference.node(form)
    axes = data.draw(st.permutations(range(array.ndim)))
    laid_out = np.transpose(np.transpose(array, axes).copy(), np.argsort(axes)) if array.ndim else array
    spread = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    for same in (
        laid_out,
        spread,
        array[::-1][::-1] if array.ndim else array,
        array.astype(array.dtype.newbyteorder(">")),
    ):
        assert bytes_of(same) == bytes_of(array)


@given(st.floats(), st.integers(0, 2**52 - 1), st.booleans())
def test_every_nan_is_the_one_nan(number: float, payload: int, negative: bool) -> None:
    bits = (0x7FF << 52 | payload) | negative << 63
    special = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    agrees = (math.isnan(number) and math.isnan(special)) or struct.pack(">d", number) == struct.pack(">d", special)
    assert (bytes_of(number) == bytes_of(special)) is agrees
    assert (bytes_of(np.array([number])) == bytes_of(np.array([special]))) is agrees


@pytest.mark.parametrize("dtype", ["Int8", "UInt16", "Int32", "UInt64", "Float16", "Float32", "Float64", "Boolean"])
def test_a_series_of_polars_is_the_same_where_numpy_is_not_installed(dtype: str) -> None:
    from persistable._encoders import polars as room

    for numbers in ([], [0, 1, 1]):
        series = pl.Series(numbers, dtype=getattr(pl, dtype), strict=False)
        name = "bool" if dtype == "Boolean" else dtype.lower()
        assert room._values_without_numpy(name, series) == room._values(name, series)


# Other processes.

_ALL_TRAPS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from traps import TRAPS
from persistable import _core
print(json.dumps([[_core.step_key("s", None, {"p": v}, [])[1] for v in (t.left, t.right)] for t in TRAPS]))
"""


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_keys_are_the_same_in_every_process_and_with_every_hash_seed(seed: str) -> None:
    from traps import TRAPS

    printed = _python("-c", _ALL_TRAPS, str(Path(__file__).parent), PYTHONHASHSEED=seed)
    here = [[_core.step_key("s", None, {"p": value}, [])[1] for value in (trap.left, trap.right)] for trap in TRAPS]
    assert json.loads(printed) == here


_PLAIN = """
import collections, datetime, decimal, enum, fractions, functools, pathlib, re, sys, uuid, zoneinfo
from persistable import _core
E = enum.Enum("E", "A")
values = [range(3), pathlib.Path("a"), E.A, datetime.datetime.now(datetime.timezone.utc), decimal.Decimal(1)]
values += [re.compile("a"), collections.deque([1]), collections.OrderedDict(a=1), functools.partial(max)]
values += [uuid.uuid4(), fractions.Fraction(1)]
_core.encode(values)
print(sorted({"numpy", "pandas", "polars", "pyarrow", "attr", "pydantic"} & set(sys.modules)))
"""


def test_no_library_is_loaded_for_the_sake_of_values_that_are_not_its_own() -> None:
    assert _python("-c", _PLAIN) == "[]"


_SCRIPT = """
from dataclasses import dataclass
import enum
from persistable import _core

class Colour(enum.Enum):
    RED = 1

@dataclass
class Layer:
    size: int

def mean(values):
    return sum(values) / len(values)

KEY = _core.step_key("s", None, {"f": mean, "c": Colour, "r": Colour.RED, "l": Layer(1), "t": Layer}, [])[1]

def print_in_child():
    print(_core.step_key("s", None, {"f": mean, "c": Colour, "r": Colour.RED, "l": Layer(1), "t": Layer}, [])[1])

if __name__ == "__main__":
    import sys
    if sys.argv[1:] == ["spawn"]:
        import multiprocessing
        child = multiprocessing.get_context("spawn").Process(target=print_in_child)
        child.start()
        child.join()
    else:
        print(KEY)
"""


def test_a_script_has_the_keys_of_the_module_it_would_be_imported_as(tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").write_text(_SCRIPT)
    imported = _python("-c", "import pipeline; print(pipeline.KEY)", cwd=tmp_path)
    assert _python("pipeline.py", cwd=tmp_path) == imported
    assert _python("-m", "pipeline", cwd=tmp_path) == imported
    assert _python(str(tmp_path / "pipeline.py"), cwd=tmp_path) == imported
    assert _python("pipeline.py", "spawn", cwd=tmp_path) == imported


def _python(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    import os

    run = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()
