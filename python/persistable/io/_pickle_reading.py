"""Reads a pickle with its large buffers behind it, as spec/pickle-v1.md defines it, or any plain pickle."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from persistable import _core

if TYPE_CHECKING:
    from persistable.exceptions import IncompatiblePayloadError
    from persistable.io._map import Buffer

# With this opcode every pickle ends, and no pickle with buffers does.
_STOP = b"."


def read(buffer: Buffer) -> Any:
    """Unpickles what `_pickle_container` wrote, or any plain pickle. Arrays lie in the buffer's memory."""
    if type(buffer) is bytearray and buffer[-1:] == _STOP:
        try:
            return pickle.loads(buffer)
        except (MemoryError, RecursionError):
            raise
        except Exception as error:
            raise _advice(error) from error
    from persistable.io._map import view_of

    file = view_of(buffer)
    stream, buffers = parts_of(file)
    return _loads(stream, buffers)


def parts_of(file: memoryview) -> tuple[memoryview, list[memoryview] | None]:
    """Takes the stream and the buffers out of a file, once all that is said of them holds."""
    try:
        parts = _core.pickle_parts(file)
    except ValueError as error:
        raise _unreadable(str(error)) from None
    if parts is None:
        return file, None
    stream_bytes, index = parts
    buffers = []
    for offset, size, read_only in index:
        buffer = file[offset : offset + size]
        buffers.append(buffer.toreadonly() if read_only else buffer)
    return file[:stream_bytes], buffers


def _unreadable(why: str) -> IncompatiblePayloadError:
    from persistable.io._refusal import unreadable

    return unreadable("a pickle", why)


def _loads(stream: memoryview, buffers: list[memoryview] | None) -> Any:
    rest: Iterator[memoryview] = iter(buffers or ())
    try:
        payload = pickle.loads(stream, buffers=None if buffers is None else rest)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise _advice(error) from error
    if next(rest, None) is not None:
        raise _unreadable("its stream uses fewer buffers than there are")
    return payload


def _advice(error: Exception) -> Exception:
    """Says what to do about an error of unpickling, as far as one can know."""
    from persistable.exceptions import PersistableError

    if isinstance(error, PersistableError):
        return error
    said = str(error) if isinstance(error, pickle.UnpicklingError) else f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "cloudpickle":
        said = (
            "it holds a function or a class that this program can't import, such as one of another script's __main__, "
            "and only cloudpickle can rebuild that: pip install 'persistable[cloudpickle]'"
        )
    elif isinstance(error, ImportError):
        said = f"{error}. Where it was persisted, this could be imported. Install it, or generate the payload again"
    elif isinstance(error, AttributeError):
        said = f"{error}. If it was renamed or moved, keep the earlier name too, or generate the payload again"
    return _unreadable(said)
