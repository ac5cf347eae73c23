"""Comparing arrays."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._reproduce._at import index_text

if TYPE_CHECKING:
    from persistable._reproduce._compare import Comparison

__all__ = ["compare", "compare_arrays"]

# A piece at a time, so that comparing two large arrays takes little memory besides them.
_PIECE = 1 << 20

# Rounding in single precision is not smaller because the caller's tolerance is.
_EPSILONS = 64


def compare(comparison: Comparison, a: Any, b: Any, path: str) -> bool:
    """Compares arrays, NumPy scalars and tensors; returns whether that is what they are."""
    numpy: Any = sys.modules["numpy"]
    if isinstance(a, numpy.ma.MaskedArray):
        _compare_masked(comparison, a, b, path, numpy)
    elif isinstance(a, (numpy.ndarray, numpy.generic)):
        compare_arrays(comparison, numpy.asarray(a), numpy.asarray(b), path)
    elif type(a).__module__.partition(".")[0] == "torch" and hasattr(a, "detach"):
        if comparison.is_same_value(path, str(a.dtype), str(b.dtype)):
            compare_arrays(comparison, _of_tensor(a), _of_tensor(b), path)
    else:
        return False
    return True


def compare_arrays(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    """Compares two arrays: dtype, shape, elements."""
    if a.dtype != b.dtype:
        comparison.differs(path, f"dtype {a.dtype} and dtype {b.dtype}")
    elif a.shape != b.shape:
        comparison.differs(path, f"shape {a.shape} and shape {b.shape}")
    elif a.dtype.names:
        for name in a.dtype.names:
            compare_arrays(comparison, a[name], b[name], f"{path}[{name!r}]")
    elif a.dtype.hasobject:
        for index, (one, other) in enumerate(zip(a.flat, b.flat)):
            comparison.compare(one, other, f"{path}{index_text(index, a.shape)}")
    elif a.dtype.kind in "fc":
        _compare_inexact(comparison, a, b, path)
    else:
        _compare_exact(comparison, a, b, path)


def _compare_inexact(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    numpy: Any = sys.modules["numpy"]
    relative_tolerance = max(comparison.tolerance.relative, _EPSILONS * float(numpy.finfo(a.dtype).eps))
    wide = numpy.result_type(a.dtype, numpy.float64)
    worst = {True: _Worst(), False: _Worst()}
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    for start in range(0, flat_a.size, _PIECE):
        piece_a, piece_b = flat_a[start : start + _PIECE], flat_b[start : start + _PIECE]
        apart = numpy.flatnonzero((piece_a != piece_b) & ~(numpy.isnan(piece_a) & numpy.isnan(piece_b)))
        if not apart.size:
            continue
        x, y = piece_a[apart].astype(wide), piece_b[apart].astype(wide)
        with numpy.errstate(all="ignore"):
            absolute = numpy.abs(x - y)
            absolute[numpy.isnan(absolute)] = numpy.inf
            relative = absolute / numpy.maximum(numpy.abs(x), numpy.abs(y))
            relative[numpy.isnan(relative)] = numpy.inf
            limit = comparison.tolerance.absolute + relative_tolerance * numpy.abs(x)
            is_close = (absolute <= limit) & numpy.isfinite(absolute)
        for closeness in (True, False):
            chosen = numpy.flatnonzero(is_close == closeness)
            if chosen.size:
                worst[closeness].add(start + apart[chosen], absolute[chosen], relative[chosen])
    for closeness, found in worst.items():
        if found.count:
            index = int(found.index)
            what = f"{flat_a[index].item()!r} and {flat_b[index].item()!r}"
            many = f" ({found.count} of {flat_a.size} elements)" if flat_a.size > 1 else ""
            where = f"{path}{index_text(index, a.shape)}"
            comparison.errs(where, what + many, found.absolute, found.relative, closeness)


class _Worst:
    """The largest errors among elements."""

    def __init__(self) -> None:
        self.count = 0
        self.index = 0
        self.absolute = -1.0
        self.relative = 0.0

    def add(self, indices: Any, absolute: Any, relative: Any) -> None:
        self.count += len(indices)
        place = int(absolute.argmax())
        if float(absolute[place]) > self.absolute:
            self.absolute, self.index = float(absolute[place]), int(indices[place])
        self.relative = max(self.relative, float(relative.max()))


def _compare_exact(comparison: Comparison, a: Any, b: Any, path: str) -> None:
    numpy: Any = sys.modules["numpy"]
    if a.dtype.kind in "mM":  # No time is equal to itself where it is missing.
        differ = a.view("i8") != b.view("i8") if a.ndim else numpy.asarray(a.astype("i8") != b.astype("i8"))
    else:
        differ = numpy.asarray(a != b)
    places = numpy.flatnonzero(differ)
    if not places.size:
        return
    index = int(places[0])
    what = f"{a.reshape(-1)[index]!s} and {b.reshape(-1)[index]!s}"
    many = f" ({places.size} of {a.size} elements)" if a.size > 1 else ""
    comparison.differs(f"{path}{index_text(index, a.shape)}", what + many)


def _compare_masked(comparison: Comparison, a: Any, b: Any, path: str, numpy: Any) -> None:
    mask, other_mask = numpy.ma.getmaskarray(a), numpy.ma.getmaskarray(b)
    before = len(comparison.different)
    compare_arrays(comparison, mask, other_mask, f"{path}.mask")
    if len(comparison.different) == before:
        # What lies below the mask is of no value.
        compare_arrays(comparison, numpy.ma.getdata(a)[~mask], numpy.ma.getdata(b)[~mask], path)


def _of_tensor(tensor: Any) -> Any:
    plain = tensor.detach().cpu()
    try:
        return plain.numpy()
    except TypeError:  # NumPy has no such type, as for `bfloat16`.
        return plain.float().numpy()
