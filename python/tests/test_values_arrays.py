"""Arrays of NumPy as parameter values."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from value_support import json_of

from persistable._core import encode

# Arrays


ARRAYS = [
    np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    np.linspace(0, 1, 24).reshape(4, 6),
    np.linspace(0, 1, 24).astype(np.float16).reshape(4, 6),
    (np.arange(24) + 1j * np.arange(24)[::-1]).reshape(4, 6),
    (np.arange(24) % 3 == 0).reshape(4, 6),
    np.arange(200_000, dtype=np.uint32).reshape(400, 500),
    np.arange(24, dtype=np.uint8).reshape(4, 6),
    np.arange(24, dtype=np.float32).astype(np.complex64).reshape(4, 6),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}-{array.size}")
def test_layout_and_byte_order_of_an_array_do_not_matter(array: Any) -> None:
    value = encode(array)
    backwards = np.ascontiguousarray(array[::-1, ...])[::-1, ...]
    spread = np.zeros((*array.shape, 2), array.dtype)[..., 0]
    spread[...] = array
    unaligned = np.frombuffer(b"\0" + array.tobytes(), np.uint8)[1:].view(array.dtype).reshape(array.shape)
    read_only = array.copy()
    read_only.setflags(write=False)
    swapped = array.astype(array.dtype.newbyteorder(">"))
    for same in (
        np.asfortranarray(array),
        backwards,
        spread,
        unaligned,
        read_only,
        swapped,
        np.asfortranarray(swapped),
    ):
        assert encode(same) == value
    assert encode(array.T) == encode(np.ascontiguousarray(array.T)) != value
    assert json_of(array)["array"]["dtype"] == str(array.dtype)


def test_an_array_counts_by_dtype_shape_and_elements() -> None:
    different = [
        np.zeros(4), np.zeros((2, 2)), np.zeros((4, 1)), np.zeros(4, np.float32), np.zeros(4, np.int64), -np.zeros(4),
        np.zeros((4, 0)), np.zeros((0, 4)), np.zeros(0), np.array(0.0), np.zeros(1), np.zeros((1, 1)), [0.0] * 4,
    ]  # fmt: skip
    assert len({encode(obj) for obj in different}) == len(different)


def test_every_nan_of_an_array_is_the_same_also_when_it_is_strided() -> None:
    odd = np.frombuffer(struct.pack("<Q", 0xFFF8_0000_0000_0001) * 3, np.float64)
    assert encode(odd) == encode(np.full(3, np.nan)) == encode(np.repeat(odd, 2)[::2])


def test_an_array_of_zero_dimensions_differs_from_its_element() -> None:
    assert json_of(np.array(3))["array"]["shape"] == []
    assert encode(np.array(3)) != encode(3) == encode(np.int64(3))


def test_a_broadcast_array_is_read_element_by_element() -> None:
    assert encode(np.broadcast_to(np.arange(3), (2, 3))) == encode(np.array([[0, 1, 2], [0, 1, 2]]))


def test_a_memory_map_is_the_array_that_it_maps(tmp_path: Any) -> None:
    np.save(tmp_path / "a.npy", np.arange(5))
    assert encode(np.load(tmp_path / "a.npy", mmap_mode="r")) == encode(np.arange(5))
