"""Payloads that only refer to data elsewhere are refused: lazy graphs, opened files and databases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import dask
import dask.array
import h5py
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet
import pytest
import xarray
from refusal_support import refused

from persistable._checks.refusal import refuse_unpersistable


def lazy_objects(folder: Path) -> dict[str, Any]:
    table = pa.table({"a": [1, 2]})
    pa.parquet.write_table(table, folder / "a.parquet")
    dataset = pa.dataset.dataset(folder / "a.parquet")
    return {
        "polars.LazyFrame": pl.scan_parquet(folder / "a.parquet"),
        "polars.LazyGroupBy": pl.LazyFrame({"a": [1]}).group_by("a"),
        "pyarrow.FileSystemDataset": dataset,
        "pyarrow.Scanner": dataset.scanner(),
        "pyarrow.ParquetFileFragment": next(dataset.get_fragments()),
        "pyarrow.ParquetFile": pa.parquet.ParquetFile(folder / "a.parquet"),
        "pyarrow.LocalFileSystem": pa.fs.LocalFileSystem(),
    }


def test_what_only_refers_to_data_elsewhere_is_refused(tmp_path: Path) -> None:
    for name, lazy in lazy_objects(tmp_path).items():
        message = refused({"data": lazy})
        assert f"at `['data']`, an object of type {name}, which only refers to data" in message
    np.savez(tmp_path / "a.npz", a=np.arange(3))
    with np.load(tmp_path / "a.npz") as opened:
        assert "return dict(...) of it" in refused(opened)


def test_lazy_graphs_and_opened_datasets_are_refused(tmp_path: Path) -> None:
    assert "compute() it" in refused(dask.array.ones(3))
    assert "compute() it" in refused([dask.delayed(int)(3)])
    loaded = xarray.Dataset({"a": ("x", np.arange(4.0))})
    for lazy in (loaded.chunk(), loaded.chunk().a, loaded.chunk().a.variable):
        assert "compute() it" in refused(lazy)
    for whole in (loaded, loaded.a, loaded.a.variable, loaded.chunk().compute()):
        refuse_unpersistable(whole, "fit")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        values = file.create_dataset("x", data=[1, 2])
        for opened in (file, values, file.create_group("g")):
            assert "only refers to data" in refused(opened)
        refuse_unpersistable(values[()], "fit")


def fake(module: str, name: str, **members: Any) -> Any:
    """Returns an object of a class that is named as one of a library that is not installed here."""
    return type(name, (), {"__module__": module, **members})()


@pytest.mark.parametrize(
    ("module", "name", "instead"),
    [
        ("netCDF4._netCDF4", "Dataset", "x[:]"),
        ("_duckdb", "DuckDBPyConnection", "rows"),
        ("duckdb._relation", "DuckDBPyRelation", "fetchall()"),
        ("zarr.core.group", "Group", "array[:]"),
        ("pyspark.sql.dataframe", "DataFrame", "toPandas()"),
        ("ibis.expr.types.core", "Expr", "execute() it"),
        ("sqlalchemy.engine.cursor", "Result", "all()"),
        ("sqlalchemy.orm.session", "Session", "rows"),
        ("tensorflow.python.data.ops.dataset_ops", "DatasetV2", "examples"),
        ("tables.file", "File", "x[:]"),
    ],
)
def test_libraries_are_known_by_name_without_being_imported(module: str, name: str, instead: str) -> None:
    assert instead in refused([fake(module, name)])
    assert module.partition(".")[0] not in sys.modules


def test_database_objects_are_known_by_what_they_can_do() -> None:
    def nothing(self: Any) -> None: ...

    cursor = fake("driver", "Cursor", execute=nothing, fetchone=nothing, fetchall=nothing)
    assert "return its fetchall()" in refused(cursor)
    connection = fake("driver", "Connection", cursor=nothing, commit=nothing, rollback=nothing, close=nothing)
    assert "is open in this process only" in refused(connection)


def test_xarray_objects_are_refused_until_they_are_loaded() -> None:
    indexed = type("ExplicitlyIndexed", (), {})
    in_file = fake("xarray.core.variable", "Variable", _data=indexed(), _in_memory=False)
    read = fake("xarray.core.variable", "Variable", _data=indexed(), _in_memory=True)
    chunked = fake("xarray.core.variable", "Variable", _data=fake("dask.array", "Array", __dask_graph__=dict))
    for variable, instead in ((in_file, "load() it"), (chunked, "compute() it")):
        assert instead in refused(variable)
        assert instead in refused(fake("xarray.core.dataset", "Dataset", variables={"ok": read, "x": variable}))
    refuse_unpersistable(read, "fit")
    refuse_unpersistable(fake("xarray.core.dataset", "Dataset", variables={"x": read}), "fit")


def test_a_dataset_of_hugging_face_is_refused_where_it_is_in_files() -> None:
    assert "to_pandas()" in refused(fake("datasets.arrow_dataset", "Dataset", cache_files=[{"filename": "a"}]))
    refuse_unpersistable(fake("datasets.arrow_dataset", "Dataset", cache_files=[]), "fit")
    # A module of the user's may be named so too.
    refuse_unpersistable(fake("datasets", "Dataset"), "fit")
