"""Pages of a payload's mapped file that were written to."""

from __future__ import annotations

import os
import sys
from typing import Any

# 4 GiB of the usual pages. Reading what the system says of them takes 25 ns each.
_MAX_PAGES = 1 << 20
_ENTRY_BYTES = 8
_OF_FILE = 61
_SWAPPED = 62
_PRESENT = 63


def is_mapped(array: Any) -> bool:
    """Returns whether an array of NumPy lies in a file that is mapped copy-on-write."""
    owner = array
    for _ in range(32):
        if owner is None:
            return False
        kind = type(owner)
        if kind.__name__ == "PrivateMap" or (kind.__module__ == "mmap" and kind.__name__ == "mmap"):
            return True
        if isinstance(owner, memoryview):
            owner = owner.obj
        else:
            keeper = getattr(owner, "_owner", None)
            owner = getattr(owner, "base", None) if keeper is None else keeper
    return False


def written_pages(address: int, size: int) -> int | None:
    """Returns how many pages of a mapped file were written to and are this process's own copies now.

    `None` if the system does not tell.
    """
    if not sys.platform.startswith("linux") or size <= 0:
        return None
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    first = address // page_bytes
    count = (address + size - 1) // page_bytes + 1 - first
    if count > _MAX_PAGES:
        return None
    try:
        descriptor = os.open("/proc/self/pagemap", os.O_RDONLY)
    except OSError:
        return None
    try:
        entries = os.pread(descriptor, count * _ENTRY_BYTES, first * _ENTRY_BYTES)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if len(entries) != count * _ENTRY_BYTES:
        return None
    numpy: Any = sys.modules["numpy"]
    flags = numpy.frombuffer(entries, dtype="u8") >> numpy.uint64(_OF_FILE)
    # A page that was only read is the file's. One that was never touched has no flag at all.
    own = numpy.uint64(1 << (_PRESENT - _OF_FILE))
    swapped = numpy.uint64(1 << (_SWAPPED - _OF_FILE))
    of_file = numpy.uint64(1)
    is_copy = ((flags & swapped) != 0) | (((flags & own) != 0) & ((flags & of_file) == 0))
    return int(numpy.count_nonzero(is_copy))
