"""What a run asks its engine for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["checked_resources", "of_this_machine"]

_MEMORY = "memory"
_UNITS: dict[str, int] = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS.update({f"{prefix}i": 1024**power for power, prefix in enumerate("KMGT", 1)})
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*(k|[KMGT]i|[MGT]|)B?\s*")


def checked_resources(resources: Any, where: str) -> dict[str, float]:
    """Returns resources by name. `where` names them in errors. A memory such as `"8 GB"` becomes bytes."""
    if not isinstance(resources, Mapping):
        raise TypeError(f'{where} must be a dict from name to amount, as in {{"gpus": 1}}, not {resources!r}')
    checked = {}
    for name, given in resources.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"{where} names {name!r}, but a name must be a text")
        amount = _bytes(given, f"{where}[{name!r}]") if name == _MEMORY and isinstance(given, str) else given
        is_number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
        if not is_number:
            raise TypeError(f"{where}[{name!r}] is {amount!r}, but an amount must be a number")
        if not 0 < amount < float("inf"):
            raise ValueError(f"{where}[{name!r}] is {amount!r}, but an amount must be above zero")
        checked[name] = amount
    return checked


def of_this_machine() -> dict[str, float]:
    """Returns the memory of this machine in bytes, and the number of its graphics processors."""
    found: dict[str, float] = {}
    try:
        found[_MEMORY] = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # Windows has no such call.
        found[_MEMORY] = float("inf")
    found["gpus"] = float(_gpus())
    return found


def _gpus() -> int:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    try:
        return sum(re.fullmatch(r"nvidia\d+", name) is not None for name in os.listdir("/dev"))  # noqa: PTH208
    except OSError:
        return 0


def _bytes(text: str, where: str) -> float:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{where} is {text!r}, but it must be a number of bytes or a text such as '8 GB'")
    return float(found[1]) * _UNITS[found[2]]
