"""The kinds of objects that can't be persisted: the list to extend."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional

ONCE = "can be read only once"
ELSEWHERE = "only refers to data that may change or vanish"
OPEN = "is open in this process only"


class Refusal(NamedTuple):
    """Why an object can't be persisted."""

    why: str
    instead: str


Check = Callable[[Any], Optional[Refusal]]


def _if_not_loaded(obj: Any) -> Refusal | None:
    """Refuses an object of xarray that has a variable in a file or in a lazy graph."""
    variables = [obj.variable, *obj.coords.variables.values()] if hasattr(obj, "variable") else []
    if not variables:
        subtree = getattr(obj, "subtree", None)  # Of a tree.
        nodes = (obj,) if subtree is None else subtree
        variables = [each for node in nodes for each in getattr(node, "variables", {"": node}).values()]
    for variable in variables:
        data = getattr(variable, "_data", None)
        if hasattr(data, "__dask_graph__"):
            return Refusal(ELSEWHERE, "compute() it")
        is_indexed = any(base.__name__ == "ExplicitlyIndexed" for base in type(data).__mro__)
        if is_indexed and not getattr(variable, "_in_memory", True):
            return Refusal(ELSEWHERE, "load() it")
    return None


def _if_stored(obj: Any) -> Refusal | None:
    """Refuses an array or a group of zarr that is not in memory."""
    store = getattr(obj, "store", None)
    if isinstance(store, dict) or type(store).__name__ == "MemoryStore":
        return None
    return Refusal(ELSEWHERE, "return its content, such as `array[:]`")


def _if_in_files(obj: Any) -> Refusal | None:
    """Refuses a Hugging Face dataset if its table is in files of its cache."""
    if not getattr(obj, "cache_files", None):
        return None
    return Refusal(ELSEWHERE, "return its to_pandas(), or keep it by a FolderFileIO that calls save_to_disk")


def _if_open_in_memory(obj: Any) -> Refusal | None:
    return Refusal(ONCE, "return its getvalue()")


_CONTENT = "return its content"
_ROWS = "return the rows that it gives"

# By the top-level package, without leading underscores, and the class's name: modules within packages move between
# versions. Subclasses are meant too.
_TABLE: tuple[tuple[str, str, str | Check], ...] = (
    # Streams and files.
    ("io.BytesIO io.StringIO", ONCE, _if_open_in_memory),
    ("io.IOBase io._IOBase codecs.StreamReaderWriter", ONCE, "return what read() gives"),
    ("tempfile._TemporaryFileWrapper tempfile.SpooledTemporaryFile", ONCE, "return what read() gives"),
    ("tempfile.TemporaryDirectory", ELSEWHERE, "keep the folder by a FolderFileIO"),
    ("zipfile.ZipFile tarfile.TarFile", OPEN, "return the content of its members"),
    ("socket.socket subprocess.Popen multiprocessing._ConnectionBase ssl.SSLObject", OPEN, "return what was received"),
    ("mmap.mmap", ELSEWHERE, "return bytes(...) of it"),
    ("shelve.Shelf dbm.dbm gdbm.gdbm dbm._Database", ELSEWHERE, "return dict(...) of it"),
    ("multiprocessing.SharedMemory multiprocessing.BaseProxy", ELSEWHERE, "return a copy of its content"),
    ("concurrent.Future", OPEN, "return its result()"),
    # Arrays and frames.
    ("numpy.NpzFile", ELSEWHERE, "return dict(...) of it"),
    ("pandas.TextFileReader pandas.JsonReader pandas.StataReader", ONCE, "return pandas.concat(...) of it"),
    ("pandas.HDFStore pandas.ExcelFile pandas.ExcelWriter", OPEN, "return the frames in it"),
    ("polars.LazyFrame polars.LazyGroupBy narwhals.LazyFrame polars.BatchedCsvReader", ELSEWHERE, "collect() it"),
    ("pyarrow.RecordBatchReader pyarrow._RecordBatchFileReader", ONCE, "return its read_all()"),
    ("pyarrow.Dataset pyarrow.Scanner pyarrow.Fragment", ELSEWHERE, "return its to_table()"),
    ("pyarrow.ParquetFile pyarrow.ParquetDataset pyarrow.ORCFile", ELSEWHERE, "return its read()"),
    ("pyarrow.NativeFile", ONCE, "return what read() gives"),
    ("pyarrow.FileSystem fsspec.OpenFile", ELSEWHERE, "return the files' content"),
    ("xarray.Dataset xarray.DataArray xarray.Variable xarray.DataTree", ELSEWHERE, _if_not_loaded),
    ("h5py.HLObject h5netcdf.File h5netcdf.Group h5netcdf.Variable", ELSEWHERE, "return its content, as by `x[()]`"),
    ("netCDF4.Dataset netCDF4.Variable scipy.netcdf_file", ELSEWHERE, "return its content, as by `x[:]`"),
    ("zarr.Array zarr.Group zarr.AsyncArray zarr.AsyncGroup", ELSEWHERE, _if_stored),
    ("tables.File tables.Node", ELSEWHERE, "return its content, as by `x[:]`"),
    ("rasterio.DatasetBase osgeo.Dataset", OPEN, "return its content, as by `x.read()`"),
    ("datasets.Dataset", ELSEWHERE, _if_in_files),
    ("datasets.IterableDataset tensorflow.DatasetV2", ELSEWHERE, "return the examples in it"),
    ("dask.DaskMethodsMixin distributed.Future", ELSEWHERE, "compute() it"),
    ("ray.ObjectRef ray.Dataset", ELSEWHERE, "return what `ray.get` or `to_pandas()` gives"),
    ("daft.DataFrame", ELSEWHERE, "return its to_arrow()"),
    # Databases.
    ("duckdb.DuckDBPyRelation", ELSEWHERE, "return its df(), pl() or fetchall()"),
    ("duckdb.DuckDBPyConnection", OPEN, _ROWS),
    ("pyspark.DataFrame pyspark.RDD", ELSEWHERE, "return its toPandas() or collect()"),
    ("pyspark.SparkSession pyspark.SparkContext", OPEN, _ROWS),
    ("ibis.Expr", ELSEWHERE, "execute() it"),
    ("deltalake.DeltaTable pyiceberg.Table", ELSEWHERE, "return its content, as by to_pandas()"),
    ("sqlalchemy.ResultInternal sqlalchemy.Result", ONCE, "return its all()"),
    ("sqlalchemy.Query", ELSEWHERE, "return its all()"),
    ("sqlalchemy.Session sqlalchemy.Connection sqlalchemy.Engine", OPEN, _ROWS),
    ("lmdb.Environment lmdb.Transaction", OPEN, _CONTENT),
)

_BY_NAME: dict[str, Check] = {}
for _names, _why, _instead in _TABLE:
    _refusal = Refusal(_why, _instead) if isinstance(_instead, str) else None
    for _name in _names.split():
        _BY_NAME[_name] = _instead if callable(_instead) else lambda _, refusal=_refusal: refusal  # type: ignore[misc]


def names_of(kind: type) -> list[str]:
    """Returns a class and its bases as the table names them."""
    names = []
    for base in kind.__mro__:
        module = base.__module__ if isinstance(base.__module__, str) else ""
        names.append(f"{module.partition('.')[0].lstrip('_')}.{base.__qualname__}")
    return names


def check_by_name(names: list[str]) -> Check | None:
    """Returns what checks objects of a class that the table names."""
    for name in names:
        check = _BY_NAME.get(name)
        if check is not None:
            return check
    return None


def check_by_shape(kind: type) -> Check | None:
    """Returns what checks objects that give themselves away by what they can do."""
    if hasattr(kind, "__await__") or hasattr(kind, "__anext__"):
        return lambda _: Refusal(ONCE, "return what awaiting it gives")
    if hasattr(kind, "__dask_graph__"):
        return lambda obj: None if obj.__dask_graph__() is None else Refusal(ELSEWHERE, "compute() it")
    if all(hasattr(kind, name) for name in ("execute", "fetchone", "fetchall")):
        return lambda _: Refusal(ONCE, "return its fetchall()")
    if all(hasattr(kind, name) for name in ("cursor", "commit", "rollback", "close")):
        return lambda _: Refusal(OPEN, _ROWS)
    if hasattr(kind, "__next__"):
        return _check_of_iterator(kind)
    return None


def _check_of_iterator(kind: type) -> Check | None:
    refusal = Refusal(ONCE, "return list(...) of it")
    begin = getattr(kind, "__iter__", None)
    if begin is None:
        return None
    code = getattr(begin, "__code__", None)
    if code is None:
        return lambda obj: refusal if iter(obj) is obj else None
    # A method of Python's own is not called: one that begins anew would do so. One that only returns its object does
    # not name anything.
    return None if code.co_names or code.co_freevars else lambda _: refusal
