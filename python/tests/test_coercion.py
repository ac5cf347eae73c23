"""Coercion by annotation, where a class chooses it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Any, List, Literal, Optional, Tuple, Union  # noqa: UP035

import numpy as np
import pytest

from persistable import PersistableParams
from persistable._coerce import coerced
from persistable._core import encode


def function(n: float) -> None:
    """Has the annotations."""


@pytest.mark.parametrize(
    ("annotation", "given", "expected"),
    [
        (float, 2, 2.0),
        (float, np.int64(2), 2.0),
        (float, np.float32(0.5), 0.5),
        (list, (1, 2), [1, 2]),
        (tuple, [1, 2], (1, 2)),
        ("list[float]", (1, 2), [1.0, 2.0]),
        ("tuple[float, ...]", [1, 2], (1.0, 2.0)),
        ("tuple[int, float]", [1, 2], (1, 2.0)),
        ("dict[str, float]", {"a": 1}, {"a": 1.0}),
        ("dict[str, list[float]]", {"a": (1,)}, {"a": [1.0]}),
        ("set[float]", {1, 2}, {1.0, 2.0}),
        ("Sequence[float]", (1, 2), (1.0, 2.0)),
        (List[float], (1,), [1.0]),  # noqa: UP006
        (Tuple[float, ...], [1], (1.0,)),  # noqa: UP006
        (Path, "a/b", Path("a/b")),
        (str, Path("a/b"), "a/b"),
        (Optional[float], 2, 2.0),
        ("float | None", 2, 2.0),
        ("'float'", 2, 2.0),
        ("list[Path | None]", ["a", None], [Path("a"), None]),
        ("Annotated[float, 'seconds']", 2, 2.0),
    ],
)
def test_a_value_becomes_what_its_annotation_says(annotation: Any, given: Any, expected: Any) -> None:
    assert encode(coerced(given, annotation, function)) == encode(expected)
    assert encode(given) != encode(expected) or isinstance(given, np.generic)


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        (float, True),
        (float, np.bool_(True)),
        (float, "2"),
        (float, 2**53 + 1),  # No float is equal to it.
        (float, 10**400),
        (int, 2.0),
        (Union[int, float], 2),
        (Union[str, Path], Path("a")),
        ("float | bool", True),
        ("list[float] | tuple[float, ...]", [1]),  # Two could take it.
        ("list[float]", [1, "a"]),
        ("tuple[float, float]", [1]),
        ("set[float]", [1]),
        (Literal[1.0], 1),
        ("Decimal", 1),
        ("float | Decimal", 1),  # Nobody knows what a Decimal takes.
        ("no annotation at all", 1),
        (Any, 1),
        (None, 1),
    ],
)
def test_a_value_stays_where_its_annotation_takes_no_other_or_more_than_one(annotation: Any, given: Any) -> None:
    assert coerced(given, annotation, function) is given


def test_a_value_that_fits_is_not_copied() -> None:
    fitting: list[Any] = [[1.0], [1, 2]]
    for value, annotation in zip(fitting, ("list[float]", "list[int]")):
        assert coerced(value, annotation, function) is value


@dataclass
class Points(PersistableParams):
    _coerce_by_annotation = True

    z_threshold: float
    sizes: tuple[float, ...] = (1,)
    folder: Path | None = None
    seeds: InitVar[int] = 0
    names: List[str] = field(default_factory=list)  # noqa: UP006


@dataclass(frozen=True)
class Frozen(PersistableParams):
    _coerce_by_annotation = True

    z_threshold: float


@dataclass(frozen=True)
class Below(Frozen):
    sizes: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert type(self.z_threshold) is float
        object.__setattr__(self, "sizes", (*self.sizes, 1))


@dataclass
class Chosen(PersistableParams):
    z_threshold: float

    def __post_init__(self) -> None:
        self.seen = type(self.z_threshold)


@dataclass
class ChosenBelow(Chosen):
    _coerce_by_annotation = True


def test_a_field_holds_what_its_annotation_says() -> None:
    for params in (Points(2, [1], "a"), Points(2, [1], "a")):  # type: ignore[arg-type]
        assert repr(params.z_threshold) == "2.0"
        assert repr(params.sizes) == "(1.0,)"
        assert params.folder == Path("a")
    assert encode(Points(2)) == encode(Points(2.0, (1.0,)))


def test_a_field_that_is_set_later_holds_what_its_annotation_says() -> None:
    params = Points(1.5)
    params.z_threshold = 3
    params.names = ("a",)  # type: ignore[assignment]
    params.other = 3  # type: ignore[attr-defined]
    assert (repr(params.z_threshold), params.names, params.other) == ("3.0", ["a"], 3)  # type: ignore[attr-defined]


def test_a_frozen_dataclass_and_one_below_it_coerce() -> None:
    assert repr(Frozen(2).z_threshold) == "2.0"
    below = Below(2)
    assert repr(below.z_threshold) == "2.0"
    assert below.sizes == [1.0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        below.z_threshold = 3  # type: ignore[misc]


def test_a_class_may_choose_it_below_one_that_does_not() -> None:
    assert Chosen(2).seen is int
    assert ChosenBelow(2).seen is float


def test_copies_keep_what_was_coerced() -> None:
    for params in (Points(2), Frozen(2)):
        for copied in (copy.deepcopy(params), pickle.loads(pickle.dumps(params)), dataclasses.replace(params)):
            assert repr(copied.z_threshold) == "2.0"
    assert repr(dataclasses.replace(Frozen(2), z_threshold=3).z_threshold) == "3.0"


def test_the_key_is_that_of_the_coerced_value() -> None:
    @dataclass
    class Coerced(PersistableParams):
        _coerce_by_annotation = True
        _type_name = "Same"
        n: float = 0.0

    @dataclass
    class Plain(PersistableParams):
        _type_name = "Same"
        n: float = 0.0

    assert encode(Coerced(2)) == encode(Plain(2.0)) != encode(Plain(2))


def test_the_default_of_an_added_field_is_coerced_too() -> None:
    @dataclass
    class Before(PersistableParams):
        _type_name = "Same"
        n: int

    @dataclass
    class After(PersistableParams):
        _coerce_by_annotation = True
        _type_name = "Same"
        _added_with_defaults = {"factor": 1, "sizes": [2]}  # noqa: RUF012
        n: int
        factor: float = 1
        sizes: Tuple[int, ...] = (2,)  # noqa: UP006

    assert encode(After(5)) == encode(After(5, 1.0, (2,))) == encode(Before(5))
    assert encode(After(5, 2)) != encode(Before(5))
    assert After._added_with_defaults == {"factor": 1.0, "sizes": (2,)}
