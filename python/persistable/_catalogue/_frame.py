"""Artifacts as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable._catalogue._moment import moment_of

if TYPE_CHECKING:
    from persistable._catalogue._asking import Listed

__all__ = ["frame_of"]

_LIBRARIES = ("pandas", "polars")


def frame_of(listed: Listed, library: str | None) -> Any:
    """Returns a data frame with one row an artifact: its name and key, its params, and what its manifest says.

    If a param has the name of another column, its column begins with `params.`.
    """
    facts: dict[str, list[Any]] = {
        "name": [row.name for row in listed.rows],
        "key": [row.key for row in listed.rows],
        "size_bytes": [row.size_bytes for row in listed.rows],
        "persisted_at": [moment_of(row.persisted_milliseconds) for row in listed.rows],
        "generation_seconds": [row.generation_seconds for row in listed.rows],
        "state": [row.state for row in listed.rows],
        "tags": [", ".join(row.tags) for row in listed.rows],
        "pinned": [row.pinned for row in listed.rows],
    }
    params = {
        f"params.{name}" if name.partition(".")[0] in facts else name: [row.values.get(name) for row in listed.rows]
        for name in listed.columns
    }
    first = {name: facts.pop(name) for name in ("name", "key")}
    return _made({**first, **params, **facts}, library)


def _made(columns: dict[str, list[Any]], library: str | None) -> Any:
    from persistable.io._require import import_if_there

    if library not in (None, *_LIBRARIES):
        raise ValueError(f"library is 'pandas' or 'polars', not {library!r}")
    for name in _LIBRARIES if library is None else (library,):
        module = import_if_there(name)
        if module is not None:
            return _pandas(module, columns) if name == "pandas" else _polars(module, columns)
    wanted = library or "pandas or polars"
    raise ImportError(f"to_frame() needs {wanted}: pip install {library or 'pandas'}", name=library or "pandas")


def _pandas(pandas: Any, columns: dict[str, list[Any]]) -> Any:
    frame = pandas.DataFrame({name: _integers(pandas, values) for name, values in columns.items()})
    frame["persisted_at"] = pandas.to_datetime(frame["persisted_at"], utc=True)
    return frame


def _integers(pandas: Any, values: list[Any]) -> Any:
    """Returns a column. Where some artifacts lack an int, pandas would make all of them floats."""
    found = {type(value) for value in values}
    if found == {int, type(None)} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pandas.array(values, dtype="Int64")
    return values


def _polars(polars: Any, columns: dict[str, list[Any]]) -> Any:
    return polars.DataFrame([_series(polars, name, values) for name, values in columns.items()])


def _series(polars: Any, name: str, values: list[Any]) -> Any:
    """Returns a column. Values of several kinds, which polars does not mix, are texts."""
    try:
        return polars.Series(name, values, strict=True)
    except (TypeError, polars.exceptions.PolarsError):
        return polars.Series(name, [None if value is None else str(value) for value in values])
