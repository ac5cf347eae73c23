"""Text as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persistable.io._refusal import unreadable
from persistable.io._streamed import StreamedFileIO, Writer, write_all

if TYPE_CHECKING:
    from persistable.io._map import Buffer

_PIECE_CHARACTERS = 1 << 20


class TextFileIO(StreamedFileIO[str]):
    """Keeps a `str` as it is, in a `.txt` file of UTF-8. Line ends stay what they are."""

    format_name = "text"
    format_suffix = ".txt"

    def _write(self, payload: str, writer: Writer) -> None:
        if type(payload) is not str:
            raise TypeError(f"TextFileIO stores str, not {type(payload).__qualname__}: use PickleFileIO")
        for start in range(0, len(payload), _PIECE_CHARACTERS):
            write_all(writer, payload[start : start + _PIECE_CHARACTERS].encode())

    def _read(self, buffer: Buffer) -> str:
        from persistable.io._map import view_of

        try:
            return str(view_of(buffer), "utf-8")
        except UnicodeDecodeError as error:
            raise unreadable("UTF-8 text", error) from error
