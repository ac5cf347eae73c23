"""The Arrow IPC file format, also known as Feather 2."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from persistable.io._frames import check_comes_back, check_library, frame_of, library_of, table_of
from persistable.io._refusal import reading
from persistable.io._require import import_if_there, require
from persistable.io._sink import Sink
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from persistable.io._frames import FrameLibrary
    from persistable.io._map import Buffer


class ArrowFileIO(StreamedFileIO[Any]):
    """Stores a frame of pandas or polars, or an Arrow table, in the Arrow IPC file format (Feather 2), uncompressed.

    When it is loaded, the file is mapped. Arrow tables and polars frames use the mapped memory without a copy.

    `frame` is the library whose frame a load gives back: "pandas", "polars" or "pyarrow"; `None` is the library that
    wrote the file. If the file does not say which, it is the first of these that is installed. If the types or labels
    of a frame would be different after loading, the frame is refused when you persist it.
    """

    format_name = "arrow-ipc"
    format_suffix = ".arrow"

    def __init__(self, frame: FrameLibrary | None = None) -> None:
        """Takes the library whose frames are wanted."""
        self.frame = check_library(frame)

    def _write(self, payload: Any, writer: Writer) -> None:
        library = library_of(payload, "ArrowFileIO")
        if library == "polars" and import_if_there("pyarrow") is None:
            payload.write_ipc(Sink(writer), compression="uncompressed")
            return

        def round_trip(part: Any) -> Any:
            file = io.BytesIO()
            _write_table(table_of(part, library, "ArrowFileIO"), file)
            return frame_of(_read_table(memoryview(file.getvalue())), library, "ArrowFileIO")

        check_comes_back(payload, library, round_trip, "Arrow IPC")
        _write_table(table_of(payload, library, "ArrowFileIO"), writer)

    def _read(self, buffer: Buffer) -> Any:
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("Arrow IPC", file):
            if self.frame in (None, "polars") and import_if_there("pyarrow") is None:
                return require("polars", "arrow", "ArrowFileIO").read_ipc(bytes(file))
            return frame_of(_read_table(file), self.frame, "ArrowFileIO")


def _write_table(table: Any, writer: Writer) -> None:
    pyarrow = require("pyarrow", "arrow", "ArrowFileIO")
    ipc = require("pyarrow.ipc", "arrow", "ArrowFileIO")
    # A file holds one dictionary a column.
    options = ipc.IpcWriteOptions(unify_dictionaries=True)
    sink = pyarrow.PythonFile(Sink(writer), mode="w")
    with ipc.new_file(sink, table.schema, options=options) as file:
        file.write_table(table)


def _read_table(file: memoryview) -> Any:
    pyarrow = require("pyarrow", "arrow", "ArrowFileIO")
    ipc = require("pyarrow.ipc", "arrow", "ArrowFileIO")
    return ipc.open_file(pyarrow.BufferReader(pyarrow.py_buffer(file))).read_all()
