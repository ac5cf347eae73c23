"""Arrays of NumPy."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

from traps.table import agree, differ

_grid = np.arange(12, dtype=np.int64).reshape(3, 4)
_letters = np.array([["a", "b", "c"], ["d", "e", "f"]])
_Text = np.dtypes.StringDType
_floats = np.linspace(0, 1, 7)
_days = np.array(["2024-01-01", "NaT"], "datetime64[D]")


def _mapped(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with tempfile.TemporaryFile() as file:
        file.write(array.tobytes())
        file.flush()
        return np.memmap(file, array.dtype, "r", shape=array.shape)


def _unaligned(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    shifted = np.frombuffer(b"\0" + array.tobytes(), np.uint8)[1:].view(array.dtype)
    return shifted.reshape(array.shape)


def _read_only(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


def _objects(*elements: Any) -> np.ndarray[Any, Any]:
    array = np.empty(len(elements), object)
    array[:] = elements
    return array


def _structured(padding: int, align: bool = False) -> np.ndarray[Any, Any]:
    raw = np.full(16, padding, np.uint8).view(np.dtype("i1,i4", align=True))
    raw["f0"], raw["f1"] = [1, 2], [3, 4]
    return raw if align else raw.astype("i1,i4")


def _masked_text(dtype: str) -> Any:
    return np.ma.MaskedArray(np.array(["a", "b"], dtype), mask=[0, 1], fill_value="c")


def _masked(*data: float, mask: Any = False, fill_value: Any = None) -> Any:
    return np.ma.MaskedArray(list(data), mask=mask, fill_value=fill_value)


TRAPS = [
    differ("an array is not the list", np.array([1, 2]), [1, 2]),
    differ("an array of one is not the number", np.array([1]), 1),
    differ("an array without dimensions is not the number", np.array(1), 1),
    differ("an array without dimensions is not one of one", np.array(1), np.array([1])),
    differ("an array without dimensions is not the scalar", np.array(1.5), np.float64(1.5)),
    differ("a row is not a column", np.ones((1, 3)), np.ones((3, 1))),
    differ("a row is not flat", np.ones((1, 3)), np.ones(3)),
    differ("a matrix is not its transpose", _grid, _grid.T),
    differ("a shape counts without elements", np.empty((0, 3)), np.empty((3, 0))),
    differ("no elements of one dtype are not those of another", np.empty(0, np.int64), np.empty(0, np.float64)),
    differ("an empty array is not None", np.empty(0), None),
    differ("an empty array is not an empty list", np.empty(0), []),
    differ("bool is not uint8", np.array([True, False]), np.array([1, 0], np.uint8)),
    differ("int32 is not int64", np.array([1], np.int32), np.array([1], np.int64)),
    differ("int64 is not uint64", np.array([1], np.int64), np.array([1], np.uint64)),
    differ("zeros of int64 are not zeros of float64", np.zeros(4, np.int64), np.zeros(4)),
    differ("float32 is not float64", np.array([0.5], np.float32), np.array([0.5])),
    differ(
        "float16 is not the integers of its bits", np.array([0.5], np.float16), np.array([0.5], np.float16).view("u2")
    ),
    differ("complex64 is not complex128", np.array([1j], np.complex64), np.array([1j])),
    differ("complex numbers are not twice as many floats", np.array([1 + 2j]), np.array([1.0, 2.0])),
    differ("elements have an order", np.array([1, 2]), np.array([2, 1])),
    differ("0.0 is not -0.0 in an array", np.array([0.0]), np.array([-0.0])),
    differ("the last bit of an element counts", np.array([0.3]), np.array([0.1 + 0.2])),
    differ("an element far inside a large array counts", np.zeros(300_000), np.r_[np.zeros(299_998), 1, 0]),
    differ(
        "arrays that print alike differ", np.arange(2000.0), np.where(np.arange(2000) == 1000, -1, np.arange(2000.0))
    ),
    agree(
        "the payload of a NaN in an array does not count",
        np.array([np.nan]),
        np.array([0x7FF8000000000123], "u8").view("f8"),
    ),
    agree(
        "the sign of a NaN of 32 bits does not count", np.array([np.nan], "f4"), np.array([0xFFC00000], "u4").view("f4")
    ),
    agree(
        "the payload of a NaN of 16 bits does not count", np.array([np.nan], "f2"), np.array([0x7E01], "u2").view("f2")
    ),
    agree("the NaN in a complex number is any NaN", np.array([complex(np.nan, 1)]), np.array([complex(-np.nan, 1)])),
    agree("a NaN without quiet bit is a NaN", np.array([np.nan], "f4"), np.array([0x7F800001], "u4").view("f4")),
    agree("true is true by any byte", np.array([2, 0], np.uint8).view(bool), np.array([True, False])),
    agree("columns first is rows first", np.asfortranarray(_grid), _grid),
    agree("the transpose of a transpose is the array", _grid.T.copy().T, _grid),
    agree("a slice is its copy", _grid[:, 1:3], _grid[:, 1:3].copy()),
    agree("every other element is a copy of them", _floats[::2], _floats[::2].copy()),
    agree("backwards is a copy of backwards", _floats[::-1], _floats[::-1].copy()),
    agree("backwards twice is forwards", _floats[::-1][::-1], _floats),
    agree("a view on one number is many of it", np.broadcast_to(np.float64(3), (2, 3)), np.full((2, 3), 3.0)),
    agree("big-endian numbers are the numbers", _grid.astype(">i8"), _grid),
    agree("big-endian floats backwards are the numbers", _floats.astype(">f8")[::-1], _floats[::-1].copy()),
    agree("a mapped file is its array", _mapped(_floats), _floats),
    agree("a slice of a mapped file is its array", _mapped(_floats)[2:4], _floats[2:4]),
    agree("an unaligned array is the array", _unaligned(_floats), _floats),
    agree("a read-only array is the array", _read_only(_floats), _floats),
    agree("an array on borrowed bytes is the array", np.frombuffer(_floats.tobytes()), _floats),
    agree(
        "a large array in columns is that in rows",
        np.asfortranarray(np.arange(2e6).reshape(2000, 1000)),
        np.arange(2e6).reshape(2000, 1000),
    ),
    differ(
        "an array of lists is not the array of their elements", _objects([1, 2], [3, 4]), np.array([[1, 2], [3, 4]])
    ),
    differ("objects keep their types", _objects(1, 2.0), _objects(1, 2)),
    differ("an array of objects is not one of numbers", _objects(1, 2), np.array([1, 2])),
    differ("None in an array is not NaN", _objects(None), _objects(np.nan)),
    differ("a shape of objects counts", _objects(1, 2, 3, 4).reshape(2, 2), _objects(1, 2, 3, 4)),
    agree(
        "objects in columns are those in rows",
        np.asfortranarray(_objects(1, 2, 3, 4).reshape(2, 2)),
        _objects(1, 2, 3, 4).reshape(2, 2),
    ),
    agree(
        "arrays within an array of objects count by content",
        _objects(np.ones(2), {"a": 1}),
        _objects(np.ones(2), {"a": 1}),
    ),
    differ("arrays within an array of objects count", _objects(np.ones(2)), _objects(np.zeros(2))),
    differ("an array of text is not one of bytes", np.array(["a"]), np.array([b"a"])),
    differ("text in an array counts", np.array(["a", "b"]), np.array(["a", "c"])),
    differ("where texts in an array end counts", np.array(["ab", "c"]), np.array(["a", "bc"])),
    differ("an array cuts text to its width", np.array(["a"], "U1"), np.array(["a"], "U9")),
    differ("an array cuts bytes to its width", np.array([b"a"], "S1"), np.array([b"a"], "S9")),
    differ("an array of text is not one of objects", np.array(["a", "b"]), np.array(["a", "b"], object)),
    differ("an array of bytes is not one of objects", np.array([b"a", b"b"]), np.array([b"a", b"b"], object)),
    differ("an array of text is not the list", np.array(["a", "b"]), ["a", "b"]),
    differ("a row of text is not flat", np.array([["a", "b"]]), np.array(["a", "b"])),
    differ("no text of one width is not that of another", np.empty(0, "U1"), np.empty(0, "U2")),
    differ("no text is no bytes", np.empty(0, "U1"), np.empty(0, "S1")),
    agree("text in columns is that in rows", np.asfortranarray(_letters), _letters),
    agree("every other text is a copy of them", _letters[:, ::2], _letters[:, ::2].copy()),
    differ("text in a structure has a width", np.array([("a",)], [("t", "U1")]), np.array([("a",)], [("t", "U2")])),
    differ("masked text has a width", _masked_text("U1"), _masked_text("U2")),
    agree("big-endian text is the text", np.array(["a"], ">U1"), np.array(["a"], "<U1")),
    differ("text of any width is not text of one", np.array(["a", "bc"], _Text()), np.array(["a", "bc"])),
    differ("text of any width is not objects", np.array(["a", "bc"], _Text()), np.array(["a", "bc"], object)),
    agree(
        "text of any width counts by content", np.array(["a", "b" * 99], _Text()), np.array(["a", "b" * 99], _Text())
    ),
    differ(
        "text that may be missing is not other text", np.array(["a"], _Text(na_object=None)), np.array(["a"], _Text())
    ),
    differ(
        "missing text is not its name",
        np.array([None], _Text(na_object=None)),
        np.array(["None"], _Text(na_object=None)),
    ),
    differ(
        "text that takes in no numbers is not other text",
        np.array(["a"], _Text(coerce=False)),
        np.array(["a"], _Text()),
    ),
    differ("moments are not their numbers", _days, _days.view("i8")),
    differ("moments are not spans", _days, _days.view("timedelta64[D]")),
    differ("units of moments count", np.array([5], "datetime64[s]"), np.array([5], "datetime64[ms]")),
    differ("multiples of units count", np.array([5], "datetime64[s]"), np.array([5], "datetime64[2s]")),
    differ("a missing moment is not the first", _days, np.array(["2024-01-01", "1970-01-01"], "datetime64[D]")),
    agree("big-endian moments are the moments", _days.astype(">M8[D]"), _days),
    agree("every other moment is a copy of them", _days[::2], _days[::2].copy()),
    differ("a structure is not its columns", np.array([(1, 2.0)], "i8,f8"), [np.array([1]), np.array([2.0])]),
    differ("a structure has names", np.array([(1, 2)], "i8,i8"), np.array([(1, 2)], [("a", "i8"), ("b", "i8")])),
    differ(
        "a structure's fields have an order",
        np.array([(1, 1)], [("a", "i8"), ("b", "i8")]),
        np.array([(1, 1)], [("b", "i8"), ("a", "i8")]),
    ),
    differ("a structure's fields have types", np.array([(1,)], [("a", "i4")]), np.array([(1,)], [("a", "i8")])),
    differ("a structure's element is not an array of one", np.array([(1, 2)], "i8,i8")[0], np.array([(1, 2)], "i8,i8")),
    agree(
        "what lies between the fields of a structure does not count",
        _structured(0, align=True),
        _structured(255, align=True),
    ),
    agree("a structure may be packed", _structured(255, align=True), _structured(0)),
    differ("a masked element is not what it hides", _masked(1, 2, mask=[0, 1]), _masked(1, 2)),
    differ("a masked array is not the array", _masked(1, 2), np.array([1, 2])),
    differ("which element is masked counts", _masked(1, 1, mask=[0, 1]), _masked(1, 1, mask=[1, 0])),
    differ(
        "what masked elements are filled with counts",
        _masked(1, mask=[1], fill_value=5),
        _masked(1, mask=[1], fill_value=6),
    ),
    agree("what a mask hides does not count", _masked(1, 2, mask=[0, 1]), _masked(1, 3, mask=[0, 1])),
    agree("an empty mask is none", _masked(1, 2, mask=[0, 0]), _masked(1, 2)),
    differ("the masked constant is not None", np.ma.masked, None),
    differ("a record array is not an array with the same fields", _structured(0).view(np.recarray), _structured(0)),
    agree("a record array is its fields", _structured(0).view(np.recarray), _structured(255).view(np.recarray)),
]
