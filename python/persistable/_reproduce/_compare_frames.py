"""Comparing frames and columns of pandas, polars and Arrow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._reproduce._compare_arrays import compare_arrays

if TYPE_CHECKING:
    from persistable._reproduce._compare import Comparison

__all__ = ["compare"]


def compare(comparison: Comparison, a: Any, b: Any, path: str) -> bool:
    """Compares frames and columns; returns whether that is what they are."""
    library = type(a).__module__.partition(".")[0]
    bases = {base.__name__ for base in type(a).__mro__ if base.__module__.partition(".")[0] == library}
    comparer = next((comparer for name, comparer in _COMPARERS[library].items() if name in bases), None)
    if comparer is None:
        return False
    comparer(comparison, a, b, path)
    return True


def _compare_pandas_frame(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    _compare_pandas_index(comparison, a.columns, b.columns, f"{path}.columns")
    if not a.columns.equals(b.columns):
        return
    _compare_pandas_index(comparison, a.index, b.index, f"{path}.index")
    comparison.compare(a.attrs, b.attrs, f"{path}.attrs")
    if len(a) != len(b):
        return
    for place, name in enumerate(a.columns):
        _compare_pandas_values(comparison, a.iloc[:, place], b.iloc[:, place], f"{path}[{name!r}]")


def _compare_pandas_series(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    comparison.compare(a.name, b.name, f"{path}.name")
    _compare_pandas_index(comparison, a.index, b.index, f"{path}.index")
    _compare_pandas_values(comparison, a, b, path)


def _compare_pandas_index(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    comparison.compare(list(a.names), list(b.names), f"{path}.names")
    if a.nlevels != b.nlevels:
        comparison.differs(path, f"{a.nlevels} levels and {b.nlevels} levels")
        return
    for level in range(a.nlevels):
        where = path if a.nlevels == 1 else f"{path}.level[{level}]"
        _compare_pandas_values(comparison, a.get_level_values(level), b.get_level_values(level), where)


def _compare_pandas_values(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    if len(a) != len(b):
        comparison.differs(path, f"{len(a)} rows and {len(b)} rows")
    elif str(a.dtype) != str(b.dtype):
        comparison.differs(path, f"dtype {a.dtype} and dtype {b.dtype}")
    elif not a.equals(b):
        numpy: Any = sys.modules["numpy"]
        if isinstance(a.dtype, numpy.dtype):
            compare_arrays(comparison, a.to_numpy(), b.to_numpy(), path)
            return
        # Missing cells have no value that could be compared.
        cells, other_cells = (each.to_numpy(dtype=object, na_value=None) for each in (a, b))
        compare_arrays(comparison, cells, other_cells, path)
        if a.dtype != b.dtype:  # Such as categories in another order.
            comparison.differs(path, f"dtype {a.dtype!r} and dtype {b.dtype!r}")


def _compare_polars_frame(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    if comparison.is_same_value(f"{path}.schema", dict(a.schema), dict(b.schema)):
        for name in a.columns:
            _compare_polars_series(comparison, a[name], b[name], f"{path}[{name!r}]")


def _compare_polars_series(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    comparison.is_same_value(f"{path}.name", a.name, b.name)
    if a.dtype != b.dtype:
        comparison.differs(path, f"dtype {a.dtype} and dtype {b.dtype}")
    elif len(a) != len(b):
        comparison.differs(path, f"{len(a)} rows and {len(b)} rows")
    elif not a.equals(b, null_equal=True):
        if a.dtype.is_float() and not a.null_count() and not b.null_count():
            compare_arrays(comparison, a.to_numpy(), b.to_numpy(), path)
        else:
            comparison.compare(a.to_list(), b.to_list(), path)


def _compare_arrow_table(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    if not a.schema.equals(b.schema, check_metadata=True):
        comparison.differs(f"{path}.schema", f"{a.schema!s} and {b.schema!s}".replace("\n", ", "))
        return
    for place, name in enumerate(a.schema.names):
        _compare_arrow_array(comparison, a.column(place), b.column(place), f"{path}[{name!r}]")


def _compare_arrow_array(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    if not a.type.equals(b.type):
        comparison.differs(path, f"type {a.type} and type {b.type}")
    elif len(a) != len(b):
        comparison.differs(path, f"{len(a)} rows and {len(b)} rows")
    elif not a.equals(b):  # No value is equal to itself that is not a number.
        if str(a.type) in ("float", "double", "halffloat") and not a.null_count and not b.null_count:
            compare_arrays(comparison, _numbers_of(a), _numbers_of(b), path)
        else:
            comparison.compare(a.to_pylist(), b.to_pylist(), path)


def _numbers_of(array: Any) -> Any:
    return array.to_numpy() if hasattr(array, "chunks") else array.to_numpy(zero_copy_only=False)


_COMPARERS: dict[str, dict[str, Any]] = {
    "pandas": {"DataFrame": _compare_pandas_frame, "Series": _compare_pandas_series, "Index": _compare_pandas_index},
    "polars": {"DataFrame": _compare_polars_frame, "Series": _compare_polars_series},
    "pyarrow": {
        "Table": _compare_arrow_table,
        "RecordBatch": _compare_arrow_table,
        "ChunkedArray": _compare_arrow_array,
        "Array": _compare_arrow_array,
    },
}
