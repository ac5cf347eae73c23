"""Slices of Arrow arrays: what belongs to them, without the rest of the memory that they lie in.

Arrow pickles an array with the whole memory of the array that it was sliced from.
"""

from __future__ import annotations

import math
from typing import Any

from persistable.io._require import import_if_there

# Below this, a slice holds too little else for it to matter: an alignment, the rest of a byte.
_LITTLE_BYTES = 1 << 10

# Larger slices are not copied where that can be avoided.
_COPIED_BYTES = 8 << 20


def trimmed(array: Any) -> Any:
    """Returns an equal array of the same type with no more memory than it needs, or the same if that is this one."""
    pyarrow = import_if_there("pyarrow")
    if pyarrow is None or not _holds_more(array):
        return array
    try:
        copy = _trimmed(pyarrow, array)
    except Exception:  # An older Arrow may not do it for a type that it knows. Then the whole is kept.
        return array
    is_same = type(copy) is type(array) and copy.type == array.type and len(copy) == len(array)
    return copy if is_same and copy.get_total_buffer_size() < array.get_total_buffer_size() else array


def _holds_more(array: Any) -> bool:
    try:
        if _is_view(array.type):
            # How much text they refer to only a copy would tell. So it is told by the views themselves.
            held, used = array.buffers()[1].size, 16 * len(array)
        else:
            held, used = array.get_total_buffer_size(), array.nbytes
    except Exception:
        return False
    return bool(held - used > max(used // 8, _LITTLE_BYTES))


def _is_view(kind: Any) -> bool:
    return str(kind) in ("string_view", "binary_view")


def _trimmed(pyarrow: Any, array: Any) -> Any:
    kind, types = array.type, pyarrow.types
    if isinstance(kind, pyarrow.BaseExtensionType):
        return pyarrow.ExtensionArray.from_storage(kind, _trimmed(pyarrow, array.storage))
    if types.is_dictionary(kind):
        # The dictionary is part of the value with all that it has.
        indices, dictionary = trimmed(array.indices), trimmed(array.dictionary)
        return pyarrow.DictionaryArray.from_arrays(indices, dictionary, ordered=kind.ordered, safe=False)
    if _is_view(kind):
        whole = pyarrow.large_string() if str(kind) == "string_view" else pyarrow.large_binary()
        # To join copies what casting leaves where it is.
        return pyarrow.concat_arrays([array.cast(whole).cast(kind)])
    if types.is_union(kind):
        return _slice_of_union(pyarrow, array)
    if array.nbytes > _COPIED_BYTES:
        if _is_of_fixed_width(types, kind):
            return _fixed_width_slice(pyarrow, array)
        if any(getattr(types, f"is_{name}")(kind) for name in ("string", "binary", "large_string", "large_binary")):
            return _slice_of_texts(pyarrow, array)
    return pyarrow.concat_arrays([array])


def _slice_of_union(pyarrow: Any, array: Any) -> Any:
    compute: Any = import_if_there("pyarrow.compute")
    kind = array.type
    names, codes = [kind.field(place).name for place in range(kind.num_fields)], kind.type_codes
    types = _numbers_of(pyarrow, array, pyarrow.int8(), 1)
    if kind.mode == "sparse":
        parts = [trimmed(array.field(place)) for place in range(kind.num_fields)]
        return pyarrow.UnionArray.from_sparse(types, parts, names, codes)
    places = _numbers_of(pyarrow, array, pyarrow.int32(), 2)
    parts, ends = [], pyarrow.array([0] * len(array), pyarrow.int32())
    for place, code in enumerate(codes):
        is_of_code = compute.equal(types, pyarrow.scalar(code, pyarrow.int8()))
        parts.append(array.field(place).take(places.filter(is_of_code)))
        counted = compute.cumulative_sum(is_of_code.cast(pyarrow.int32()))
        ends = compute.if_else(is_of_code, compute.subtract(counted, 1).cast(pyarrow.int32()), ends)
    return pyarrow.UnionArray.from_dense(types, ends, parts, names, codes)


def _numbers_of(pyarrow: Any, array: Any, kind: Any, place: int) -> Any:
    """Returns what a buffer of a union tells of its values."""
    numbers = pyarrow.Array.from_buffers(kind, len(array), [None, array.buffers()[place]], 0, array.offset)
    return pyarrow.concat_arrays([numbers])


def _is_of_fixed_width(types: Any, kind: Any) -> bool:
    is_plain = types.is_primitive(kind) or types.is_decimal(kind) or types.is_fixed_size_binary(kind)
    return bool(is_plain) and not types.is_boolean(kind)


def _fixed_width_slice(pyarrow: Any, array: Any) -> Any:
    width = array.type.bit_width // 8
    values = array.buffers()[1].slice(array.offset * width, len(array) * width)
    return pyarrow.Array.from_buffers(array.type, len(array), [_validity(pyarrow, array), values], array.null_count)


def _slice_of_texts(pyarrow: Any, array: Any) -> Any:
    compute: Any = import_if_there("pyarrow.compute")
    is_large = str(array.type).startswith("large_")
    _, offsets, texts = array.buffers()
    kind = pyarrow.int64() if is_large else pyarrow.int32()
    ends = pyarrow.Array.from_buffers(kind, len(array) + 1, [None, offsets], 0, array.offset)
    begin, end = ends[0].as_py(), ends[-1].as_py()
    buffers = [
        _validity(pyarrow, array),
        compute.subtract(ends, ends[0]).buffers()[1],
        texts.slice(begin, end - begin) if texts is not None else None,
    ]
    return pyarrow.Array.from_buffers(array.type, len(array), buffers, array.null_count)


def _validity(pyarrow: Any, array: Any) -> Any:
    """Returns the bits that tell which values there are, from the first bit on."""
    if array.null_count == 0:
        return None
    # To join copies them, so that the first one is the first of a byte.
    bits = pyarrow.concat_arrays([array.is_valid()])
    return bits.buffers()[1].slice(0, math.ceil(len(array) / 8))
