"""Dependencies that have another payload now, and steps that were not declared."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import persistable
from persistable import Persistable, PersistableParams, step
from persistable.exceptions import (
    DependencyChangedWarning,
    MissingPayloadError,
    OutdatedPayloadError,
    StalePayloadWarning,
    UndeclaredDependencyError,
    UndeclaredDependencyWarning,
)


@dataclass
class P(PersistableParams):
    n: int = 1


class CountP(Persistable[int, P]):
    generations = 0

    def _generate_payload(self, **untracked: Any) -> int:
        type(self).generations += 1
        return type(self).generations


class TenfoldP(Persistable[int, P]):
    def __init__(self, data_dir: Path, params: P, declared: Any, asked: Any = None) -> None:
        super().__init__(data_dir, params, [declared])
        self.asked = declared if asked is None else asked

    def _generate_payload(self, **untracked: Any) -> int:
        return 10 * self.asked.payload


def tenfold(tmp_path: Path) -> TenfoldP:
    return TenfoldP(tmp_path, P(), CountP(tmp_path, P(), None))


@pytest.fixture(autouse=True)
def _counts_from_zero() -> None:
    CountP.generations = 0


def test_it_is_told_once_until_it_is_accepted(tmp_path: Path) -> None:
    assert tenfold(tmp_path).payload == 10
    CountP(tmp_path, P(), None).generate()
    with pytest.warns(DependencyChangedWarning, match=r"tenfold_p\(.*another payload of count_p\(") as told:
        assert tenfold(tmp_path).payload == 10
    assert Path(told[0].filename) == Path(__file__)
    assert tenfold(tmp_path).payload == 10
    strict = tenfold(tmp_path)
    strict.dependency_change = "refuse"
    with pytest.raises(OutdatedPayloadError, match="accept_dependencies"):
        strict.load_generate()
    strict.accept_dependencies()
    assert strict.payload == 10


def test_equal_bytes_are_no_change(tmp_path: Path) -> None:
    assert tenfold(tmp_path).payload == 10
    CountP.generations = 0
    CountP(tmp_path, P(), None).generate()
    assert tenfold(tmp_path).payload == 10


def test_what_a_step_used_is_recorded_also_when_it_came_out_of_memory_or_a_copy(tmp_path: Path) -> None:
    count = CountP(tmp_path, P(), None)
    count.load_generate()
    copied = copy.deepcopy(count)
    CountP(tmp_path, P(), None).generate()  # The two above have the first payload in memory.
    assert TenfoldP(tmp_path, P(), copied).payload == 10
    with pytest.warns(DependencyChangedWarning):
        assert TenfoldP(tmp_path, P(), count).payload == 10


def test_a_step_that_was_not_declared_is_told_of_or_refused(tmp_path: Path) -> None:
    other = CountP(tmp_path, P(2), None)
    asking = TenfoldP(tmp_path, P(), CountP(tmp_path, P(1), None), other)
    declare = "Declare it as a dependency: make it an argument of the function, or pass it in tracked_persistable_dep"
    with pytest.warns(UndeclaredDependencyWarning, match=rf"tenfold_p\(.*asks for the payload of count_p\(.*{declare}"):
        asking.generate()
    asking.generate()
    asking.undeclared = "refuse"
    with pytest.raises(UndeclaredDependencyError, match=declare):
        asking.generate()
    asking.undeclared = "ignore"
    asking.generate()


def test_a_filter_makes_an_error_of_a_warning_each_time(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    import warnings

    other = CountP(tmp_path, P(2), None)
    asking = TenfoldP(tmp_path / "x", P(), CountP(tmp_path, P(1), None), other)
    with warnings.catch_warnings():
        warnings.simplefilter("error", StalePayloadWarning)
        asking.payload_name = "asking_of_the_filter"
        for _ in range(2):
            with pytest.raises(UndeclaredDependencyWarning):
                asking.load_generate()


def test_functions_that_ask_for_steps_they_were_not_given_are_told(tmp_path: Path) -> None:
    base = CountP(tmp_path, P(3), None)

    @step(version="1")
    def uses_a_global(n: int) -> int:
        return n + int(base.payload)

    with pytest.warns(UndeclaredDependencyWarning, match="uses_a_global"):
        assert uses_a_global(tmp_path, 1).payload == 2


def test_settings_hold_for_all_steps_and_a_class_overrides_them(tmp_path: Path) -> None:
    asking = TenfoldP(tmp_path, P(), CountP(tmp_path, P(1), None), CountP(tmp_path, P(2), None))
    try:
        persistable.configure(undeclared="refuse")
        with pytest.raises(UndeclaredDependencyError):
            asking.generate()
        asking.undeclared = "ignore"
        asking.generate()
    finally:
        persistable.configure(undeclared=None)
    for wrong in ({"undeclared": "key"}, {"code_change": "never"}):
        with pytest.raises(ValueError, match="must be one of"):
            persistable.configure(**wrong)
    with pytest.raises(TypeError, match="there is no setting 'codechange'"):
        persistable.configure(codechange="warn")
    asking.undeclared = "sometimes"
    with pytest.raises(ValueError, match="undeclared is"):
        asking.generate()
    asking.undeclared = True  # type: ignore[assignment]
    with pytest.raises(TypeError, match="undeclared is a str, and not True"):
        asking.generate()


def test_there_is_nothing_to_accept_before_something_is_persisted(tmp_path: Path) -> None:
    with pytest.raises(MissingPayloadError):
        CountP(tmp_path, P(), None).accept_code()


def test_explain_tells_what_identifies_a_step_and_what_changed(tmp_path: Path) -> None:
    step = tenfold(tmp_path)
    assert "nothing for these params" in str(step.explain())
    step.generate()
    assert "nothing that is seen" in str(step.explain()).rpartition("changed since")[2]
    CountP(tmp_path, P(), None).generate()
    text = str(step.explain())
    for expected in ("n = 1", "depends on count_p(", "count_p(", "has another payload now"):
        assert expected in text
    assert "<table>" in step.explain()._repr_html_()
    assert repr(step.explain()) == text
