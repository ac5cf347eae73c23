"""Columns of frames: one form for pandas, Polars and Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from persistable._core import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Column", "frame_values", "nullable"]

# Up to so many rows, cells are written out where a column has no byte form, so that people can read a small table in
# the manifest; above, there are digests alone, so that the manifest of a large one stays small. It is part of the
# identity, and so must never change.
_ROWS_WRITTEN_OUT = 1000


class Column:
    """A column: its type, its values, which of them are missing, and further parts of its type."""

    def __init__(
        self,
        type_name: str,
        *,
        values: Value | None = None,
        cells: list[Any] | None = None,
        missing: Value | None = None,
        parts: Sequence[tuple[str, object]] = (),
    ) -> None:
        """Takes `values` (an array, zero for each `missing` one), or `cells` (`None` for missing), or only parts."""
        self.type_name = type_name
        self.values = values
        self.cells = cells
        self.missing = missing
        self.parts = parts

    def to_value(self) -> Value:
        """Returns the column as a record. The size of the record does not depend on the number of rows."""
        parts: list[tuple[str, object]] = [("type", self.type_name), *self.parts]
        if self.cells is not None:
            parts.append(("values", Value.object_array([len(self.cells)], self.cells)))
        if self.values is not None:
            parts.append(("values", self.values))
        if self.missing is not None:
            parts.append(("missing", self.missing))
        return Value.record("column", parts)

    def in_table(self) -> object | None:
        """Returns what a table holds of the column; `None` if a table has no place for it."""
        if self.parts or self.missing is not None:
            return None
        if self.cells is None:
            return self.values
        return self.cells if len(self.cells) <= _ROWS_WRITTEN_OUT else None


def nullable(
    type_name: str, rows: int, cells: Callable[[], list[Any]], arrays: Callable[[], tuple[Value, Value]]
) -> Column:
    """Makes a column with a byte form that misses values: of its cells, or of its values and a mask of the missing."""
    if rows <= _ROWS_WRITTEN_OUT:
        return Column(type_name, cells=cells())
    values, missing = arrays()
    return Column(type_name, values=values, missing=missing)


def frame_values(names: Sequence[str], columns: Sequence[Column]) -> Value:
    """Returns a table where all columns fit into one, else a list of names and columns."""
    in_table = [(name, column.type_name, column.in_table()) for name, column in zip(names, columns)]
    if all(values is not None for _, _, values in in_table):
        return Value.table(in_table)
    return Value.list_([(name, column.to_value()) for name, column in zip(names, columns)])
