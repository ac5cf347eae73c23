"""How the step of a function is pickled: by its name, as functions are, or by what it consists of."""

from __future__ import annotations

import copyreg
import operator
import pickle
import sys
from typing import Any, Callable

__all__ = ["by_name", "by_parts", "reduced"]

_MAIN = frozenset({"__main__", "__mp_main__"})


def reduced(made: Any, function: Callable[..., Any]) -> Any:
    """Returns what `__reduce_ex__` of a `StepFunction`, or of a bound one, returns.

    If a name leads back to it, also in another process, that name is enough. A process that `multiprocessing` spawns
    imports the script and finds all by name. cloudpickle is for processes that don't: then the step is taken apart.
    Plain pickle can't take a function apart. It gets what cloudpickle makes of the step.
    """
    name = by_name(made, function)
    cloudpickle = _cloudpickle_at_work()
    if cloudpickle is not None:
        module = function.__module__
        is_elsewhere = module not in _MAIN and not _is_registered(module, cloudpickle)
        return name if name is not None and is_elsewhere else by_parts(made)
    if name is not None and not _is_interactive(function.__module__):
        return name
    if _named(function.__module__, function.__qualname__) is function:
        return by_parts(made)
    from persistable.io._require import import_if_there

    pickler = import_if_there("cloudpickle")
    if pickler is not None:
        return _restored, (pickler.dumps(made),)
    if name is not None:
        return name
    raise pickle.PicklingError(
        f"{function.__qualname__} can't be pickled, since it can't be found by its name: "
        "install cloudpickle, or define it at the top of a module"
    )


def by_name(made: Any, function: Callable[..., Any]) -> Any:
    """Returns what reduces the step of a function to a name; `None` if no name leads to it."""
    named = _named(function.__module__, function.__qualname__)
    if named is made:
        return function.__qualname__
    # The name may be that of the function as it is bound to a store.
    if getattr(named, "definition", None) is made:
        return operator.attrgetter("definition"), (named,)
    return None


def by_parts(made: Any) -> Any:
    """Returns what reduces the step of a function to its parts."""
    # They come after the step itself: the function may refer to it by its name.
    return copyreg.__newobj__, (type(made),), dict(made.__dict__)  # type: ignore[attr-defined]


def _restored(pickled: bytes) -> Any:
    return pickle.loads(pickled)


def _named(module: str, name: str) -> Any:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _is_interactive(module: str) -> bool:
    """Tells whether a module is a notebook or a prompt, which a spawned process can't import."""
    main = sys.modules.get(module)
    return module in _MAIN and getattr(main, "__file__", None) is None and getattr(main, "__spec__", None) is None


def _cloudpickle_at_work() -> dict[str, Any] | None:
    """Returns the namespace of the cloudpickle that pickles; `None` if another pickler does.

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
