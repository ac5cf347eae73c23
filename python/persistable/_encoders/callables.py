"""Classes and functions, by the name they can be imported by."""

from __future__ import annotations

import functools
import math
import types
from typing import TYPE_CHECKING, Any

from persistable._core import Value
from persistable._encoders.names import class_name, function_name

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encode_function", "encoder_of"]

_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    type(functools.lru_cache(math.sqrt)),
)


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of classes, where `cls` is a class of classes, or of functions."""
    if cls in _FUNCTIONS:
        return encode_function
    if issubclass(cls, type):
        return _encode_class
    return None


def encode_function(value: Any) -> Value:
    """Encodes a function by its name; what it does is the business of the step's version."""
    return Value.enum("function", function_name(value))


def _encode_class(value: type) -> Value:
    return Value.enum("type", class_name(value))
