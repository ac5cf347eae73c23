"""Methods that leave no line of their own in the traceback of a user's error."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from persistable import _core

__all__ = ["frameless"]

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def frameless(method: MethodT) -> MethodT:
    """Returns the same method. After an error of the user's own code, the traceback shows no frames of this package."""
    return cast(MethodT, functools.update_wrapper(_core.Frameless(method), method))
