"""CSV, for frames of plain cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from persistable.io._cells import FrameOfCells, frame_of_cells, library_for_cells, open_frame
from persistable.io._frames import check_library
from persistable.io._refusal import reading, unreadable
from persistable.io._streamed import StreamedFileIO, Writer, write_all

if TYPE_CHECKING:
    from persistable.io._frames import FrameLibrary
    from persistable.io._map import Buffer

_ROWS_AT_ONCE = 10_000
# Longer cells are not read by Python's csv module.
_CELL_CHARACTERS = 131_072
_INT = re.compile(r"0|-?[1-9][0-9]{0,18}")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|-?inf|NaN|nan")
_INTEGER = re.compile(r"-?[0-9]+")
# Integers of so many digits may be none that a float can hold; those of so many more are beyond all floats.
_DIGITS, _MOST_DIGITS = 16, 309
_INTS = range(-(1 << 63), 1 << 63)


class CsvFileIO(StreamedFileIO[Any]):
    """Stores a frame of pandas or polars, or an Arrow table, as CSV with a header row: for exchange. Prefer Parquet.

    The columns are 64-bit integers, 64-bit floats, booleans and text. A cell does not say which type it has. So a load
    looks at the whole column: all integers, all numbers, all `true` or `false`, or else text. An empty cell is a
    missing value. If a frame would be different after loading, it is refused when you persist it. Examples are other
    types, an index of your own, text columns in which every cell looks like a number, empty texts, and columns of
    numbers without any value. If integers or booleans are missing in a file of another program, pandas gets its
    nullable types.

    `frame` is the library whose frame a load gives back: "pandas", "polars" or "pyarrow"; `None` is the first of these
    that is installed, since a CSV file does not say who wrote it.
    """

    format_name = "csv"
    format_suffix = ".csv"

    def __init__(self, frame: FrameLibrary | None = None) -> None:
        """Takes the library whose frames are wanted."""
        self.frame = check_library(frame)

    def _write(self, payload: Any, writer: Writer) -> None:
        frame = open_frame(payload)
        if frame.library != self._library():
            raise TypeError(
                f"the payload is a frame of {frame.library}, but a load would give one of {self._library()}: "
                f"use CsvFileIO(frame={frame.library!r})"
            )
        for name, kind in frame.columns.items():
            _check_column(frame, name, kind)
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(frame.columns)
        for start in range(0, frame.height, _ROWS_AT_ONCE):
            cells = [map(_cell, frame.values(name, start, start + _ROWS_AT_ONCE)) for name in frame.columns]
            rows.writerows(zip(*cells))
            _flush(text, writer)
        _flush(text, writer)

    def _read(self, buffer: Buffer) -> Any:
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("CSV", file):
            text = io.TextIOWrapper(io.BytesIO(file), "utf-8", newline="")
            rows = csv.reader(text, strict=True)
            header = next(rows, None)
            if not header:
                raise unreadable("CSV", "it has no header")
            if len(set(header)) != len(header):
                raise unreadable("CSV", "two columns have the same name")
            columns: list[list[str]] = [[] for _ in header]
            for row in rows:
                if not row:
                    continue
                if len(row) != len(header):
                    raise unreadable("CSV", f"line {rows.line_num} has {len(row)} cells and not {len(header)}")
                for column, cell in zip(columns, row):
                    column.append(cell)
            typed = {name: _typed(cells) for name, cells in zip(header, columns)}
            return frame_of_cells(typed, self._library())

    def _library(self) -> FrameLibrary:
        return self.frame or library_for_cells()


def _flush(text: io.StringIO, writer: Writer) -> None:
    write_all(writer, text.getvalue().encode())
    text.seek(0)
    text.truncate()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    kind = type(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return "NaN" if value != value else repr(value)
    return str(value)


def _check_column(frame: FrameOfCells, name: str, kind: str) -> None:
    """Refuses a column that would not come back as it is."""
    if kind != "str":
        if all(value is None for value in _values(frame, name)):
            raise TypeError(f"CSV would not give column {name!r} back as {kind}: it has no value. Use ParquetFileIO")
        return
    may_be = {"int", "float", "bool"}
    is_empty = True
    for row, value in enumerate(_values(frame, name)):
        if value is None:
            continue
        is_empty = False
        if not value or "\0" in value or len(value) > _CELL_CHARACTERS:
            what = (
                "an empty text"
                if not value
                else "a text with a zero character"
                if "\0" in value
                else "such a long text"
            )
            raise TypeError(f"CSV would not give back {what}, as in row {row} of column {name!r}. Use ParquetFileIO")
        may_be -= {other for other in may_be if not _looks_like(value, other)}
    if may_be and not is_empty:
        raise TypeError(f"CSV would give column {name!r} back as {min(may_be)}, not as text. Use ParquetFileIO")


def _values(frame: FrameOfCells, name: str) -> Iterator[Any]:
    for start in range(0, frame.height, _ROWS_AT_ONCE):
        yield from frame.values(name, start, start + _ROWS_AT_ONCE)


def _looks_like(cell: str, kind: str) -> bool:
    if kind == "bool":
        return cell in ("true", "false")
    if kind == "int":
        return _INT.fullmatch(cell) is not None and int(cell) in _INTS
    if _FLOAT.fullmatch(cell) is None:
        return False
    if len(cell) < _DIGITS or _INTEGER.fullmatch(cell) is None:
        return True
    return len(cell) <= _MOST_DIGITS and float(cell) == int(cell)


def _typed(cells: list[str]) -> tuple[str, list[Any]]:
    """Finds out the type of a column, and returns it with its values."""
    kinds = ["int", "float", "bool"]
    for cell in cells:
        if cell:
            kinds = [kind for kind in kinds if _looks_like(cell, kind)]
            if not kinds:
                break
    if not kinds or not any(cells):
        return "str", [cell or None for cell in cells]
    parse: Any = {"int": int, "float": float, "bool": "true".__eq__}[kinds[0]]
    return kinds[0], [parse(cell) if cell else None for cell in cells]
