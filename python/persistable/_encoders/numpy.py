"""Arrays, scalars and dtypes of NumPy.

How an array lies in memory (order, strides, byte order, a map of a file) is no part of it; its dtype and shape are.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders import callables
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from persistable._encoders.registry import Encoder

__all__ = ["array_value", "encoder_of", "is_plain"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a type of NumPy."""
    np: Any = sys.modules["numpy"]
    if cls in (np.ndarray, np.memmap):
        return array_value
    if cls is np.recarray:
        # Apart from a plain array with the same fields, which has no attributes for them.
        return lambda array: Value.record("numpy.recarray", [("values", array_value(np.asarray(array)))])
    if cls is np.ma.MaskedArray:
        return _masked_array
    if cls is type(np.ma.masked):
        return lambda value: Value.record("numpy.ma.masked", [])
    if cls in (np.ufunc, type(np.sum), type(np.concatenate)):
        return callables.encode_function
    if issubclass(cls, np.dtype):
        return lambda dtype: Value.record("numpy.dtype", [("value", _dtype(dtype))])
    # A subclass of a user's own may hold anything.
    if issubclass(cls, np.generic) and getattr(np, cls.__name__, None) is cls:
        return _scalar_encoder_of(np, cls)
    return None


def is_plain(dtype: np.dtype[Any]) -> bool:
    """Tells whether a dtype is one of the specification's that has a byte form."""
    # Long doubles have another width and form on every platform.
    return dtype.kind in "biufc" and dtype.char not in "gG"


def array_value(array: NDArray[Any]) -> Value:
    """Encodes an array of any dtype that has a meaning outside of this process."""
    np: Any = sys.modules["numpy"]
    dtype, shape = array.dtype, array.shape
    if is_plain(dtype):
        little = dtype.newbyteorder("<")
        elements = np.ascontiguousarray(array, little).reshape(-1).view(np.uint8)
        if dtype.kind == "b" and elements.max(initial=0) > 1:  # A view of other bytes, all of which are true.
            elements = (elements != 0).view(np.uint8)
        return Value.array(dtype.name, shape, elements)
    if dtype.kind in "mM":
        return Value.record(_name_with_unit(dtype), [("values", array_value(array.view(f"{dtype.str[0]}i8")))])
    if dtype.names is not None:
        fields = Value.record("", [(name, array_value(np.asarray(array[name]))) for name in dtype.names])
        return Value.record("numpy.structured", [("shape", shape), ("names", dtype.names), ("fields", fields)])
    if dtype.kind in "OSUT":
        elements = Value.object_array(shape, array.ravel(order="C").tolist())
        if dtype.kind == "O":
            return elements
        return Value.record("numpy.ndarray", [*_dtype_of_text(dtype), ("values", elements)])
    raise _no_form("ndarray", dtype)


def _dtype_of_text(dtype: np.dtype[Any]) -> list[tuple[str, object]]:
    """Tells which texts an array can hold: all texts, or texts up to a width (longer ones are cut)."""
    if dtype.kind != "T":
        return [("dtype", dtype.str[1:])]  # Without the byte order.
    parts: list[tuple[str, object]] = [("dtype", "T"), ("coerce", getattr(dtype, "coerce", True))]
    return [*parts, ("na_object", dtype.na_object)] if hasattr(dtype, "na_object") else parts


def _masked_array(array: np.ma.MaskedArray[Any, Any]) -> Value:
    np: Any = sys.modules["numpy"]
    if array.dtype.names is not None:
        raise Refusal("MaskedArray", "has a structured dtype", "pass its data and its mask as two params")
    mask = np.ma.getmaskarray(array)
    data = np.array(np.ma.getdata(array), subok=False)
    data[mask] = np.zeros((), data.dtype)[()]
    parts = [("mask", array_value(mask)), ("data", array_value(data))]
    return Value.record("numpy.ma.MaskedArray", [*parts, ("fill_value", array_value(np.asarray(array.fill_value)))])


def _scalar_encoder_of(np: Any, cls: type) -> Encoder | None:
    if issubclass(cls, (np.datetime64, np.timedelta64)):
        return lambda value: Value.record(_name_with_unit(value.dtype), [("value", int(value.view(np.int64)))])
    if issubclass(cls, np.void):
        return _void
    if issubclass(cls, (np.longdouble, np.clongdouble)):
        return _refuse_long_double
    if cls is np.float32:
        return Value.float32
    # The number, text or bytes of Python that it equals.
    return lambda value: value.item()


def _void(value: np.void) -> Value:
    if value.dtype.names is None:
        raise _no_form("void", value.dtype)
    np: Any = sys.modules["numpy"]
    return Value.record("numpy.void", [("value", array_value(np.asarray(value)))])


def _refuse_long_double(value: np.generic) -> Value:
    raise _no_form(type(value).__name__, value.dtype)


def _no_form(type_name: str, dtype: np.dtype[Any]) -> Refusal:
    advice = "convert it to a dtype that is the same everywhere, such as float64, or to bytes"
    return Refusal(type_name, f"has dtype {dtype}, whose bytes have a meaning only on this machine", advice)


def _name_with_unit(dtype: np.dtype[Any]) -> str:
    np: Any = sys.modules["numpy"]
    unit, count = np.datetime_data(dtype)
    return f"numpy.{dtype.type.__name__}[{count if count != 1 else ''}{unit}]"


def _dtype(dtype: np.dtype[Any]) -> object:
    """A dtype counts with its byte order and with where its fields lie: to read bytes by it takes both."""
    if dtype.subdtype is not None:
        return [_dtype(dtype.subdtype[0]), dtype.subdtype[1]]
    if dtype.fields is not None and dtype.names is not None:
        fields = [(name, _dtype(dtype.fields[name][0]), dtype.fields[name][1]) for name in dtype.names]
        return [dtype.itemsize, fields]
    if dtype.kind == "T":
        raise Refusal("dtype", f"is {dtype}, which may hold an object for missing values", "pass its name as text")
    return dtype.str
