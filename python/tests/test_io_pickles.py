"""`PickleFileIO` keeps any object: arrays and frames without a copy, and what can't be imported by cloudpickle."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistable.exceptions import IncompatiblePayloadError
from persistable.io import PickleFileIO
from persistable.io._pickle_container import write
from persistable.io._pickle_reading import read


def sizes_and_back(payload: Any) -> tuple[int, Any]:
    """What comes back, and how much of the file is no raw memory."""
    file = io.BytesIO()
    write(payload, file)
    content = file.getvalue()
    stream_bytes = int.from_bytes(content[-40:-32], "little") if not content.endswith(b".") else len(content)
    return stream_bytes, read(bytearray(content))


def back(payload: Any) -> Any:
    return sizes_and_back(payload)[1]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner) | st.frozensets(st.integers())
    ),
    max_leaves=20,
)


@given(plain)
def test_plain_values_come_back(payload: Any) -> None:
    assert back(payload) == payload


RECORD = [("number", "i4"), ("when", "M8[s]"), ("what", "U3")]
ARRAYS: dict[str, Any] = {
    "numbers": np.arange(30_000.0),
    "other byte order": np.arange(30_000).astype(">i4"),
    "fortran order": np.asfortranarray(np.arange(30_000.0).reshape(100, 300)),
    "every other": np.arange(60_000)[::2],
    "backwards": np.arange(30_000)[::-1],
    "a turned cube": np.arange(27_000).reshape(30, 30, 30).transpose(1, 0, 2),
    "broadcast": np.broadcast_to(np.arange(300.0), (100, 300)),
    "dates": np.arange(30_000).astype("M8[ns]"),
    "dates in fortran order": np.asfortranarray(np.arange(30_000).astype("m8[s]").reshape(100, 300)),
    "every other date": np.arange(60_000).astype("M8[D]")[::2],
    "text": np.array(["some", "words"] * 5000),
    "records": np.zeros(5000, RECORD),
    "a memory map's kind": np.arange(30_000.0).view(np.memmap),
    "a matrix": np.arange(30_000.0).reshape(100, 300).view(np.matrix),
    "a record array": np.zeros(5000, RECORD).view(np.recarray),
    "complex numbers": np.arange(30_000) * 1j,
    "half floats": np.arange(30_000).astype("f2"),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS.keys())
def test_the_elements_of_every_kind_of_array_stay_out_of_the_stream(array: Any) -> None:
    stream_bytes, loaded = sizes_and_back({"in": [array]})
    assert stream_bytes < 1000
    loaded = loaded["in"][0]
    assert type(loaded) is type(array) and loaded.dtype == array.dtype and loaded.shape == array.shape
    assert loaded.tobytes() == array.tobytes()
    assert loaded.flags.writeable
    if array.flags.c_contiguous or array.flags.f_contiguous:
        assert loaded.flags.f_contiguous == array.flags.f_contiguous


def test_object_arrays_and_tiny_ones_come_back() -> None:
    for array in (np.array([{"a"}, None] * 9000, dtype=object), np.array(5), np.zeros((0, 3)), np.zeros(3, "M8[s]")):
        loaded = back(array)
        assert loaded.dtype == array.dtype and loaded.shape == array.shape and (loaded == array).all()
        assert loaded.flags.writeable


@pytest.mark.parametrize("mask", [np.ma.nomask, np.arange(30_000) % 3 == 0])
def test_masked_arrays_come_back(mask: Any) -> None:
    array = np.ma.MaskedArray(np.arange(30_000.0), mask=mask, fill_value=-1.0, hard_mask=True)
    stream_bytes, loaded = sizes_and_back(array)
    assert stream_bytes < 1000
    assert type(loaded) is np.ma.MaskedArray
    assert (loaded.data == array.data).all() and (loaded.mask == array.mask).all()
    assert loaded.fill_value == -1.0 and loaded.hardmask
    assert (loaded.mask is np.ma.nomask) == (array.mask is np.ma.nomask)


class WithUnit(np.ndarray):  # type: ignore[type-arg]
    unit = "m"

    def __reduce__(self) -> Any:
        return (remade, (self.unit, *super().__reduce__()))


def remade(unit: str, make: Any, args: Any, state: Any) -> WithUnit:
    array: WithUnit = make(*args)
    array.__setstate__(state)
    array.unit = unit
    return array


def test_a_subclass_that_pickles_itself_is_left_to_do_so() -> None:
    array = np.arange(30_000.0).view(WithUnit)
    array.unit = "km"
    loaded = back(array)
    assert type(loaded) is WithUnit and loaded.unit == "km" and (loaded == array).all()


def frames() -> dict[str, Any]:
    rows = 20_000
    frame = pd.DataFrame(
        {
            "number": np.arange(rows) * 0.5,
            "text": [f"text {row}" for row in range(rows)],
            "kind": pd.Categorical(["a", "b"] * (rows // 2), categories=["z", "b", "a"], ordered=True),
            "when": pd.date_range("2020", periods=rows, freq="s", tz="Europe/Berlin"),
            "maybe": pd.array([1, None] * (rows // 2), dtype="Int64"),
        },
        index=pd.date_range("2020", periods=rows, freq="D", name="day"),
    )
    text = pd.concat([frame[["text"]], frame[["text"]]])
    of_polars = pl.from_pandas(frame.reset_index(drop=True)).with_columns(
        pl.col("text").cast(pl.Enum(sorted(f"text {row}" for row in range(rows)))).alias("enum"),
        pl.concat_list("number", "number").alias("list"),
    )
    return {
        "pandas": frame,
        "pandas text in two chunks": text,
        "a pandas series": frame["text"],
        "a slice of pandas": frame.iloc[10:-10:2],
        "polars": of_polars,
        "a polars series": of_polars["text"],
        "a slice of polars": of_polars[100:15_000],
        "chunks of polars": pl.concat([of_polars, of_polars], rechunk=False),
        "arrow": pa.Table.from_pandas(frame),
        "an arrow batch": pa.Table.from_pandas(frame).to_batches()[0],
    }


FRAMES = frames()


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_the_columns_of_frames_stay_out_of_the_stream(frame: Any) -> None:
    stream_bytes, loaded = sizes_and_back([frame, frame])
    # polars notes each of an Enum's members in the schema.
    is_noted = isinstance(frame, pl.DataFrame)
    # pandas 2 has Python objects for text.
    is_objects = pd.__version__ < "3" and isinstance(frame, (pd.DataFrame, pd.Series))
    assert stream_bytes < (1_000_000 if is_noted or is_objects else 40_000)
    assert loaded[0] is loaded[1]
    loaded = loaded[0]
    assert type(loaded) is type(frame)
    if isinstance(frame, pd.DataFrame):
        pd.testing.assert_frame_equal(loaded, frame)
    elif isinstance(frame, pd.Series):
        pd.testing.assert_series_equal(loaded, frame)
    else:
        assert loaded.equals(frame)
        assert getattr(loaded, "schema", None) == getattr(frame, "schema", None)
    assert not isinstance(frame, pl.Series) or loaded.name == frame.name


def test_columns_of_pandas_are_writable() -> None:
    frame = back(pd.DataFrame({"a": np.arange(30_000.0)}))
    frame.iloc[0, 0] = 5.0
    frame["a"] += 1
    assert frame["a"].iloc[0] == 6.0


def test_a_few_rows_of_a_large_arrow_table_do_not_drag_it_along() -> None:
    table = pa.table({"number": np.arange(1_000_000), "text": pa.array(["text"] * 1_000_000)})
    file = io.BytesIO()
    slices = [table.slice(start, 10) for start in range(0, 1000, 10)]
    write(slices, file)
    assert len(file.getvalue()) < 200_000
    assert all(loaded.equals(part) for loaded, part in zip(read(bytearray(file.getvalue())), slices))


def test_polars_types_that_arrow_lacks_come_back_too() -> None:
    frame = pl.DataFrame({"large": pl.Series(range(10_000), dtype=pl.Int128), "any": pl.Series([object()] * 10_000)})
    loaded = back(frame.select("large"))
    assert loaded.equals(frame.select("large")) and loaded.schema == frame.select("large").schema


@dataclass
class Node:
    name: str
    next: Node | None = None
    data: Any = field(default_factory=list)


def test_objects_that_refer_to_each_other_come_back_as_one_graph() -> None:
    data = np.arange(30_000)
    first = Node("first", data=data)
    first.next = Node("second", first, data)
    loaded = back(first)
    assert type(loaded) is Node and loaded.next.next is loaded
    assert loaded.data is loaded.next.data and (loaded.data == data).all()


def test_writing_to_what_was_loaded_changes_no_file(tmp_path: Path) -> None:
    io = PickleFileIO[Any]()
    io.save({"large": np.zeros(1_000_000), "small": np.zeros(10)}, tmp_path / "x")
    before = (tmp_path / "x").read_bytes()
    loaded = io.load(tmp_path / "x")
    loaded["large"][:] = 1
    loaded["small"][:] = 1
    del loaded
    assert (tmp_path / "x").read_bytes() == before
    assert io.load(tmp_path / "x")["large"].sum() == 0


def test_what_was_loaded_outlives_its_file(tmp_path: Path) -> None:
    io = PickleFileIO[Any]()
    io.save(np.ones(1_000_000), tmp_path / "x")
    loaded = io.load(tmp_path / "x")
    io.save(np.zeros(1_000_000), tmp_path / "x")
    (tmp_path / "x").unlink()
    assert loaded.sum() == 1_000_000


def test_functions_of_modules_go_by_name_and_local_ones_by_value() -> None:
    data = np.arange(30_000)

    class Local:
        def __init__(self) -> None:
            self.data = data

        def is_shared(self, other: Any) -> bool:
            return self.data is other

    def total() -> int:
        return int(data.sum())

    payload = {
        "by name": math.sqrt,
        "mine": sizes_and_back,
        "lambda": lambda: data[1],
        "total": total,
        "local": Local(),
    }
    loaded = back({**payload, "data": data, "class": Local})
    assert loaded["by name"] is math.sqrt and loaded["mine"] is sizes_and_back
    assert loaded["lambda"]() == 1 and loaded["total"]() == data.sum()
    assert type(loaded["local"]) is loaded["class"] and loaded["local"].is_shared(loaded["data"])


def test_without_cloudpickle_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(Exception, match=r"lambda.*cloudpickle.*pip install"):
        back([lambda: 1])
    assert back([sizes_and_back, Node, type(None), type(...), int])[1] is Node


class Vanishing:
    pass


def test_a_class_that_vanished_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    write([Vanishing()], file)
    monkeypatch.delattr(sys.modules[__name__], "Vanishing")
    with pytest.raises(IncompatiblePayloadError, match=r"Vanishing.*renamed or moved"):
        read(bytearray(file.getvalue()))
    monkeypatch.setitem(sys.modules, __name__, None)  # type: ignore[arg-type]
    with pytest.raises(IncompatiblePayloadError, match="could be imported"):
        read(bytearray(file.getvalue()))


MEMORY = """
import sys
from pathlib import Path
import numpy as np
from persistable.io import NumpyFileIO, PickleFileIO

ELEMENTS = (256 << 20) // 8

def peak_mib():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024

def now_mib():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024

io = {"npy": NumpyFileIO, "pickle": PickleFileIO}[sys.argv[1]]()
payload = {
    "array": lambda: np.ones(ELEMENTS),
    "every other": lambda: np.ones((ELEMENTS // 8, 16))[:, ::2],
    "dates": lambda: np.ones(ELEMENTS, "i8").view("M8[ns]"),
    "dict": lambda: {key: np.ones(ELEMENTS // 8) for key in "abcdefgh"},
}[sys.argv[2]]()
path = Path(sys.argv[3]) / "x"
io.save(np.ones(3), path)
before = now_mib()
io.save(payload, path)
print(peak_mib() - max(before, now_mib()))
del payload
before = now_mib()
loaded = io.load(path)
print(now_mib() - before)
"""


def output_of(code: str, *arguments: Any) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    ("io", "what"),
    [
        ("pickle", "array"),
        ("pickle", "every other"),
        ("pickle", "dates"),
        ("pickle", "dict"),
        ("npy", "array"),
        ("npy", "every other"),
    ],
)
def test_large_arrays_are_saved_and_loaded_without_a_copy(io: str, what: str, tmp_path: Path) -> None:
    saving, loading = map(float, output_of(MEMORY, io, what, tmp_path).split())
    # A copy would take 256.
    assert saving < 64
    assert loading < 64


def test_plain_items_are_pickled_without_a_call_of_python_for_each() -> None:
    def calls(items: int) -> int:
        payload = {str(number): [number, float(number)] for number in range(items)}
        called = 0

        def count(*_: object) -> None:
            nonlocal called
            called += 1

        file = io.BytesIO()
        sys.setprofile(count)
        try:
            write(payload, file)
        finally:
            sys.setprofile(None)
        return called

    assert calls(100_000) < calls(1000) + 1000
