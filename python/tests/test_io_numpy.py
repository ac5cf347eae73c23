"""`NumpyFileIO` keeps arrays as NumPy itself does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from persistable.exceptions import IncompatiblePayloadError, SavingError
from persistable.io import NumpyFileIO

ARRAYS = st.one_of(
    npst.arrays(
        st.one_of(
            npst.boolean_dtypes(),
            npst.integer_dtypes(),
            npst.unsigned_integer_dtypes(),
            npst.floating_dtypes(),
            npst.complex_number_dtypes(),
            npst.datetime64_dtypes(),
            npst.timedelta64_dtypes(),
            npst.byte_string_dtypes(),
            npst.unicode_string_dtypes(),
        ),
        npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)


def written(array: Any) -> bytes:
    file = io.BytesIO()
    NumpyFileIO()._write(array, file)
    return file.getvalue()


def check(array: Any) -> None:
    content = written(array)
    for loaded in (NumpyFileIO()._read(bytearray(content)), np.load(io.BytesIO(content))):
        assert loaded.dtype == array.dtype and loaded.shape == array.shape
        assert loaded.tobytes() == array.tobytes()
    assert NumpyFileIO()._read(bytearray(content)).flags.writeable


@given(ARRAYS, st.sampled_from("CF"), st.booleans())
def test_arrays_come_back_to_the_bit_and_numpy_reads_them_too(array: Any, order: str, is_turned: bool) -> None:
    array = np.asarray(array, order=order)  # type: ignore[call-overload]
    check(array)
    if is_turned and array.ndim:
        check(array[::2].swapaxes(0, array.ndim - 1))


@given(ARRAYS)
def test_what_numpy_wrote_is_read(array: Any) -> None:
    file = io.BytesIO()
    np.save(file, array)
    loaded = NumpyFileIO()._read(bytearray(file.getvalue()))
    assert loaded.dtype == array.dtype and loaded.tobytes() == array.tobytes()


def test_the_file_is_that_of_numpy_itself() -> None:
    for array in (np.arange(10.0), np.asfortranarray(np.ones((3, 4))), np.zeros(3, [("a", "i4"), ("b", "U2", (2,))])):
        file = io.BytesIO()
        np.save(file, array)
        assert written(array) == file.getvalue()


def test_fortran_order_is_kept(tmp_path: Path) -> None:
    NumpyFileIO().save(np.asfortranarray(np.arange(6).reshape(2, 3)), tmp_path / "x.npy")
    loaded = NumpyFileIO().load(tmp_path / "x.npy")
    assert loaded.flags.f_contiguous and (loaded == [[0, 1, 2], [3, 4, 5]]).all()


def test_fields_may_have_any_names() -> None:
    check(np.zeros(3, [("é", "i4"), ("日本", "f8")]))
    padded = np.ones(3, {"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8], "itemsize": 24})
    loaded = NumpyFileIO()._read(bytearray(written(padded)))
    assert loaded.dtype == padded.dtype and (loaded == padded).all()


@pytest.mark.parametrize(
    "payload",
    [
        np.array([object()]),
        np.zeros(3, [("a", "O")]),
        [1, 2],
        np.float64(1),
        np.ma.masked_array([1], [True]),
        np.zeros(3).view(np.matrix),
        np.zeros(3, [(f"field {number}", "i4") for number in range(2000)]),
    ],
    ids=str,
)
def test_what_would_not_come_back_is_refused(payload: Any, tmp_path: Path) -> None:
    with pytest.raises(SavingError, match=r"NumpyFileIO|NumPy"):
        NumpyFileIO().save(payload, tmp_path / "x.npy")
    assert not list(tmp_path.iterdir())


def test_a_memory_map_is_kept_as_an_array(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(10))
    NumpyFileIO().save(np.load(tmp_path / "a.npy", mmap_mode="r"), tmp_path / "b.npy")
    loaded = NumpyFileIO().load(tmp_path / "b.npy")
    assert type(loaded) is np.ndarray and (loaded == np.arange(10)).all()


def test_broken_files_are_refused() -> None:
    content = written(np.arange(100))
    for length in range(len(content)):
        with pytest.raises(IncompatiblePayloadError):
            NumpyFileIO()._read(bytearray(content[:length]))
    for other in (
        content + b"x",
        content.replace(b"(100,)", b"(-1,) "),
        content.replace(b"'<i8'", b"'|O' "),
        b"x" * 200,
    ):
        with pytest.raises(IncompatiblePayloadError):
            NumpyFileIO()._read(bytearray(other))
    for place in range(128):
        broken = bytearray(content)
        broken[place] ^= 0xFF
        with pytest.raises(IncompatiblePayloadError):
            NumpyFileIO()._read(broken)


def test_nothing_is_allocated_by_a_shape() -> None:
    for shape in (b"(1 << 60,)", b"(99**99,)", b"(1152921504606846976,)"):
        content = written(np.zeros(0)).replace(b"(0,), }" + b" " * (len(shape) - 4), shape + b", }")
        with pytest.raises(IncompatiblePayloadError):
            NumpyFileIO()._read(bytearray(content))
