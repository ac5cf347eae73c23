"""Bytes as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persistable.io._streamed import StreamedFileIO, Writer, write_all

if TYPE_CHECKING:
    from persistable.io._map import Buffer


class BytesFileIO(StreamedFileIO[bytes]):
    """Keeps `bytes` as they are, in a `.bin` file."""

    format_name = "bytes"
    format_suffix = ".bin"

    def _write(self, payload: bytes, writer: Writer) -> None:
        if type(payload) is not bytes:
            raise TypeError(f"BytesFileIO stores bytes, not {type(payload).__qualname__}: use PickleFileIO")
        write_all(writer, payload)

    def _read(self, buffer: Buffer) -> bytes:
        from persistable.io._map import view_of

        return bytes(view_of(buffer))
