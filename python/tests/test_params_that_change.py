"""Params that change while a payload is generated: the payload is kept, and the param named."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable import Persistable, PersistableParams, step
from persistable.exceptions import (
    MissingPayloadError,
    OutdatedPayloadError,
    ParamsChangedWarning,
    UnsupportedParameterError,
)


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


def test_a_payload_of_a_step_that_another_thread_gave_other_params_meanwhile_is_not_persisted(tmp_path: Path) -> None:
    has_begun = {1: Event(), 2: Event()}
    may_go_on = Event()

    class WaitingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            has_begun[self.params.n].set()
            may_go_on.wait(60)
            return self.params.n * 10

    step = WaitingP(tmp_path, NumberParams(1), None)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(step.load_generate)
        assert has_begun[1].wait(60)
        step.params.n = 2
        second = threads.submit(step.load_generate)
        assert has_begun[2].wait(60)
        may_go_on.set()
        with pytest.raises(OutdatedPayloadError, match="another thread changed the params of this waiting_p"):
            first.result(60)
        second.result(60)
    assert step.payload == 20
    assert not WaitingP(tmp_path, NumberParams(1), None).is_persisted
    assert WaitingP(tmp_path, NumberParams(2), None).is_persisted


def test_a_step_may_put_another_object_in_place_on_any_thread(tmp_path: Path) -> None:
    class NormalizingP(SortedP):
        def _generate_payload(self, **untracked: Any) -> list[str]:
            self.params.columns = sorted(self.params.columns)
            return self.params.columns

    step = NormalizingP(tmp_path, ColumnsParams(["b", "a"]), None)
    with ThreadPoolExecutor(1) as threads, pytest.warns(ParamsChangedWarning):
        threads.submit(step.load_generate).result(60)
    assert NormalizingP(tmp_path, ColumnsParams(["b", "a"]), None).is_persisted


def _wait_for(event: str, log: Path) -> None:
    end = time.monotonic() + 60
    while event not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < end, f"in vain until {event}"
        time.sleep(0.01)


def test_a_payload_is_not_generated_if_the_params_changed_while_the_thread_waited_for_its_turn(tmp_path: Path) -> None:
    may_fail = Event()

    class FailingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            may_fail.wait(60)
            raise RuntimeError("out of luck")

    first, second = (FailingP(tmp_path, NumberParams(1), None) for _ in range(2))
    log = tmp_path / "failing_p.log"
    with ThreadPoolExecutor(2) as threads:
        failed = threads.submit(first.load_generate)
        _wait_for("generating", log)
        waited = threads.submit(second.load_generate)
        _wait_for("waiting for", log)
        second.params.n = 2
        with pytest.raises(MissingPayloadError):
            second.load()
        may_fail.set()
        with pytest.raises(RuntimeError, match="out of luck"):
            failed.result(60)
        with pytest.raises(OutdatedPayloadError, match="before its payload could be generated"):
            waited.result(60)


def test_threads_may_share_a_step_that_sorts_its_list(tmp_path: Path) -> None:
    has_begun, may_go_on = Event(), Event()

    class WaitingP(SortedP):
        def _generate_payload(self, **untracked: Any) -> list[str]:
            payload = super()._generate_payload()
            has_begun.set()
            may_go_on.wait(60)
            return payload

    step = WaitingP(tmp_path, ColumnsParams(["b", "a"]), None)
    with ThreadPoolExecutor(1) as threads, pytest.warns(ParamsChangedWarning):
        first = threads.submit(step.load_generate)
        assert has_begun.wait(60)
        with pytest.raises(MissingPayloadError):
            step.load()  # What it is at present is not there.
        may_go_on.set()
        first.result(60)
    assert WaitingP(tmp_path, ColumnsParams(["b", "a"]), None).is_persisted


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
