"""NumPy's own format for arrays."""

from __future__ import annotations

import ast
import struct
from typing import TYPE_CHECKING, Any

from persistable.io._refusal import reading, unreadable
from persistable.io._require import require
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from persistable.io._map import Buffer

_MAGIC = b"\x93NUMPY"
# NumPy's own limit, which it says guards against crafted files.
_HEADER_BYTES = 10_000
_ALIGNMENT = 64


class NumpyFileIO(StreamedFileIO["NDArray[Any]"]):
    """Stores a NumPy array in a `.npy` file. Any version of NumPy can open it.

    The elements are written without a copy. When the array is loaded, the file is mapped. So the array is available
    immediately, whatever its size. You may write to it: the file does not change. Fortran order is kept.

    Object arrays and subclasses of `ndarray` are refused. `PickleFileIO` stores them. There is one exception: a
    `memmap` is stored, and comes back as an array.
    """

    format_name = "npy"
    format_suffix = ".npy"

    def _write(self, payload: NDArray[Any], writer: Writer) -> None:
        numpy = require("numpy", "numpy", "NumpyFileIO")
        from persistable.io._elements import Elements, bytes_of
        from persistable.io._streamed import write_all

        if type(payload) not in (numpy.ndarray, numpy.memmap):
            raise TypeError(f"NumpyFileIO stores arrays of NumPy, not {type(payload).__qualname__}: use PickleFileIO")
        array: Any = numpy.asarray(payload)
        is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
        write_all(writer, _header(array, is_fortran))
        if array.nbytes == 0:
            return
        if is_fortran or array.flags.c_contiguous:
            write_all(writer, bytes_of(array.T if is_fortran else array))
        else:
            for piece in Elements(array).pieces():
                write_all(writer, piece)

    def _read(self, buffer: Buffer) -> NDArray[Any]:
        numpy = require("numpy", "numpy", "NumpyFileIO")
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("NPY", file):
            dtype, is_fortran, shape, start = _parse_header(file)
            count = 1
            for axis in shape:
                count *= axis
            if count * dtype.itemsize != len(file) - start:
                have = len(file) - start
                raise unreadable(
                    "NPY", f"its shape is {shape}, which needs {count * dtype.itemsize} bytes and not {have}"
                )
            order = "F" if is_fortran else "C"
            if count * dtype.itemsize == 0:
                empty: NDArray[Any] = numpy.empty(shape, dtype, order)
                return empty
            array: NDArray[Any] = numpy.frombuffer(file, dtype, offset=start).reshape(shape, order=order)
            return array


def _header(array: Any, is_fortran: bool) -> bytes:
    dtype = array.dtype
    if dtype.hasobject:
        raise TypeError(
            f"NumpyFileIO stores numbers, text and dates, not Python objects (dtype {dtype}): use PickleFileIO"
        )
    format_module = _format()
    descr = format_module.dtype_to_descr(dtype)
    if format_module.descr_to_dtype(descr) != dtype:
        raise TypeError(f"the NPY format can't keep the dtype {dtype!r}: use PickleFileIO")
    text = f"{{'descr': {descr!r}, 'fortran_order': {is_fortran}, 'shape': {tuple(array.shape)!r}, }}"
    encoding = "latin1" if _is_latin1(text) else "utf8"
    header = text.encode(encoding)
    if encoding == "utf8" or len(header) + _ALIGNMENT > 0xFFFF:
        prefix, length = _MAGIC + (b"\x03\x00" if encoding == "utf8" else b"\x02\x00"), "<I"
    else:
        prefix, length = _MAGIC + b"\x01\x00", "<H"
    padding = -(len(prefix) + struct.calcsize(length) + len(header) + 1) % _ALIGNMENT
    header += b" " * padding + b"\n"
    if len(header) > _HEADER_BYTES:
        raise TypeError(f"the header of this array has {len(header)} bytes, but NumPy reads at most {_HEADER_BYTES}")
    return prefix + struct.pack(length, len(header)) + header


def _parse_header(file: memoryview) -> tuple[Any, bool, tuple[int, ...], int]:
    if file[:6] != _MAGIC or len(file) < 12:
        raise unreadable("NPY", "it does not begin as an NPY file does")
    if file[6] not in (1, 2, 3) or file[7] != 0:
        raise unreadable("NPY", f"it has version {file[6]}.{file[7]}")
    length = "<H" if file[6] == 1 else "<I"
    begin = 8 + struct.calcsize(length)
    (size,) = struct.unpack_from(length, file, 8)
    if size > min(_HEADER_BYTES, len(file) - begin):
        raise unreadable("NPY", f"its header claims to have {size} bytes")
    header = ast.literal_eval(str(file[begin : begin + size], "utf8" if file[6] == 3 else "latin1").strip())
    if not isinstance(header, dict) or header.keys() != {"descr", "fortran_order", "shape"}:
        raise unreadable("NPY", "its header describes no array")
    shape, is_fortran = header["shape"], header["fortran_order"]
    if not isinstance(shape, tuple) or not all(type(axis) is int and axis >= 0 for axis in shape):
        raise unreadable("NPY", f"no array has the shape {shape!r}")
    if type(is_fortran) is not bool:
        raise unreadable("NPY", f"its order is {is_fortran!r}")
    dtype = _format().descr_to_dtype(header["descr"])
    if dtype.hasobject:
        raise unreadable("NPY", "it holds Python objects, which NumpyFileIO does not load")
    return dtype, is_fortran, shape, begin + size


def _format() -> Any:
    from importlib import import_module

    return import_module("numpy.lib.format")


def _is_latin1(text: str) -> bool:
    try:
        text.encode("latin1")
    except UnicodeEncodeError:
        return False
    return True
