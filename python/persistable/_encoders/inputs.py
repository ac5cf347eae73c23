"""Input files and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from persistable.inputs import InputFile, InputFolder

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of an input."""
    return cls._to_value if cls in (InputFile, InputFolder) else None
