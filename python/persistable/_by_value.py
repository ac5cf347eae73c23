"""Whether the step of a function is pickled by its name, as functions are, or by what it consists of."""

from __future__ import annotations

import sys
from typing import Any, Callable

__all__ = ["goes_by_value"]

_MAIN = frozenset({"__main__", "__mp_main__"})


def goes_by_value(step: Any, function: Callable[..., Any]) -> bool:
    """Tells whether a step has to be taken apart: its name does not lead back to it, or not in another process.

    Plain pickle takes nothing of a script apart. A process that `multiprocessing` spawns imports the script, and finds
    all by name. cloudpickle is for processes that don't.
    """
    module, name = function.__module__, function.__qualname__
    if _named(module, name) is not step:
        return True
    cloudpickle = _cloudpickle_at_work()
    if cloudpickle is None:
        return False
    return module in _MAIN or _is_registered(module, cloudpickle)


def _named(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _cloudpickle_at_work() -> dict[str, Any] | None:
    """Returns the namespace of the cloudpickle that pickles; `None` where another pickler does.

    There are several: libraries have copies of their own. None of them asks an object whether it is there.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if "cloudpickle" in str(frame.f_globals.get("__name__")).split("."):
            return frame.f_globals
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _is_registered(module: str, cloudpickle: dict[str, Any]) -> bool:
    """Tells whether somebody asked cloudpickle to take a module apart."""
    registered = cloudpickle.get("_PICKLE_BY_VALUE_MODULES", ())
    parts = module.split(".")
    return any(".".join(parts[:number]) in registered for number in range(1, len(parts) + 1))
