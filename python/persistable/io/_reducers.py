"""How large arrays and frames are pickled without a copy, where they would not be by themselves."""

from __future__ import annotations

import copyreg
import operator
import pickle
import sys
from typing import TYPE_CHECKING, Any, Callable

from persistable.io import _unpickle
from persistable.io._arrow_slices import trimmed
from persistable.io._elements import Elements, bytes_of
from persistable.io._require import import_if_there

if TYPE_CHECKING:
    from persistable.io._pickler import Pickler


def reducer_of(kind: type) -> Callable[[Pickler, Any], Any] | None:
    """Returns how objects of exactly this type are reduced, or `None` if pickle knows best."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "ndarray") and issubclass(kind, numpy.ndarray):
        return _reduce_array
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is not None and hasattr(pyarrow, "Array") and issubclass(kind, pyarrow.Array):
        return _reduce_arrow_array
    root = str(kind.__module__).partition(".")[0]
    if root == "pyarrow":
        return _reduce_arrow_table if kind.__name__ in ("Table", "RecordBatch") else None
    if root == "pandas":
        return _reduce_pandas_arrow if any(base.__name__ == "ArrowExtensionArray" for base in kind.__mro__) else None
    if root == "polars":
        return {"DataFrame": _reduce_polars_frame, "Series": _reduce_polars_series}.get(kind.__name__)
    return None


def _reduce_array(pickler: Pickler, array: Any) -> Any:
    numpy: Any = sys.modules["numpy"]
    if array.nbytes < pickler.out_of_band_bytes or array.dtype.hasobject:
        return NotImplemented
    kind = type(array)
    if kind is not numpy.ndarray:
        return _reduce_subclass(numpy, array, kind)
    if array.flags.c_contiguous or array.flags.f_contiguous:
        try:
            pickle.PickleBuffer(array)
        except ValueError:
            # Dates have no place in the buffer protocol. Their bytes have.
            order = "C" if array.flags.c_contiguous else "F"
            elements = pickle.PickleBuffer(bytes_of(array if order == "C" else array.T))
            return _unpickle.array_of, (elements, array.dtype, array.shape, order)
        return NotImplemented
    return _unpickle.array_of, (pickler.stand_in_for(Elements(array)), array.dtype, array.shape, "C")


def _reduce_subclass(numpy: Any, array: Any, kind: Any) -> Any:
    if kind is numpy.ma.MaskedArray:
        mask = None if array.mask is numpy.ma.nomask else array.mask
        return _unpickle.masked_array_of, (array.data, mask, array._fill_value, array.hardmask, array._optinfo)
    methods = ("__reduce__", "__reduce_ex__", "__setstate__")
    if any(getattr(kind, method) is not getattr(numpy.ndarray, method) for method in methods):
        return NotImplemented
    return _unpickle.array_as, (array.view(numpy.ndarray), kind)


def _reduce_arrow_array(_: Pickler, array: Any) -> Any:
    part = trimmed(array)
    return NotImplemented if part is array else part.__reduce_ex__(5)


def _reduce_arrow_table(_: Pickler, table: Any) -> Any:
    if table.num_columns or not table.num_rows:
        return NotImplemented  # It is pickled by its arrays.
    # Arrow forgets how many rows there are where there is no column. So it gets one, which is left out again.
    pyarrow: Any = sys.modules["pyarrow"]
    one_column = type(table).from_arrays([pyarrow.nulls(table.num_rows)], ["any"])
    return operator.methodcaller("select", []), (one_column.replace_schema_metadata(table.schema.metadata),)


def _reduce_pandas_arrow(pickler: Pickler, array: Any) -> Any:
    """Leaves the text of a pandas column where it lies: pandas itself copies it to pickle it."""
    chunked = array.__dict__.get("_pa_array")
    try:
        held, used = chunked.get_total_buffer_size(), chunked.nbytes
        if used < pickler.out_of_band_bytes or held - used > used // 4:
            return NotImplemented
        state = {
            **array.__dict__,
            "_pa_array": chunked.chunks if chunked.num_chunks > 1 else chunked.chunk(0),
            "_cache": {},
        }
        kind: Any = type(array)
        back = kind.__new__(kind)
        back.__setstate__(dict(state))
        is_same = back._pa_array.type == chunked.type and len(back) == len(array)
    except Exception:
        return NotImplemented
    return (copyreg.__newobj__, (kind,), state) if is_same else NotImplemented  # type: ignore[attr-defined]


def _reduce_polars_frame(pickler: Pickler, frame: Any) -> Any:
    # polars copies all of itself to pickle itself, and Arrow does not.
    if frame.estimated_size() < pickler.out_of_band_bytes:
        return NotImplemented
    table = _arrow_of_polars(frame)
    return NotImplemented if table is None else (_unpickle.polars_frame_of, (table,))


def _reduce_polars_series(pickler: Pickler, series: Any) -> Any:
    if series.estimated_size() < pickler.out_of_band_bytes:
        return NotImplemented
    table = _arrow_of_polars(series.to_frame())
    return NotImplemented if table is None else (_unpickle.polars_series_of, (table,))


def _arrow_of_polars(frame: Any) -> Any:
    """Returns an Arrow table in the frame's memory, or `None` if the frame would not come back from it as it is."""
    if import_if_there("pyarrow") is None:
        return None
    polars: Any = sys.modules["polars"]
    try:
        table = frame.to_arrow(compat_level=polars.CompatLevel.newest())
        back = polars.from_arrow(table, rechunk=False)
    except Exception:
        return None
    return table if back.schema == frame.schema and back.shape == frame.shape else None
