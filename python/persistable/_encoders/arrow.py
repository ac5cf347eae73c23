"""Tables, arrays and types of Arrow.

Chunks, offsets, the bytes under nulls and the metadata of schemas do not count: tools write the latter as they please,
and change them when a table passes through a file.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable

from persistable._core import Value
from persistable._encoders.columns import Column, frame_values, nullable
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["column_of", "encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a type of Arrow."""
    pa: Any = sys.modules["pyarrow"]
    if cls in (pa.Table, pa.RecordBatch):
        return lambda table: Value.record(f"pyarrow.{cls.__name__}", [("values", _table_values(table))])
    if cls is pa.Schema:
        return lambda schema: Value.record("pyarrow.Schema", [("fields", [_field(field) for field in schema])])
    if cls is pa.Field:
        return _field
    kinds = {
        pa.ChunkedArray: column_of,
        pa.Array: column_of,
        pa.Scalar: _column_of_scalar,
        pa.DataType: _column_of_type,
    }
    for base, to_column in kinds.items():
        if issubclass(cls, base):
            name = f"pyarrow.{base.__name__}"
            return lambda value: Value.record(name, [("values", to_column(value).to_value())])
    return None


def _table_values(table: Any) -> Value:
    columns = []
    for field, values in zip(table.schema, table.columns):
        column = column_of(values)
        if not field.nullable:
            column.type_name += " not null"
        columns.append(column)
    if not columns and table.num_rows:
        return Value.record("rows", [("height", table.num_rows)])  # Which no column tells.
    return frame_values(table.column_names, columns)


def _field(field: Any) -> Value:
    parts = [("name", field.name), ("type", field.type), ("nullable", field.nullable)]
    return Value.record("pyarrow.Field", parts)


def _column_of_scalar(scalar: Any) -> Column:
    pa: Any = sys.modules["pyarrow"]
    return column_of(pa.array([scalar], type=scalar.type) if scalar.is_valid else pa.nulls(1, scalar.type))


def _column_of_type(data_type: Any) -> Column:
    pa: Any = sys.modules["pyarrow"]
    return column_of(pa.nulls(0, data_type))


def column_of(array: Any) -> Column:
    """Returns an array, or one of many chunks, as a column."""
    pa: Any = sys.modules["pyarrow"]
    data_type, types = array.type, pa.types
    cells = _cells_of(types, data_type)
    if cells is not None:
        return Column(str(data_type), cells=cells(array))
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    dtype = _dtype_of(types, data_type)
    if dtype is not None:
        return _fixed_width_column(pa, array, dtype)
    if isinstance(data_type, pa.BaseExtensionType):
        parts = [("name", data_type.extension_name), ("parameters", _extension_parameters(data_type))]
        return Column("extension", parts=[*parts, ("storage", column_of(array.storage).to_value())])
    if types.is_run_end_encoded(data_type):
        values = column_of(_compute().run_end_decode(array)).to_value()
        return Column("run_end_encoded", parts=[("run_ends", str(data_type.run_end_type)), ("values", values)])
    if types.is_dictionary(data_type):
        # The dictionary counts with its order: it is what pandas makes categories of.
        indices, dictionary = column_of(array.indices).to_value(), column_of(array.dictionary).to_value()
        parts = [("indices", indices), ("dictionary", dictionary), ("ordered", data_type.ordered)]
        return Column("dictionary", parts=parts)
    if types.is_struct(data_type):
        return _struct_column(array)
    if types.is_nested(data_type) and not types.is_union(data_type):
        return _list_column(pa, array)
    advice = "cast it to another type, or pass its parts as several params"
    raise Refusal(type(array).__name__, f"has type {data_type}, which is not known", advice)


def _compute() -> Any:
    """Returns Arrow's functions, which `import pyarrow` alone does not load."""
    return import_module("pyarrow.compute")


def _cells_of(types: Any, data_type: Any) -> Callable[[Any], list[Any]] | None:
    """Returns what lists the values of a type without a byte form; `None` for other types."""
    if types.is_interval(data_type):
        return lambda array: [None if cell is None else tuple(cell) for cell in array.to_pylist()]
    names = ("null", "string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    if any(getattr(types, f"is_{name}")(data_type) for name in (*names, "fixed_size_binary", "decimal")):
        return lambda array: array.to_pylist()
    return None


def _dtype_of(types: Any, data_type: Any) -> str | None:
    """Returns the dtype of a type's values where each has as many bytes; those of a date or time are an integer's."""
    if types.is_boolean(data_type):
        return "bool"
    if types.is_integer(data_type):
        return str(data_type)
    if types.is_floating(data_type):
        return f"float{data_type.bit_width}"
    if types.is_temporal(data_type) and not types.is_interval(data_type):
        return f"int{data_type.bit_width}"
    return None


def _fixed_width_column(pa: Any, array: Any, dtype: str) -> Column:
    if dtype == "bool":
        numbers = array.cast(pa.uint8())  # Bits become bytes.
    elif dtype.startswith("float"):
        numbers = array
    else:
        numbers = array.view(getattr(pa, dtype)())
    name = str(array.type)
    if array.null_count == 0:
        return Column(name, values=_values(dtype, numbers))
    return nullable(
        name,
        len(array),
        (array if dtype == "bool" else numbers).to_pylist,
        lambda: (_values(dtype, _zeroed(pa, numbers)), _missing(array)),
    )


def _zeroed(pa: Any, numbers: Any) -> Any:
    """Puts zeros under nulls, where any bytes may lie."""
    return numbers.view(getattr(pa, f"uint{numbers.type.bit_width}")()).fill_null(0)


def _values(dtype: str, numbers: Any) -> Value:
    rows, width = len(numbers), numbers.type.bit_width // 8
    if rows == 0:
        return Value.array(dtype, [0], b"")
    start = numbers.offset * width
    return Value.array(dtype, [rows], memoryview(numbers.buffers()[1])[start : start + rows * width])


def _missing(array: Any) -> Value:
    pa: Any = sys.modules["pyarrow"]
    return _values("bool", array.is_null().cast(pa.uint8()))


def _struct_column(array: Any) -> Column:
    fields = [
        (field.name, field.nullable, column_of(values).to_value())
        for field, values in zip(array.type, array.flatten())  # Fields of what is missing are missing.
    ]
    return Column("struct", missing=_missing(array), parts=[("fields", fields)])


def _list_column(pa: Any, array: Any) -> Column:
    data_type = array.type
    name, parts = _list_name(data_type), []
    if pa.types.is_map(data_type):
        parts = [("keys_sorted", data_type.keys_sorted)]
        entry = [pa.field("key", data_type.key_type, nullable=False), data_type.item_field]
        array = array.cast(pa.list_(pa.field("entries", pa.struct(entry), nullable=False)))
    lengths, items = column_of(_compute().list_value_length(array)), column_of(array.flatten())
    parts.append(("items_nullable", array.type.value_field.nullable))
    return Column(name, parts=[*parts, ("lengths", lengths.to_value()), ("items", items.to_value())])


def _list_name(data_type: Any) -> str:
    """Returns the name of a type of lists, which has the length of lists of a fixed size."""
    name = str(data_type).partition("<")[0]
    size = getattr(data_type, "list_size", None)
    return name if size is None else f"{name}[{size}]"


def _extension_parameters(data_type: Any) -> list[object]:
    serialize = getattr(data_type, "__arrow_ext_serialize__", None)
    if serialize is not None:
        return [serialize()]
    return [str(data_type), *(getattr(data_type, name, None) for name in ("permutation", "dim_names"))]
