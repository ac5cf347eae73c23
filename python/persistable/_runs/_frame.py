"""Data frames of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["frame_of"]


def frame_of(steps: list[Any], columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Returns a data frame with one row a step: its params first, and then other columns.

    If a param has the name of another column, its column begins with `params.`.
    """
    from persistable._tree import own_params
    from persistable.io._require import import_if_there

    pandas = import_if_there("pandas")
    if pandas is None:
        raise ImportError("to_frame() needs pandas: pip install pandas", name="pandas")
    rows = [own_params(step) for step in steps]
    names = list(dict.fromkeys(name for row in rows for name in row))
    params = {
        f"params.{name}" if name in columns else name: pandas.Series([row.get(name) for row in rows], dtype=None)
        for name in names
    }
    return pandas.DataFrame({**params, **columns})
