"""Parquet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from persistable.io._frames import (
    FRAME,
    check_comes_back,
    check_library,
    frame_of,
    library_of,
    table_of,
    without_field_ids,
)
from persistable.io._refusal import reading
from persistable.io._require import import_if_there, require
from persistable.io._sink import Sink
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from persistable.io._frames import FrameLibrary
    from persistable.io._map import Buffer

_ARROW_SCHEMA = b"ARROW:schema"
# What the writer gives up a dictionary at by itself.
_DICTIONARY_BYTES = 1 << 20


class ParquetFileIO(StreamedFileIO[Any]):
    """Stores a frame of pandas or polars, or an Arrow table, as Parquet, compressed with Snappy.

    `frame` is the library whose frame a load gives back: "pandas", "polars" or "pyarrow"; `None` is the library that
    wrote the file. If the file does not say which, it is the first of these that is installed. If the types or labels
    of a frame would be different after loading, the frame is refused when you persist it. In object columns of pandas,
    a missing value comes back as `None`.
    """

    format_name = "parquet"
    format_suffix = ".parquet"

    def __init__(self, frame: FrameLibrary | None = None) -> None:
        """Takes the library whose frames are wanted."""
        self.frame = check_library(frame)

    def _write(self, payload: Any, writer: Writer) -> None:
        library = library_of(payload, "ParquetFileIO")
        if payload.shape[1] == 0:
            raise TypeError("Parquet would not give this frame back as it is: it has no columns. Use PickleFileIO")

        def round_trip(part: Any) -> Any:
            file = io.BytesIO()
            write(part, file)
            return _read_as(memoryview(file.getvalue()), library)

        def write(part: Any, to: Writer) -> None:
            if library == "polars":
                _write_polars(part, to)
            else:
                _write_table(table_of(part, library, "ParquetFileIO"), to)

        check_comes_back(payload, library, round_trip, "Parquet")
        write(payload, writer)

    def _read(self, buffer: Buffer) -> Any:
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("Parquet", file):
            return _read_as(file, self.frame)


def _write_table(table: Any, writer: Writer) -> None:
    pyarrow = require("pyarrow", "arrow", "ParquetFileIO")
    parquet = require("pyarrow.parquet", "arrow", "ParquetFileIO")
    sizes = [chunk.dictionary.nbytes for name in _dictionary_columns(table) for chunk in table.column(name).chunks]
    with parquet.ParquetWriter(
        pyarrow.PythonFile(Sink(writer), mode="w"),
        table.schema,
        compression="snappy",
        # Beyond it, categories would come back in the order in which they are met.
        dictionary_pagesize_limit=max([_DICTIONARY_BYTES, *(2 * size for size in sizes)]),
    ) as file:
        file.write_table(table)


def _dictionary_columns(table: Any) -> list[int]:
    types = require("pyarrow.types", "arrow", "ParquetFileIO")
    return [place for place, field in enumerate(table.schema) if types.is_dictionary(field.type)]


def _write_polars(frame: Any, writer: Writer) -> None:
    frame.write_parquet(Sink(writer), compression="snappy", metadata={FRAME.decode(): "polars"})


def _read_as(file: memoryview, wanted: FrameLibrary | None) -> Any:
    polars = import_if_there("polars") if wanted in (None, "polars") else None
    if polars is not None:
        data = io.BytesIO(file)
        if wanted == "polars" or polars.read_parquet_metadata(data).get(FRAME.decode()) == "polars":
            data.seek(0)
            return polars.read_parquet(data)
    if polars is None or import_if_there("pyarrow") is not None:
        pyarrow = require("pyarrow", "arrow", "ParquetFileIO")
        parquet = require("pyarrow.parquet", "arrow", "ParquetFileIO")
        source = pyarrow.BufferReader(pyarrow.py_buffer(file))
        parquet_file = parquet.ParquetFile(source)
        table = _with_noted_types(without_field_ids(parquet_file.read()), parquet_file.metadata.metadata or {})
        return frame_of(table, wanted, "ParquetFileIO")
    return polars.read_parquet(io.BytesIO(file))


def _with_noted_types(table: Any, notes: Mapping[bytes, bytes]) -> Any:
    """Gives columns the types that only the noted Arrow schema tells.

    Parquet knows no seconds: Rust writes times in seconds as plain integers, and notes what they are.
    """
    import base64

    import pyarrow
    import pyarrow.ipc
    from pyarrow import types

    if _ARROW_SCHEMA not in notes:
        return table
    noted = pyarrow.ipc.read_schema(pyarrow.py_buffer(base64.b64decode(notes[_ARROW_SCHEMA])))
    if noted.names != table.column_names:
        return table
    fields = [
        read.with_type(meant.type) if types.is_integer(read.type) and types.is_temporal(meant.type) else read
        for read, meant in zip(table.schema, noted)
    ]
    schema = pyarrow.schema(fields, table.schema.metadata)
    return table if schema == table.schema else table.cast(schema)
