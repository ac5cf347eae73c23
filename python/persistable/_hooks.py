"""Calling hooks that may or may not take untracked params."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def accepted(hook: Callable[..., Any], untracked: dict[str, Any]) -> dict[str, Any]:
    """Returns those of the untracked params that the hook takes: all, those it names, or none."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):
        return untracked
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return untracked
    by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = {parameter.name for parameter in parameters if parameter.kind in by_name}
    return {name: value for name, value in untracked.items() if name in names}
