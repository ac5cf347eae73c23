"""Avro, for records and frames."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from persistable.io._avro_schema import find_difference, schema_of_arrow, schema_of_records
from persistable.io._frames import FRAME, check_library, frame_of, library_of, table_of
from persistable.io._refusal import reading
from persistable.io._require import require
from persistable.io._sink import Sink
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from persistable.io._frames import FrameLibrary
    from persistable.io._map import Buffer

# The Arrow schema of a frame, which says more than Avro's.
_ARROW_SCHEMA = "persistable.arrow_schema"
_ROWS_AT_ONCE = 10_000


class AvroFileIO(StreamedFileIO[Any]):
    """Stores a list of dicts, or a frame, as an Avro object container file. Any Avro reader can open it.

    The dicts are records: each has the same keys, and the values of a key are of one type, or `None`: `bool`, `int` (64
    bits), `float`, `str`, `bytes`, `date`, `time`, `datetime` (in UTC, or without a zone), `Decimal` (of one number of
    places), and lists and dicts of these. The file has its schema. It is made by looking at all records, or you give it
    as `schema`. Rust's payload IO reads a file only if its schema is that of the Rust type, with the same names.

    Before a record is written, it is encoded, decoded and compared. If Avro would change it, it is refused, and the
    error says where.

    `frame` is the library whose frame a load gives back: "pandas", "polars" or "pyarrow". With `None`, you get what was
    persisted: a list of dicts, or a frame of the library that wrote it. Frames need pyarrow.
    """

    format_name = "avro"
    format_suffix = ".avro"

    def __init__(self, schema: Mapping[str, Any] | None = None, frame: FrameLibrary | None = None) -> None:
        """Takes the schema of the records, and the library whose frames are wanted."""
        self.schema = schema
        self.frame = check_library(frame)

    def _write(self, payload: Any, writer: Writer) -> None:
        fastavro = require("fastavro", "avro", "AvroFileIO")
        metadata: dict[str, str] = {}
        if type(payload) is list:
            if self.frame is not None:
                raise TypeError(f"a load would give a frame of {self.frame}, not a list: use AvroFileIO()")
            schema = self.schema or schema_of_records(payload)
            records: Iterable[Any] = payload
        else:
            library = library_of(payload, "AvroFileIO", " and lists of dicts")
            if self.frame not in (None, library):
                raise TypeError(f"a load would give a frame of {self.frame}, not of {library}: use AvroFileIO()")
            table = table_of(payload, library, "AvroFileIO")
            schema = self.schema or schema_of_arrow(table)
            records = _records_of(table)
            metadata = {
                FRAME.decode(): library,
                _ARROW_SCHEMA: base64.b64encode(table.schema.serialize()).decode(),
            }
            _check_frame(payload, library, table)
        parsed = fastavro.parse_schema(schema)
        checked = _checked(records, parsed)
        fastavro.writer(Sink(writer), parsed, checked, metadata=metadata, strict_allow_default=True)

    def _read(self, buffer: Buffer) -> Any:
        fastavro = require("fastavro", "avro", "AvroFileIO")
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("Avro", file):
            reader = fastavro.reader(io.BytesIO(file))
            library = self.frame or reader.metadata.get(FRAME.decode())
            if library is None:
                return list(reader)
            noted = reader.metadata.get(_ARROW_SCHEMA)
            return frame_of(_table_of_records(reader, noted), check_library(library), "AvroFileIO")


def _checked(records: Iterable[Any], schema: Any) -> Iterator[Any]:
    """Yields the records that come back from Avro as they are, and refuses the first that does not."""
    fastavro = require("fastavro", "avro", "AvroFileIO")
    for row, record in enumerate(records):
        file = io.BytesIO()
        try:
            fastavro.schemaless_writer(file, schema, record, strict_allow_default=True)
            file.seek(0)
            back = fastavro.schemaless_reader(file, schema, None)
        except Exception as error:
            raise TypeError(f"record {row} does not fit the schema {_shown(schema)}: {error}") from error
        difference = find_difference(record, back)
        if difference is not None:
            raise TypeError(f"Avro would not give record {row} back as it is: {difference}")
        yield record


def _shown(schema: Any) -> str:
    return f"{schema!r:.500}"


def _records_of(table: Any) -> Iterator[Any]:
    pyarrow = require("pyarrow", "arrow", "AvroFileIO")
    # Avro knows moments in UTC only. The Arrow schema, which is kept, says in which zone they are to be shown.
    in_utc = [
        field.with_type(pyarrow.timestamp(field.type.unit, "UTC"))
        if pyarrow.types.is_timestamp(field.type) and field.type.tz is not None
        else field
        for field in table.schema
    ]
    table = table.cast(pyarrow.schema(in_utc))
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        yield from batch.to_pylist()


def _table_of_records(records: Iterable[Any], noted: str | None) -> Any:
    pyarrow = require("pyarrow", "arrow", "AvroFileIO")
    if noted is None:
        return pyarrow.Table.from_pylist(list(records))
    schema = require("pyarrow.ipc", "arrow", "AvroFileIO").read_schema(pyarrow.py_buffer(base64.b64decode(noted)))
    batches = []
    rows: list[Any] = []
    for record in records:
        rows.append(record)
        if len(rows) == _ROWS_AT_ONCE:
            batches.append(pyarrow.RecordBatch.from_pylist(rows, schema=schema))
            rows = []
    batches.append(pyarrow.RecordBatch.from_pylist(rows, schema=schema))
    return pyarrow.Table.from_batches(batches, schema).combine_chunks()


def _check_frame(frame: Any, library: FrameLibrary, table: Any) -> None:
    from persistable.io._frames import check_comes_back

    def round_trip(part: Any) -> Any:
        of_part = table_of(part, library, "AvroFileIO")
        noted = base64.b64encode(of_part.schema.serialize()).decode()
        return frame_of(_table_of_records(_records_of(of_part), noted), library, "AvroFileIO")

    check_comes_back(frame, library, round_trip, "Avro")
