"""Define the steps of a pipeline by parameters; generate each result once, load it ever after."""

import os
from typing import TYPE_CHECKING

from persistable import _imports
from persistable._checks.rng import current_rng
from persistable._core import Value, __version__
from persistable._decorator import step
from persistable._encoders.registry import register_encoder
from persistable._lazy import Lazy
from persistable._persistable import Persistable
from persistable._settings import configure
from persistable._store import Store
from persistable.data import PersistableParams
from persistable.inputs import InputFile, InputFolder

if TYPE_CHECKING:
    from persistable._audit import audit
    from persistable._catalogue import Catalogue
    from persistable._copying import CopyProgress, CopyReport
    from persistable._grid import grid
    from persistable._reproduce import reproduce
    from persistable._runs._errors import RunError, RunInterrupted
    from persistable._runs._frame import to_frame
    from persistable._runs._plan import plan
    from persistable._runs._run import run
    from persistable._sklearn_memory import sklearn_memory
    from persistable._trust import trust

__all__ = [
    "Catalogue",
    "CopyProgress",
    "CopyReport",
    "InputFile",
    "InputFolder",
    "Lazy",
    "Persistable",
    "PersistableParams",
    "RunError",
    "RunInterrupted",
    "Store",
    "Value",
    "__version__",
    "audit",
    "configure",
    "current_rng",
    "grid",
    "plan",
    "register_encoder",
    "reproduce",
    "run",
    "sklearn_memory",
    "step",
    "to_frame",
    "trust",
]

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_imports.finish, after_in_child=_imports.forget_unfinished)

# Imported when asked for: few programs call them.
_MODULES = {
    "Catalogue": "_catalogue",
    "CopyProgress": "_copying",
    "CopyReport": "_copying",
    "RunError": "_runs._errors",
    "RunInterrupted": "_runs._errors",
    "audit": "_audit",
    "grid": "_grid",
    "plan": "_runs._plan",
    "reproduce": "_reproduce",
    "run": "_runs._run",
    "sklearn_memory": "_sklearn_memory",
    "to_frame": "_runs._frame",
    "trust": "_trust",
}


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
