"""Importing what is no dependency of this package."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def require(module: str, extra: str, wanted_by: str) -> Any:
    """Imports a module; where its package is missing, the error says how to get it."""
    found = import_if_there(module)
    if found is None:
        package = module.partition(".")[0]
        raise ImportError(f"{wanted_by} needs {package}: pip install 'persistable[{extra}]'", name=package)
    return found


def import_if_there(module: str) -> Any | None:
    """Imports a module, or returns `None` if its package is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise
        return None
