"""Params that change while a payload is generated: the payload is kept, and the param named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable import Persistable, PersistableParams, step
from persistable.exceptions import ParamsChangedWarning, UnsupportedParameterError


@dataclass
class ColumnsParams(PersistableParams):
    columns: list[str]


class SortedP(Persistable["list[str]", ColumnsParams]):
    generations = 0

    def _generate_payload(self, **untracked: Any) -> list[str]:
        type(self).generations += 1
        self.params.columns.sort()
        return list(self.params.columns)


def test_a_list_that_the_step_sorts_costs_a_warning_and_no_second_generation(tmp_path: Path) -> None:
    SortedP.generations = 0
    step = SortedP(tmp_path, ColumnsParams(["b", "a"]), None)
    with pytest.warns(ParamsChangedWarning, match=r"sorted_p: columns changed while .* copy it before"):
        assert step.payload == ["a", "b"]
    assert step.payload == ["a", "b"]
    again = SortedP(tmp_path, ColumnsParams(["b", "a"]), None)
    assert again.payload == ["a", "b"]
    assert SortedP.generations == 1


class Config:
    """Holds a cache that it fills when it is used."""

    def __init__(self) -> None:
        self.scale = 2
        self._cache: dict[int, int] = {}

    def scaled(self, number: int) -> int:
        return self._cache.setdefault(number, number * self.scale)

    def __persistable_value__(self) -> tuple[int, dict[int, int]]:
        return self.scale, self._cache


@dataclass
class ConfiguredParams(PersistableParams):
    config: Config
    uses: int = field(default=0, compare=False)


class ConfiguredP(Persistable[int, ConfiguredParams]):
    def _generate_payload(self, **untracked: Any) -> int:
        self.params.uses += 1
        return self.params.config.scaled(21)


def test_caches_and_fields_that_do_not_compare_may_change(tmp_path: Path) -> None:
    step = ConfiguredP(tmp_path, ConfiguredParams(Config()), None)
    with pytest.warns(ParamsChangedWarning, match="config, uses changed"):
        assert step.payload == 42
    assert step.payload == 42
    step.params.config.scale = 3
    step.params.config._cache.clear()
    with pytest.warns(ParamsChangedWarning):
        assert step.payload == 63


def test_another_value_that_was_put_in_place_gets_no_payload_of_the_first(tmp_path: Path) -> None:
    class ReplacingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            n, self.params.n = self.params.n, 2
            return n

    step = ReplacingP(tmp_path, NumberParams(1), None)
    with pytest.warns(ParamsChangedWarning, match="n changed"):
        step.load_generate()
    assert ReplacingP(tmp_path, NumberParams(1), None).payload == 1
    assert step.payload == 2


def test_a_failed_persist_keeps_the_payload_of_the_params_before(tmp_path: Path) -> None:
    SortedP.generations = 0
    step = SortedP(tmp_path, ColumnsParams(["b", "a"]), None)
    with pytest.warns(ParamsChangedWarning):
        step.generate(persist=False)
    step.persist()
    assert SortedP.generations == 1


def test_a_warning_that_a_filter_makes_an_error_costs_no_payload(tmp_path: Path) -> None:
    SortedP.generations = 0
    step = SortedP(tmp_path, ColumnsParams(["b", "a"]), None)
    with pytest.raises(ParamsChangedWarning):  # As errors, which is what these tests are set to.
        step.load_generate()
    assert step._payload == ["a", "b"]
    step.load_generate()
    assert SortedP(tmp_path, ColumnsParams(["b", "a"]), None).payload == ["a", "b"]
    assert SortedP.generations == 1


def test_a_call_takes_its_params_as_they_are_at_the_time(tmp_path: Path) -> None:
    @step
    def weight(config: dict[str, Any], rows: tuple[list[int], ...]) -> int:
        return int(config["of"]["k"]) * 10 + len(rows[0])

    config: dict[str, Any] = {"of": {"k": 0}}
    row: list[int] = []
    steps = []
    for k in range(3):
        config["of"]["k"] = k
        row.append(k)
        steps.append(weight(tmp_path, config, (row,)))
    assert [step.payload for step in steps] == [1, 12, 23]
    config["of"]["k"] = 9
    assert [step.payload for step in steps] == [1, 12, 23]


def test_a_param_that_holds_itself_is_refused_and_not_followed_for_ever(tmp_path: Path) -> None:
    @step
    def weight(config: list[Any]) -> int:
        return len(config)

    config: list[Any] = []
    config.append(config)
    with pytest.raises(UnsupportedParameterError):
        weight(tmp_path, config).load_generate()
