"""What the payload IOs of this package have in common: they write to a writer and read from a buffer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Protocol

from persistable.io._file_io import FileIO, PayloadTypeT

if TYPE_CHECKING:
    from persistable.io._map import Buffer

_PIECE_BYTES = 32 << 20


class Writer(Protocol):
    """Where a payload's bytes go. It writes what it can and returns how many bytes that were."""

    def write(self, data: Any, /) -> Any:
        """Writes bytes, or anything with the buffer protocol."""


class StreamedFileIO(FileIO[PayloadTypeT]):
    """A payload IO of this package. Subclasses define `_write` and `_read`.

    Saved by itself, a file is complete before it takes the place of an earlier one.
    """

    def _write(self, payload: PayloadTypeT, writer: Writer) -> None:
        raise NotImplementedError

    def _read(self, buffer: Buffer) -> PayloadTypeT:
        """Makes a payload of the bytes of a file, which are its own: it may keep them and write to them."""
        raise NotImplementedError

    def _save(self, payload: PayloadTypeT, filepath: Path, **kwargs: Any) -> None:
        _refuse_kwargs(self, kwargs)
        replace_file(filepath, lambda writer: self._write(payload, writer))

    def _load(self, filepath: Path, **kwargs: Any) -> PayloadTypeT:
        _refuse_kwargs(self, kwargs)
        from persistable.io._map import buffer_of_file

        return self._read(buffer_of_file(filepath))

    def _is_streamed(self) -> bool:
        # A user may have overridden any of them, be it in a subclass, or on the class or the object in a test.
        kind = type(self)
        return (
            kind._save is StreamedFileIO._save
            and kind._load is StreamedFileIO._load
            and kind.save is FileIO.save
            and kind.load is FileIO.load
            and self.__dict__.keys().isdisjoint(("_save", "_load", "save", "load"))
        )


def _refuse_kwargs(io: FileIO[Any], kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"{type(io).__name__} has no argument {next(iter(kwargs))!r} of save and load")


def write_all(writer: Writer, data: Any) -> int:
    """Writes all of a piece of memory, without copying it, and returns how many bytes it has."""
    if type(data) is bytes and len(data) <= _PIECE_BYTES:
        written = writer.write(data)
        if written is None or written == len(data):
            return len(data)
        data = memoryview(data)[written:]
        return int(written) + write_all(writer, data)
    with memoryview(data) as whole, whole.cast("B") as view:
        size = len(view)
        start = 0
        while start < size:
            # In pieces, so that an interrupt from the keyboard need not wait for the whole.
            with view[start : start + _PIECE_BYTES] as piece:
                written = writer.write(piece)
            if written is not None and written <= 0:
                raise OSError(f"the writer took only {start} of {size} bytes")
            start += min(_PIECE_BYTES, size - start) if written is None else written
    return size


def replace_file(filepath: Path, write: Callable[[Writer], None]) -> None:
    """Writes a file beside the path, and moves it there once it is complete and synced."""
    if filepath.exists() and not filepath.is_file():
        # A folder is refused by the system; into a device or a pipe one can only write.
        with open(filepath, "wb", buffering=0) as file:  # noqa: PTH123
            write(file)
        return
    target = os.path.realpath(filepath)
    draft = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}.saving")  # noqa: PTH118, PTH120
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123
            write(file)
            os.fsync(descriptor)
        os.replace(draft, target)  # noqa: PTH105
    except BaseException:
        os.unlink(draft)  # noqa: PTH108
        raise
