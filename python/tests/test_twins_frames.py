"""Frames of pandas, polars and pyarrow, and Rust's record batches: each reads what another wrote."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from twins.frames import LIBRARIES, RICH_VALUES, VALUES, frame_in, values_in
from twins.program import rust
from twins.records import CODES, NOTES, ROWS
from twins.twin import given, only_loading

from persistable.io import ArrowFileIO, CsvFileIO, ParquetFileIO

FORMATS = {"arrow_frame": ArrowFileIO, "parquet_frame": ParquetFileIO}


def step_of(data_dir: Path, name: str, payload_io: Any, frame: Any = None) -> Any:
    return given(name, payload_io, lambda: frame)[1](data_dir)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", FORMATS)
def test_python_reads_the_frames_of_rust(tmp_path: Path, name: str, library: Any) -> None:
    rust("persist", tmp_path, name)
    frame = only_loading(step_of(tmp_path, name, FORMATS[name](library))).payload
    assert type(frame).__module__.partition(".")[0] == library
    assert repr(values_in(frame, library)) == repr(VALUES)


RICH_FORMATS = {"arrow_rich_frame": ArrowFileIO, "parquet_rich_frame": ParquetFileIO}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", RICH_FORMATS)
def test_python_reads_columns_of_richer_types(tmp_path: Path, name: str, library: Any) -> None:
    rust("persist", tmp_path, name)
    frame = only_loading(step_of(tmp_path, name, RICH_FORMATS[name](library))).payload
    assert repr(values_in(frame, library)) == repr(RICH_VALUES)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", FORMATS)
def test_rust_reads_the_frames_of_python(tmp_path: Path, name: str, library: str) -> None:
    step_of(tmp_path, name, FORMATS[name](), frame_in(library)).generate()
    rust("load", tmp_path, name)


@pytest.mark.parametrize("name", FORMATS)
def test_rust_reads_tables_in_several_chunks(tmp_path: Path, name: str) -> None:
    table = frame_in("pyarrow")
    chunked = pyarrow.concat_tables([table.slice(row, 1) for row in range(3)])
    assert chunked.column(0).num_chunks == 3
    step_of(tmp_path, name, FORMATS[name](), chunked).generate()
    rust("load", tmp_path, name)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("name", "payload_io"), [("arrow_batches", ArrowFileIO), ("parquet_batches", ParquetFileIO)])
def test_python_reads_several_batches_of_rust_as_one_frame(
    tmp_path: Path, name: str, payload_io: Any, library: Any
) -> None:
    rust("persist", tmp_path, name)
    frame = only_loading(step_of(tmp_path, name, payload_io(library))).payload
    assert values_in(frame, library) == {"n": list(range(1_000))}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("name", "values"), [("csv_rows", ROWS), ("csv_notes", NOTES), ("csv_codes", CODES)])
def test_every_library_reads_the_csv_of_rust(tmp_path: Path, name: str, values: Any, library: Any) -> None:
    rust("persist", tmp_path, name)
    loaded = only_loading(step_of(tmp_path, name, CsvFileIO(library))).payload
    assert repr(values_in(loaded, library)) == repr(values)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("name", "values"), [("csv_rows", ROWS), ("csv_notes", NOTES), ("csv_codes", CODES)])
def test_rust_reads_the_csv_of_every_library(tmp_path: Path, name: str, values: Any, library: Any) -> None:
    module: Any = import_module(library)
    frame = module.table(values) if library == "pyarrow" else module.DataFrame(values)
    step_of(tmp_path, name, CsvFileIO(library), frame).generate()
    if library == "pandas" and name == "csv_rows":
        # To pandas a missing number is a NaN, which to Rust is a number.
        with pytest.raises(AssertionError, match="NaN"):
            rust("load", tmp_path, name)
    else:
        rust("load", tmp_path, name)
