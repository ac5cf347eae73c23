"""Arrays of every kind of element, in every order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from persistable.io import NumpyFileIO
from twins.twin import Make, given


def _of(name: str, elements: Any, dtype: str) -> tuple[str, Make]:
    return given(f"array_{name}", NumpyFileIO(), lambda: np.array(elements, dtype))


def _counted(*shape: int) -> NDArray[np.uint16]:
    return np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)


TWINS = dict(
    [
        _of("of_f64", [0.1, -0.0, np.inf, np.nan, 5e-324], "<f8"),
        _of("of_f32", [0.1, -0.0, np.finfo(np.float32).max], "<f4"),
        _of("of_i8", [-128, 0, 127], "i1"),
        _of("of_i16", [-(2**15), 0, 2**15 - 1], "<i2"),
        _of("of_i32", [-(2**31), 0, 2**31 - 1], "<i4"),
        _of("of_i64", [-(2**63), 0, 2**63 - 1], "<i8"),
        _of("of_u8", [0, 1, 255], "u1"),
        _of("of_u16", [0, 1, 2**16 - 1], "<u2"),
        _of("of_u32", [0, 1, 2**32 - 1], "<u4"),
        _of("of_u64", [0, 1, 2**64 - 1], "<u8"),
        _of("of_bool", [True, False, True], "?"),
        _of("of_complex64", [complex(0.1, -0.0)], "<c8"),
        _of("of_complex128", [complex(-0.0, 0.1)], "<c16"),
        given("array_in_c_order", NumpyFileIO(), lambda: _counted(2, 3, 4)),
        given("array_in_fortran_order", NumpyFileIO(), lambda: np.asfortranarray(_counted(3, 4))),
        given("array_in_no_order", NumpyFileIO(), lambda: _counted(3, 4)[:, ::-1]),
        _of("without_axes", 0.1, "<f8"),
        _of("without_elements", np.zeros((0, 3)), "<f8"),
    ]
)
