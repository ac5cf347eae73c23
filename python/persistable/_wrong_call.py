"""The error of a call whose arguments do not fit."""

from __future__ import annotations

__all__ = ["WrongCallError"]


class WrongCallError(TypeError):
    """Arguments that do not fit the parameters of a function."""
