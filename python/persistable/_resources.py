"""What a run asks its engine for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["checked_resources"]


def checked_resources(resources: Any, where: str) -> dict[str, float]:
    """Returns resources by name. `where` names them in errors."""
    if not isinstance(resources, Mapping):
        raise TypeError(f'{where} must be a dict from name to amount, as in {{"gpu": 1}}, not {resources!r}')
    for name, amount in resources.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"{where} names {name!r}, but a name must be a text")
        is_number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
        if not is_number:
            raise TypeError(f"{where}[{name!r}] is {amount!r}, but an amount must be a number")
        if not 0 < amount < float("inf"):
            raise ValueError(f"{where}[{name!r}] is {amount!r}, but an amount must be above zero")
    return dict(resources)
