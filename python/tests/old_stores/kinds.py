"""A step with params of every kind, and one whose params have changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from twins.twin import given

from persistable import PersistableParams
from persistable._core import Value
from persistable.io import TextFileIO


class Shape(Enum):
    Point = 1


@dataclass
class Layer:
    size: int
    dropout: float | None = None


@dataclass
class EveryKind(PersistableParams):
    absent: Any
    flag: bool
    small: int
    large: int
    ratio: float
    not_a_number: float
    negative_zero: float
    text: str
    bytes: Any
    list: Any
    pair: Any
    set: Any
    map: Any
    day: date
    hour: time
    both: datetime
    moment: datetime
    at_offset: datetime
    in_paris: datetime
    span: timedelta
    exact: Decimal
    id: UUID
    path: Path
    complex: Any
    member: Shape
    named: Any
    positional: Any
    layer: Layer
    layers: Any
    matrix: Any
    flags: Any
    objects: Any
    table: Any


_MOMENT = datetime(2024, 2, 29, 12, 34, 56, 123456, timezone.utc)
_EVERY_KIND = EveryKind(
    absent=None,
    flag=True,
    small=5,
    large=-(2**200),
    ratio=0.1,
    not_a_number=float("nan"),
    negative_zero=-0.0,
    text="naïve 𝄞 \0",
    bytes=b"\x00\xff",
    list=[3, None, -(2**63)],
    pair=(-2, "two"),
    set={"b", "", "aa"},
    map={2: [0.5], -1: []},
    day=date(2024, 2, 29),
    hour=time(23, 59, 59, 999_999),
    both=datetime(1999, 12, 31, 1, 2, 3, 4),
    moment=_MOMENT,
    at_offset=_MOMENT.astimezone(timezone(timedelta(hours=-5))),
    in_paris=datetime.fromtimestamp(1_720_000_000, ZoneInfo("Europe/Paris")),
    span=timedelta(seconds=1.5),
    exact=Decimal("1.50"),
    id=UUID("67e55044-10b1-426f-9247-bb680e5fe0c8"),
    path=Path("a/./b//../c/"),
    complex=complex(0.5, -0.0),
    member=Shape.Point,
    # Enums of Python have no data.
    named=Value.enum("Shape", "Circle", Value.record("", [("radius", 1.5)])),
    positional=Value.enum("Shape", "Segment", (-1, 2)),
    layer=Layer(64),
    layers=[Layer(8, 0.25)],
    matrix=np.array([[0.1, -0.0, np.inf], [np.nan, 1e-300, 2.0]]),
    flags=np.array([True, False, True]),
    objects=np.array(["a", "ß"], dtype=object),
    table=Value.table([("n", "int64", np.array([1, 2])), ("word", "text", ["a", None])]),
)


@dataclass
class Evolved(PersistableParams):
    most_epochs: int
    momentum: float = 0.5
    threads: int = 1

    _excluded_attributes = {"threads"}  # noqa: RUF012
    _renamed_attributes = {"most_epochs": "epochs"}  # noqa: RUF012
    _added_with_defaults = {"momentum": 0.5}  # noqa: RUF012


IN_BOTH = dict(
    [
        given("every_kind", TextFileIO(), lambda: "every kind", _EVERY_KIND),
        given("evolved", TextFileIO(), lambda: "evolved", Evolved(10)),
    ]
)
