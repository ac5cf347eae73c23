"""Steps with params of every kind."""

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

from persistable import PersistableParams
from persistable._core import Value
from persistable.io import DictEncodable, TextFileIO
from twins.twin import Make, given


@dataclass
class Scalars(PersistableParams):
    flag: bool
    byte: int
    negative: int
    most: int
    least: int
    huge: int
    positive: int
    float: Any
    negative_zero: Any
    infinite: Any
    not_a_number: Any
    single: Any
    complex: Any
    text: str
    character: str
    bytes: Any
    absent: int | None
    present: int | None
    exact: Decimal
    none: Decimal
    id: UUID
    relative: Path
    rooted: Path


SCALARS = Scalars(
    flag=True,
    byte=255,
    negative=-128,
    most=2**128 - 1,
    least=-(2**127),
    huge=-(2**200),
    positive=1,
    float=0.1,
    negative_zero=-0.0,
    infinite=float("-inf"),
    not_a_number=float("nan"),
    single=np.float32(0.1),
    complex=complex(0.5, -0.0),
    text="naïve 𝄞 \0",
    character="ß",
    bytes=b"\x00\xff",
    absent=None,
    present=3,
    exact=Decimal("1.50"),
    none=Decimal("0.000"),
    id=UUID("67e55044-10b1-426f-9247-bb680e5fe0c8"),
    relative=Path("a/./b//../c/"),
    rooted=Path("/data"),
)


@dataclass
class Times(PersistableParams):
    day: date
    before_christ: date
    hour: time
    both: datetime
    moment: datetime
    system: datetime
    at_offset: datetime
    in_paris: datetime
    span: timedelta
    backwards: timedelta


_MOMENT = datetime(2024, 2, 29, 12, 34, 56, 123456, timezone.utc)

TIMES = Times(
    day=date(2024, 2, 29),
    before_christ=date(1, 1, 1),
    hour=time(23, 59, 59, 999_999),
    both=datetime(1999, 12, 31, 1, 2, 3, 4),
    moment=_MOMENT,
    system=datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC")) - timedelta(microseconds=1),
    at_offset=_MOMENT.astimezone(timezone(timedelta(hours=-5))),
    in_paris=datetime.fromtimestamp(1_720_000_000, ZoneInfo("Europe/Paris")),
    span=timedelta(seconds=1.5),
    backwards=timedelta(microseconds=-1),
)


@dataclass
class ChronoTimes(PersistableParams):
    day: date
    before_christ: date
    hour: time
    both: datetime
    moment: datetime
    long_ago: datetime
    at_offset: datetime
    span: timedelta
    backwards: timedelta


CHRONO_TIMES = ChronoTimes(
    day=date(2024, 2, 29),
    before_christ=date(1, 1, 1),
    hour=time(23, 59, 59, 999_999),
    both=datetime(1999, 12, 31, 1, 2, 3, 4),
    moment=_MOMENT,
    long_ago=datetime(1, 1, 1, tzinfo=timezone.utc),
    at_offset=_MOMENT.astimezone(timezone(timedelta(hours=-5))),
    span=timedelta(seconds=1.5),
    backwards=timedelta(microseconds=-1),
)


@dataclass
class Containers(PersistableParams):
    list: Any
    empty: Any
    array: Any
    queue: Any
    boxed: str
    shared: Any
    pair: tuple[int, str]
    single: tuple[int]
    unit: tuple[()]
    set: Any
    members: Any
    map: dict[str, Any]
    by_place: dict[tuple[int, int], Any]
    deep: Any


CONTAINERS = Containers(
    list=[3, -1, -(2**63)],
    empty=[],
    array=[1, 65_535],
    queue=[True, False],
    boxed="boxed",
    shared=[0.5, -0.5],
    pair=(-2, "two"),
    single=(7,),
    unit=(),
    set={"b", "", "aa"},
    members=frozenset({(2, None), (1, True)}),
    map={"aa": -0.0, "b": 1.0},
    by_place={(1, 2): [1, None], (-1, 0): []},
    deep=[{"x": [{2, -3}, None]}, {}],
)


class Kernel(Enum):
    Linear = "linear"
    Cubic = 3


@dataclass
class Circle:
    radius: float


@dataclass
class Layer:
    size: int
    dropout: float | None = None


@dataclass
class Pair:
    _type_name = "Pair<u8, String>"

    left: int
    right: str


class Point(DictEncodable):
    """Fields without names are named by their number."""

    def __init__(self, *places: float) -> None:
        self.places = places

    def to_dict(self) -> dict[str, Any]:
        return {str(number): place for number, place in enumerate(self.places)}


@dataclass
class Earlier(PersistableParams):
    most_epochs: int
    momentum: float = 0.5
    threads: int = 1

    _excluded_attributes = {"threads"}  # noqa: RUF012
    _renamed_attributes = {"most_epochs": "epochs"}  # noqa: RUF012
    _added_with_defaults = {"momentum": 0.5}  # noqa: RUF012


@dataclass
class Models(PersistableParams):
    kernel: Kernel
    kernels: dict[str, Kernel]
    circle: Circle
    segment: Any
    layers: list[Layer]
    pair: Pair
    point: Point
    seconds: float
    later: Earlier
    changed: Earlier

    @property
    def _custom_type_encoder_map(self) -> dict[type, Any]:
        # Enums of Python have no data.
        return {
            Circle: lambda circle: Value.enum("Shape", "Circle", Value.record("", [("radius", circle.radius)])),
            complex: lambda segment: Value.enum("Shape", "Segment", (int(segment.real), int(segment.imag))),
        }


MODELS = Models(
    kernel=Kernel.Linear,
    kernels={"third": Kernel.Cubic},
    circle=Circle(1.5),
    segment=-1 + 2j,
    layers=[Layer(64), Layer(8, 0.25)],
    pair=Pair(1, "r"),
    point=Point(0.0, 1.0),
    seconds=2.5,
    later=Earlier(10, threads=2),
    changed=Earlier(10, 0.9),
)


@dataclass
class ArrayParams(PersistableParams):
    matrix: Any
    fortran: Any
    turned: Any
    integers: Any
    flags: Any
    complexes: Any
    scalar: Any
    empty: Any
    not_numbers: Any


ARRAY_PARAMS = ArrayParams(
    matrix=np.array([[0.1, -0.0], [np.inf, 1e-300]]),
    fortran=np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
    turned=np.array([[1, 2, 3], [4, 5, 6]], dtype=">i4").T,
    integers=np.array([-(2**63), 2**63 - 1]),
    flags=np.array([True, False, True]),
    complexes=np.array([1 - 1j]),
    scalar=np.array(0.1, dtype=np.float32),
    empty=np.zeros((2, 0, 3), dtype=np.int16),
    not_numbers=np.array([0x7FC00000, 0xFFC00000, 0x7FA00001], dtype=np.uint32).view(np.float32),
)


@dataclass
class Everything(PersistableParams):
    scalars: Scalars
    times: Times
    containers: Containers
    models: Models
    array_params: ArrayParams


def _text(name: str, params: PersistableParams, text: str) -> tuple[str, Make]:
    return given(name, TextFileIO(), lambda: text, params)


TWINS = dict(
    [
        _text("scalars", SCALARS, "scalars"),
        _text("times", TIMES, "times"),
        _text("chrono_times", CHRONO_TIMES, "chrono times"),
        _text("containers", CONTAINERS, "containers"),
        _text("models", MODELS, "models"),
        _text("array_params", ARRAY_PARAMS, "array params"),
        _text("everything", Everything(SCALARS, TIMES, CONTAINERS, MODELS, ARRAY_PARAMS), "all of it"),
    ]
)
