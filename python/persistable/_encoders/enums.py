"""Members of enums."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.names import record_name

if TYPE_CHECKING:
    import enum

    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of the members of an enum."""
    enum: Any = sys.modules.get("enum")
    if enum is None or not issubclass(cls, enum.Enum):
        return None
    return _flag if issubclass(cls, enum.Flag) else _member


def _member(value: enum.Enum) -> Value:
    return Value.enum(record_name(type(value)), value.name)


def _flag(value: enum.Flag) -> Value:
    """Names the single bits, in the order of their definition. Python's own name of several depends on its version."""
    rest, names = int(value.value), []
    # Iterating over the class leaves out aliases, and in some versions what is no single bit.
    for name, member in type(value).__members__.items():
        bits = int(member.value)
        is_single = bits > 0 and bits & (bits - 1) == 0
        if is_single and rest & bits and name == member.name:
            names.append(name)
            rest &= ~bits
    if rest or not names:
        names.append(str(rest))
    return Value.enum(record_name(type(value)), "|".join(names))
