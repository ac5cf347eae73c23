"""Parquet, Arrow, CSV and Avro: a frame comes back as it was, or it is refused."""

from __future__ import annotations

import datetime as dt
import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persistable.exceptions import IncompatiblePayloadError, SavingError
from persistable.io import ArrowFileIO, AvroFileIO, CsvFileIO, FileIO, ParquetFileIO

FORMATS: list[Any] = [ArrowFileIO(), ParquetFileIO(), AvroFileIO()]
NAMES = ["arrow", "parquet", "avro"]


def written(file_io: Any, payload: Any) -> bytes:
    file = io.BytesIO()
    file_io._write(payload, file)
    return file.getvalue()


def back(file_io: Any, payload: Any) -> Any:
    return file_io._read(bytearray(written(file_io, payload)))


def assert_same(loaded: Any, frame: Any) -> None:
    assert type(loaded) is type(frame)
    if isinstance(frame, pd.DataFrame):
        pd.testing.assert_frame_equal(loaded, frame, check_freq=True, check_exact=True, check_column_type="exact")  # type: ignore[arg-type]
        assert type(loaded.columns) is type(frame.columns)
        assert loaded.attrs == frame.attrs
    elif isinstance(frame, pl.DataFrame):
        assert loaded.schema == frame.schema and loaded.equals(frame)
    else:
        assert loaded.schema.equals(frame.schema, check_metadata=True)
        # `equals` takes the same values by another dictionary for others.
        assert loaded.equals(frame) or loaded.to_pylist() == frame.to_pylist()


def pandas_frames() -> dict[str, pd.DataFrame]:
    rows = 100
    columns: dict[str, Any] = {
        "float": np.arange(rows) * 0.5,
        "nan": [1.0, np.nan] * (rows // 2),
        "small": np.arange(rows).astype("i1"),
        "half": np.arange(rows).astype("f2"),
        "text": [f"text {row}" for row in range(rows)],
        "some text": ["text", None] * (rows // 2),
        "category": pd.Categorical(["b", "a"] * (rows // 2), categories=["z", "b", "a"], ordered=True),
        "numbers as categories": pd.Categorical([1, 2] * (rows // 2)),
        "zoned": pd.date_range("2020", periods=rows, freq="s", tz="Europe/Berlin"),
        "seconds": np.arange(rows).astype("M8[s]"),
        "nanoseconds": np.arange(rows).astype("M8[ns]"),
        "difference": np.arange(rows).astype("m8[us]"),
        "maybe": pd.array([1, None] * (rows // 2), dtype="Int64"),
        "date": [dt.date(2020, 1, 1)] * rows,
        "decimal": [Decimal("1.5")] * rows,
        "list": [[1]] * rows,
        "object text": pd.Series(["a", None] * (rows // 2), dtype=object),
        "mixed": pd.Series([1, "a"] * (rows // 2), dtype=object),
        "period": pd.period_range("2020", periods=rows, freq="D"),
        "interval": pd.interval_range(0, rows),
        "of arrow": pd.Series(range(rows), dtype="int64[pyarrow]"),
        "bytes": [b"x"] * rows,
        "bool": [True] * rows,
    }
    frames = {name: pd.DataFrame({name: values}) for name, values in columns.items()}
    with_attrs = pd.DataFrame({"a": [1]})
    with_attrs.attrs = {"unit": "m"}
    return {
        **frames,
        "days": pd.DataFrame({"a": range(10)}, index=pd.date_range("2020", periods=10, freq="D", name="day")),
        "two levels": pd.DataFrame(
            {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])
        ),
        "a matrix": pd.DataFrame(np.ones((3, 2))),
        "years": pd.DataFrame(np.ones((3, 2)), columns=[2020, 2021]),
        "levels of columns": pd.DataFrame(np.ones((3, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
        "no rows": pd.DataFrame({"a": np.zeros(0)}),
        "from five": pd.DataFrame({"a": [1, 2, 3]}, index=range(5, 8)),
        "every other": pd.DataFrame({"a": [1, 2, 3]}).iloc[::2],
        "attrs": with_attrs,
        "no columns": pd.DataFrame(index=range(3)),
    }


def polars_frames() -> dict[str, pl.DataFrame]:
    moment = dt.datetime(2020, 1, 1, 2, 3, 4, 5)
    columns: dict[str, Any] = {
        "float": [1.0, None],
        "nan": [1.0, float("nan")],
        "text": ["x", None],
        "categorical": pl.Series(["u", "v"], dtype=pl.Categorical),
        "enum": pl.Series(["u", "v"], dtype=pl.Enum(["w", "u", "v"])),
        "list": [[1], [2, 3]],
        "struct": [{"q": 1}, {"q": 2}],
        "date": [dt.date(2020, 1, 1)] * 2,
        "datetime": [moment] * 2,
        "zoned": pl.Series([moment] * 2).dt.replace_time_zone("Europe/Berlin"),
        "decimal": [Decimal("1.5")] * 2,
        "null": [None, None],
        "bytes": [b"x", b"y"],
        "time": [dt.time(1)] * 2,
        "duration": [dt.timedelta(1)] * 2,
        "small": pl.Series([1, 2], dtype=pl.Int8),
        "bool": [True, None],
        "array": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)),
        "very large": pl.Series([1, 2], dtype=pl.Int128),
        "object": pl.Series([object(), object()], dtype=pl.Object),
        "no rows": pl.Series([], dtype=pl.Int16),
    }
    return {name: pl.DataFrame({name.replace(" ", "_"): values}) for name, values in columns.items()}


def arrow_tables() -> dict[str, pa.Table]:
    columns: dict[str, Any] = {
        "integer": pa.array([1, None]),
        "text": pa.array(["x", ""]),
        "large text": pa.array(["x"], pa.large_string()),
        "text view": pa.array(["x"], pa.string_view()),
        "dictionary": pa.array(["a", "b"]).dictionary_encode(),
        "seconds": pa.array([1], pa.timestamp("s")),
        "date64": pa.array([dt.date(2020, 1, 1)], pa.date64()),
        "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        "null": pa.nulls(2),
        "half": pa.array([np.float16(1)]),
        "two dictionaries": pa.chunked_array(
            [pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()]
        ),
    }
    tables = {name: pa.table({name.replace(" ", "_"): values}) for name, values in columns.items()}
    field = pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"})
    return {
        **tables,
        "metadata": pa.table({"a": [1]}).replace_schema_metadata({"key": "value"}),
        "field": pa.table([pa.array([1])], schema=pa.schema([field])),
    }


FRAMES = {
    f"{library} {name}": frame
    for library, frames in {"pandas": pandas_frames(), "polars": polars_frames(), "arrow": arrow_tables()}.items()
    for name, frame in frames.items()
}
# Refused or not by the versions of pandas and pyarrow.
DEPENDS = {"pandas object text", "pandas attrs"}
# What each format has no place for. Anything else that is refused here is a fault of the payload IO.
REFUSED = {
    "arrow": {
        "pandas list",
        "pandas mixed",
        "pandas no columns",
        "polars very large",
        "polars object",
    },
    "parquet": {
        "pandas numbers as categories",
        "pandas seconds",
        "pandas list",
        "pandas mixed",
        "pandas no columns",
        "polars object",
        "arrow seconds",
        "arrow date64",
        "arrow map",
    },
}


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_comes_back_as_it_was_or_is_refused(file_io: FileIO[Any], name: str, tmp_path: Path) -> None:
    frame = FRAMES[name]
    try:
        file_io.save(frame, tmp_path / "x")
    except SavingError:
        assert not list(tmp_path.iterdir())
        assert name in DEPENDS or name in REFUSED.get(file_io.format_name.partition("-")[0], FRAMES)
        return
    assert_same(file_io.load(tmp_path / "x"), frame)
    assert name in DEPENDS or name not in REFUSED.get(file_io.format_name.partition("-")[0], ())


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
@pytest.mark.parametrize(
    "payload", [[(1, 2)], {"a": [1]}, pd.Series([1]), np.zeros(3), None], ids=lambda it: type(it).__name__
)
def test_what_is_no_frame_is_refused(file_io: FileIO[Any], payload: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        file_io.save(payload, tmp_path / "x")


class MyFrame(pd.DataFrame):
    pass


def test_a_subclass_of_a_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SavingError, match="MyFrame"):
        ParquetFileIO().save(MyFrame({"a": [1]}), tmp_path / "x")


@pytest.mark.parametrize("kind", [ArrowFileIO, ParquetFileIO, AvroFileIO], ids=NAMES)
def test_a_frame_is_given_back_in_the_library_that_is_wanted(kind: Any) -> None:
    frames = {
        "pandas": pd.DataFrame({"a": [1, 2]}),
        "polars": pl.DataFrame({"a": [1, 2]}),
        "pyarrow": pa.table({"a": [1, 2]}),
    }
    for frame in frames.values():
        content = written(kind(), frame)
        for wanted, expected in frames.items():
            loaded = kind(frame=wanted)._read(bytearray(content))
            assert type(loaded) is type(expected) and loaded["a"].to_numpy().tolist() == [1, 2]
    with pytest.raises(ValueError, match="numpy"):
        kind(frame="numpy")


def test_files_of_other_programs_are_read(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", None]})
    pa.parquet.write_table(table, tmp_path / "x.parquet")
    pa.feather.write_feather(table, tmp_path / "x.arrow", compression="lz4")
    pl.from_arrow(table).write_parquet(tmp_path / "y.parquet")  # type: ignore[union-attr]
    for file_io, name in ((ParquetFileIO, "x.parquet"), (ArrowFileIO, "x.arrow"), (ParquetFileIO, "y.parquet")):
        assert type(file_io().load(tmp_path / name)) is pd.DataFrame
        assert file_io(frame="polars").load(tmp_path / name).rows() == [(1, "x"), (2, None)]
        assert file_io(frame="pyarrow").load(tmp_path / name).to_pylist() == table.to_pylist()


def test_other_programs_read_the_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    ParquetFileIO().save(frame, tmp_path / "x.parquet")
    ArrowFileIO().save(frame, tmp_path / "x.arrow")
    AvroFileIO().save(frame, tmp_path / "x.avro")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), frame)
    pd.testing.assert_frame_equal(pd.read_feather(tmp_path / "x.arrow"), frame)
    with (tmp_path / "x.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_arrow_tables_and_polars_frames_lie_in_the_file() -> None:
    for frame in (pa.table({"a": np.arange(10_000)}), pl.DataFrame({"a": np.arange(10_000)})):
        buffer = bytearray(written(ArrowFileIO(), frame))
        loaded = ArrowFileIO()._read(buffer)
        assert np.shares_memory(loaded["a"].to_numpy(), np.frombuffer(buffer, "u1"))


def test_polars_needs_no_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None], "c": pl.Series(["u", "v"], dtype=pl.Enum(["u", "v"]))})
    for name in ("pyarrow", "pyarrow.ipc", "pyarrow.parquet", "pandas"):
        monkeypatch.setitem(sys.modules, name, None)
    for file_io in (ParquetFileIO(), ArrowFileIO()):
        assert_same(back(file_io, frame), frame)
    assert_same(back(CsvFileIO(), frame.select("a", "b")), frame.select("a", "b"))


def test_what_is_missing_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    content = written(ParquetFileIO(), pd.DataFrame({"a": [1]}))
    for name in ("pyarrow", "polars"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"ParquetFileIO needs pyarrow: pip install 'persistable\[arrow\]'"):
        ParquetFileIO()._read(bytearray(content))
    monkeypatch.setitem(sys.modules, "fastavro", None)
    with pytest.raises(ImportError, match=r"persistable\[avro\]"):
        AvroFileIO()._read(bytearray(b""))


@pytest.mark.parametrize("file_io", FORMATS, ids=NAMES)
def test_broken_files_are_refused(file_io: Any) -> None:
    content = written(file_io, pd.DataFrame({"a": np.arange(1000), "b": ["x"] * 1000}))
    for other in (b"", b"x", b"\x00" * 100, content[: len(content) // 2], content[len(content) // 2 :]):
        with pytest.raises(IncompatiblePayloadError):
            file_io._read(bytearray(other))


@pytest.mark.parametrize("content", [b"", b"\n", b'"a', b"a,b\n1\n", b"a,a\n1,2\n", b"a\n\xff\n"])
def test_broken_csv_is_refused(content: bytes) -> None:
    with pytest.raises(IncompatiblePayloadError):
        CsvFileIO()._read(bytearray(content))


INTS = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
COLUMNS = st.one_of(
    st.tuples(st.just("int"), st.lists(INTS, min_size=3, max_size=3)),
    st.tuples(st.just("float"), st.lists(st.floats(), min_size=3, max_size=3)),
    st.tuples(st.just("bool"), st.lists(st.booleans(), min_size=3, max_size=3)),
    st.tuples(
        st.just("str"),
        st.lists(TEXT | st.none() | st.sampled_from(["1", "1.5", "true", "NaN", "-", "1e5"]), min_size=3, max_size=3),
    ),
)
CSV_FRAMES = st.dictionaries(TEXT, COLUMNS, min_size=1, max_size=4)


@settings(max_examples=200)
@given(CSV_FRAMES, st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_csv_gives_back_what_it_takes(columns: dict[str, tuple[str, list[Any]]], library: Any) -> None:
    from persistable.io._cells import frame_of_cells

    frame = frame_of_cells(columns, library)
    file_io = CsvFileIO(frame=library)
    try:
        loaded = back(file_io, frame)
    except TypeError:
        texts = [values for kind, values in columns.values() if kind == "str"]
        assert any(all(value is None or value[0] in "0123456789-Nntif" for value in values) for values in texts)
        return
    if library == "pyarrow":
        assert loaded.schema == frame.schema and repr(loaded.to_pylist()) == repr(frame.to_pylist())
    else:
        assert_same(loaded, frame)


def test_csv_is_read_by_other_programs_and_reads_theirs(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"station": ["north, upper", "so\nuth"], "n": [1, 2], "degrees": [1.5, np.nan], "on": [True, False]}
    )
    CsvFileIO().save(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().startswith(b'station,n,degrees,on\r\n"north, upper",1,1.5,true\r\n')
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "x.csv"), frame)
    assert pl.read_csv(tmp_path / "x.csv").shape == (2, 4)
    (tmp_path / "y.csv").write_text("a,b,c\n1,true,x\n,,\n")
    loaded = CsvFileIO(frame="pandas").load(tmp_path / "y.csv")
    assert list(map(str, loaded.dtypes))[:2] == ["Int64", "boolean"]
    assert CsvFileIO(frame="polars").load(tmp_path / "y.csv").rows() == [(1, True, "x"), (None, None, None)]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": ["1", "2"]}),
        pd.DataFrame({"a": ["x", ""]}),
        pd.DataFrame({"a": [1]}, index=[1]),
        pd.DataFrame({"a": np.zeros(1, "f4")}),
        pd.DataFrame({1: [1]}),
        pd.DataFrame({"a": np.zeros(0)}),
        pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"a": pd.date_range("2020", periods=2)}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame(index=range(2)),
        pd.DataFrame({"a": ["x\0"]}),
        pd.DataFrame({"a": ["x" * 200_000]}),
        pl.DataFrame({"a": [1]}),
    ],
    ids=repr,
)
def test_csv_refuses_what_it_would_not_give_back(frame: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        CsvFileIO().save(frame, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


RECORDS = [
    {
        "long": 1,
        "maybe": None,
        "double": 1.5,
        "text": "x",
        "bytes": b"y",
        "date": dt.date(2020, 1, 1),
        "naive": dt.datetime(2020, 1, 1, 1, 2, 3, 4),
        "moment": dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc),
        "decimal": Decimal("1.50"),
        "list": [{"k": 1}, {"k": 2}],
        "dict": {"n": [[1], []]},
        "nothing": None,
        "time": dt.time(1, 2, 3, 4),
        "bool": True,
    },
    {
        "long": -(1 << 63),
        "maybe": 3,
        "double": -0.0,
        "text": "",
        "bytes": b"",
        "date": dt.date(1, 1, 1),
        "naive": dt.datetime(1, 1, 1),
        "moment": dt.datetime(1900, 1, 1, tzinfo=dt.timezone.utc),
        "decimal": Decimal("-10.55"),
        "list": [],
        "dict": {"n": []},
        "nothing": None,
        "time": dt.time(0),
        "bool": False,
    },
]


def test_avro_keeps_records() -> None:
    assert repr(back(AvroFileIO(), RECORDS)) == repr(RECORDS)


def test_avro_writes_the_schema_that_it_is_given() -> None:
    schema = {
        "type": "record",
        "name": "Reading",
        "namespace": "weather",
        "fields": [{"name": "station", "type": "string"}, {"name": "degrees", "type": "float"}],
    }
    file_io = AvroFileIO(schema=schema)
    content = written(file_io, [{"station": "north", "degrees": 1.5}])
    assert fastavro.reader(io.BytesIO(content)).writer_schema["name"] == "weather.Reading"
    assert AvroFileIO()._read(bytearray(content)) == [{"station": "north", "degrees": 1.5}]
    for bad in (
        {"station": "north", "degrees": 0.1},
        {"station": "north"},
        {"station": "north", "degrees": 1.5, "more": 1},
    ):
        with pytest.raises(TypeError, match="record 1"):
            written(file_io, [{"station": "north", "degrees": 1.5}, bad])


@pytest.mark.parametrize(
    "records",
    [
        [{"a": 1}, {"b": 1}],
        [{"a": 1}, {"a": 1.0}],
        [{"a": True}, {"a": 1}],
        [],
        [{}],
        [{"a": {}}],
        [{"a": (1,)}],
        [{"a": {1}}],
        [{"a": 1 << 63}],
        [{"a b": 1}],
        [{1: 1}],
        [{"a": "\ud800"}],
        [{"a": dt.datetime(2020, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))}],
        [{"a": Decimal("1.5")}, {"a": Decimal("1.25")}],
        [{"a": Decimal("NaN")}],
        [{"a": [1, "x"]}],
        [1],
    ],
    ids=repr,
)
def test_avro_refuses_what_it_would_not_give_back(records: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError):
        AvroFileIO().save(records, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_avro_keeps_the_zone_of_moments_in_frames() -> None:
    frame = pd.DataFrame({"when": pd.date_range("2020-03-29", periods=10, freq="h", tz="Europe/Berlin").as_unit("us")})
    assert_same(back(AvroFileIO(), frame), frame)
