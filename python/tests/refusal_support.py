"""Containers for what can't be persisted, and the message that refuses it."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import attrs
import pydantic
import pytest

from persistable._checks.refusal import refuse_unpersistable
from persistable.exceptions import UnpersistablePayloadError


def numbers() -> Any:
    yield 1


def refused(payload: object, payload_io: object = None) -> str:
    with pytest.raises(UnpersistablePayloadError) as caught:
        refuse_unpersistable(payload, "fit", payload_io)
    return str(caught.value)


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclasses.dataclass
class Data:
    rows: Any


@attrs.define
class Slotted:
    rows: Any


class Model(pydantic.BaseModel):
    rows: Any


class Plain:
    def __init__(self, rows: Any) -> None:
        self.rows = rows


class Own(list[Any]):
    pass
