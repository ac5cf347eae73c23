"""Data frames of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Union

from persistable._runs._steps_given import Steps, steps_of

__all__ = ["Payloads", "frame_of", "to_frame"]

Payloads = Union[bool, Callable[[Any], object]]
_LIBRARIES = ("pandas", "polars")
_PAYLOAD = "payload"
_MOST_LEVELS = 3
"""So far below a step the params of dependencies are shown."""


def to_frame(steps: Steps, *, payloads: Payloads = False, library: str | None = None) -> Any:
    """Returns a data frame with one row a step and one column a param.

    ```python
    frame = to_frame(steps, payloads=True)                           # and a column `payload`
    frame = to_frame(steps, payloads=lambda payload: payload.mean())
    ```

    - `steps`: a step, or any nesting of lists, dicts and other iterables of steps.
    - `payloads`: `True` adds the payloads as the column `payload`. They must be scalars: numbers, texts, dates. If they
      are dicts of scalars, each entry is a column. For other payloads, give a function that makes a scalar or a dict of
      scalars from one.
    - `library`: `"pandas"` or `"polars"`. By default pandas, or polars if only that is installed.

    Nothing is generated: if the payload of a step is missing, its cells are empty. If steps of several kinds are given,
    the first column is `payload_name`. If a param has the name of another column, its column begins with `params.`.
    Params of dependencies have columns, such as `data.z`, if they are not the same in all rows.
    """
    from persistable._runs._scalars import scalars_of

    found = list(steps_of(steps))
    names = [step.payload_name for step in found]
    before = {"payload_name": names} if len(set(names)) > 1 else {}
    columns = {} if payloads is False else scalars_of(found, payloads, _PAYLOAD)
    return frame_of(found, columns, before, library)


def frame_of(
    steps: list[Any],
    columns: Mapping[str, list[Any]],
    before: Mapping[str, list[Any]] | None = None,
    library: str | None = None,
) -> Any:
    """Returns a data frame with one row a step: its params, and then other columns.

    If a param has the name of another column, its column begins with `params.`. Params of dependencies are there if
    they vary.
    """
    from persistable._tree import own_params

    rows = [own_params(step) for step in steps]
    seen: dict[int, dict[str, Any]] = {}
    for row, below in zip(rows, _varying([_below(step, _MOST_LEVELS, seen) for step in steps])):
        row.update((name, value) for name, value in below.items() if name not in row)
    names = list(dict.fromkeys(name for row in rows for name in row if not str(name).endswith("[]")))
    others = {**(before or {}), **columns}
    params = {f"params.{name}" if name in others else name: [row.get(name) for row in rows] for name in names}
    return _made({**(before or {}), **params, **columns}, library)


def _below(step: Any, levels: int, seen: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Returns the params of dependencies, and of those below them, as in `data.z`."""
    from persistable._tree import dependencies_of, own_params

    found: dict[str, Any] = {}
    dependencies = list(dependencies_of(step)) if levels else []
    names = [dependency.payload_name for dependency in dependencies]
    for dependency, name in zip(dependencies, names):
        if names.count(name) > 1:  # The name would stand for several.
            continue
        if id(dependency) not in seen:
            seen[id(dependency)] = {**own_params(dependency), **_below(dependency, levels - 1, seen)}
        found.update((f"{name}.{param}", value) for param, value in seen[id(dependency)].items())
    return found


def _varying(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leaves out what is the same in all rows that have it."""
    first: dict[str, Any] = {}
    varying: set[str] = set()
    for row in rows:
        for name, value in row.items():
            if name not in varying and _differs(first.setdefault(name, value), value):
                varying.add(name)
    return [{name: value for name, value in row.items() if name in varying} for row in rows]


def _differs(one: Any, other: Any) -> bool:
    try:
        return one is not other and bool(one != other)
    except Exception:  # Arrays and frames don't tell by one truth value.
        return True


def _made(columns: dict[Any, list[Any]], library: str | None) -> Any:
    from persistable.io._require import import_if_there

    if library is not None and library not in _LIBRARIES:
        raise ValueError(f'library must be "pandas" or "polars", not {library!r}')
    for name in _LIBRARIES if library is None else (library,):
        found: Any = import_if_there(name)
        if found is None:
            continue
        if name == "pandas":
            # One by one: a column of tuples or lists must not become several.
            return found.DataFrame({column: found.Series(values, dtype=None) for column, values in columns.items()})
        return found.DataFrame([_polars_column(found, str(column), values) for column, values in columns.items()])
    wanted = "pandas or polars" if library is None else library
    raise ImportError(f"a data frame needs {wanted}: pip install {library or 'pandas'}", name=library or "pandas")


def _polars_column(polars: Any, name: str, values: list[Any]) -> Any:
    try:
        return polars.Series(name, values)
    except Exception:  # Values of several types.
        return polars.Series(name, values, dtype=polars.Object)
