"""What tests of parameter values ask about objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
import pytest

from persistable import PersistableParams
from persistable._core import encode
from persistable.exceptions import UnsupportedParameterError


@dataclass
class Layer(PersistableParams):
    size: Any = None


@dataclass
class Encoding(PersistableParams):
    value: Any = None

    @property
    def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
        return {np.ndarray: lambda array: array.tolist(), str: str.upper, int: lambda number: number + 1}


def json_of(obj: object) -> Any:
    return json.loads(encode(obj).to_json())


def fields_of(obj: object) -> dict[str, Any]:
    fields: dict[str, Any] = json_of(obj)["record"]["fields"]
    return fields


def refusal_of(obj: object) -> UnsupportedParameterError:
    with pytest.raises(UnsupportedParameterError) as caught:
        encode(obj)
    return caught.value


def nested(levels: int, innermost: object) -> object:
    for _ in range(levels - 1):
        innermost = [innermost]
    return innermost
