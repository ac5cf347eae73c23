# ruff: noqa: RUF012 - it is how users write it.
"""Names about fields that are misspelt are refused; those of attributes that are only sometimes there are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import attrs
import pytest
from value_support import fields_of, refusal_of

from persistable import PersistableParams


@dataclass
class Misspelt(PersistableParams):
    n: int = 1
    verbose: bool = False
    _excluded_attributes = {"verbos"}  # type: ignore[assignment]


@dataclass(frozen=True)
class MisspeltByProperty(PersistableParams):
    verbose: bool = False

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"verbsoe"}


@attrs.define
class MisspeltOfAttrs:
    verbose: bool = False
    _excluded_attributes = {"verbos"}


class MisspeltOfNoDataclass(PersistableParams):
    _excluded_attributes = {"verbos"}  # type: ignore[assignment]

    def __init__(self) -> None:
        self.verbose = True


@dataclass
class Coerced(PersistableParams):
    _coerce_by_annotation = True
    verbose: bool = False
    _excluded_attributes = {"verbos"}  # type: ignore[assignment]


@pytest.mark.parametrize(
    "params", [Misspelt(), MisspeltByProperty(), MisspeltOfAttrs(), MisspeltOfNoDataclass(), Coerced()], ids=repr
)
def test_a_name_like_that_of_a_field_is_refused(params: Any) -> None:
    message = str(refusal_of({"model": params}))
    assert "`['model']`" in message
    assert "`_excluded_attributes` that names `verb" in message
    assert "which is not a field and not an attribute: write `verbose`" in message


@dataclass
class Unknown(PersistableParams):
    n: int = 1
    random_state: int = 2
    _excluded_attributes = {"colour"}  # type: ignore[assignment]


def test_a_dataclass_that_sets_only_its_fields_has_no_other_name_to_exclude() -> None:
    assert "names `colour`" in str(refusal_of(Unknown()))
    assert "remove it, or name one of its fields: n, random_state" in str(refusal_of(Unknown()))


def test_an_attribute_that_is_there_is_excluded() -> None:
    params = Unknown()
    params.colour = "red"  # type: ignore[attr-defined]
    assert fields_of(params).keys() == {"n", "random_state"}


@dataclass
class SetsSometimes(PersistableParams):
    table: int = 1
    _excluded_attributes = {"tables", "_cache"}  # type: ignore[assignment]

    def fill(self) -> None:
        self.tables = [self.table]


@dataclass
class SetsInPostInit(PersistableParams):
    n: int = 1
    _excluded_attributes = {"thread_count"}  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.n > 1:
            self.thread_count = 2


class SetsWhatItIsGiven(PersistableParams):
    _excluded_attributes = {"verbos"}  # type: ignore[assignment]

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)


@dataclass
class Common(PersistableParams):
    _excluded_attributes = {"thread_count", "colours"}  # type: ignore[assignment]


@dataclass
class Uncommon(Common):
    n: int = 1


@dataclass
class Base(PersistableParams):
    colour: int = 1
    _excluded_attributes = {"colours"}  # type: ignore[assignment]


@dataclass
class Derived(Base):
    colours: list[int] = field(default_factory=list)


@dataclass
class OnTheClass(PersistableParams):
    n: int = 1
    _excluded_attributes = {"names"}  # type: ignore[assignment]
    names = ("n",)


@dataclass
class Twice(PersistableParams):
    verbose: bool = True
    _excluded_attributes = {"verbose", "verbos"}  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Could set further attributes."""


@pytest.mark.parametrize(
    "params",
    [
        SetsSometimes(),
        SetsInPostInit(),
        SetsWhatItIsGiven(verbose=True),
        Uncommon(),
        Base(),
        Derived(),
        OnTheClass(),
        Twice(),
    ],
    ids=lambda params: type(params).__name__,
)
def test_an_attribute_that_is_only_sometimes_there_may_be_excluded(params: Any) -> None:
    fields_of(params)


@dataclass
class Renamed(PersistableParams):
    random_state: int = 1
    _renamed_attributes = {"random_stat": "seed"}


@dataclass
class Added(PersistableParams):
    random_state: int = 1
    _added_with_defaults = {"randm_state": 1}


@pytest.mark.parametrize("params", [Renamed(), Added()])
def test_a_misspelt_name_with_a_default_or_an_earlier_name_is_refused_with_the_nearest_field(params: Any) -> None:
    assert "which is not a field: write `random_state`" in str(refusal_of(params))


@dataclass
class NoFunction(PersistableParams):
    n: int = 1
    _custom_type_encoder_map = {int: "str"}  # type: ignore[assignment,dict-item]


def test_an_encoder_that_is_not_a_function_is_refused() -> None:
    message = str(refusal_of(NoFunction()))
    assert "`n`" in message
    assert "has `'str'` as its encoder in a `_custom_type_encoder_map`" in message
