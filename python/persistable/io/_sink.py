"""A writer as the file-like object that libraries expect."""

from __future__ import annotations

import io
from typing import Any

from persistable.io._streamed import Writer, write_all


class Sink(io.RawIOBase):
    """Passes on what is written. It can't seek, and closing it closes nothing else."""

    def __init__(self, writer: Writer) -> None:
        """Takes the writer."""
        super().__init__()
        self._writer = writer
        self._position = 0

    def writable(self) -> bool:
        """Says that it can be written to."""
        return True

    def tell(self) -> int:
        """Returns how many bytes were written."""
        return self._position

    def write(self, data: Any, /) -> int:
        """Writes all of it."""
        size = write_all(self._writer, data)
        self._position += size
        return size
