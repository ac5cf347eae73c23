"""A miss says why: what is nearest and what differs, or that it was removed, or that params evolved."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable import Persistable, PersistableParams, step
from persistable.exceptions import DeniedError, MissingPayloadError
from persistable.io import JsonFileIO


def missing(made: Any) -> str:
    """Returns what `load()` says of a step that is missing."""
    with pytest.raises(MissingPayloadError) as raised:
        made.load()
    return str(raised.value)


def test_load_names_the_nearest_and_what_differs(tmp_path: Path) -> None:
    assert "Why" not in missing(NumberP(tmp_path, NumberParams(1)))
    NumberP(tmp_path, NumberParams(1)).generate()
    assert "n is 1 there and 2 here" in missing(NumberP(tmp_path, NumberParams(2)))


def test_dependencies_in_another_order_are_recognised(tmp_path: Path) -> None:
    below = [NumberP(tmp_path, NumberParams(n), payload_name=f"n{n}") for n in (1, 2)]
    NumberP(tmp_path, NumberParams(3), below).generate()
    said = missing(NumberP(tmp_path, NumberParams(3), below[::-1]))
    assert "is the same, but for the order of the dependencies" in said
    assert "give them in the order n1, n2" in said


def test_load_tells_of_a_removal(tmp_path: Path) -> None:
    made = NumberP(tmp_path, NumberParams(1))
    made.generate()
    made.remove()
    assert "it was removed at " in missing(made)


def test_the_line_to_add_is_told_if_params_evolved(tmp_path: Path) -> None:
    def fit(n: int) -> int:
        return n

    step(payload_name="fit", payload_io=JsonFileIO(), code_change="ignore")(fit)(tmp_path, n=1).generate()

    def fit_later(n: int, method: str = "half", deep: bool = False) -> int:
        return n

    later = step(payload_name="fit", payload_io=JsonFileIO(), code_change="ignore")(fit_later)(tmp_path, n=1)
    assert 'add added_with_defaults={"method": "half", "deep": False} to @step' in missing(later)

    def fit_renamed(count: int) -> int:
        return count

    renamed = step(payload_name="fit", payload_io=JsonFileIO(), code_change="ignore")(fit_renamed)(tmp_path, count=1)
    assert 'renamed={"count": "n"}' in missing(renamed)


def test_load_generate_logs_why(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Only the first miss of a payload name is explained for certain.
    @step(payload_name="logged_here_alone", payload_io=JsonFileIO())
    def fit(n: int) -> int:
        return n

    fit(tmp_path, n=1).generate()
    with caplog.at_level(logging.DEBUG, "persistable"):
        fit(tmp_path, n=2).load_generate()
    log = (tmp_path / "logged_here_alone.log").read_text()
    assert "not persisted yet: the nearest is logged_here_alone(" in log
    assert "n is 1 there and 2 here" in log


def test_a_miss_costs_the_same_in_a_large_folder(tmp_path: Path) -> None:
    """It reads a bounded number of files, however many there are."""
    for n in range(40):
        NumberP(tmp_path, NumberParams(n)).generate()
    (tmp_path / "number_p.log").unlink()
    assert "of 24 that were looked at" in missing(NumberP(tmp_path, NumberParams(1000)))
    explained = str(NumberP(tmp_path, NumberParams(1000)).explain())
    assert "the nearest of 40 is number_p(" in explained
    assert "n is 39 there and 1000 here" in explained


def test_a_step_tells_whether_it_is_persisted(tmp_path: Path) -> None:
    made = NumberP(tmp_path, NumberParams(1))
    assert made.is_persisted is False
    made.generate(persist=False)
    assert made.is_persisted is False
    made.persist()
    assert made.is_persisted is True
    made.remove()
    assert made.is_persisted is False


def test_a_name_of_the_user_s_takes_the_place_of_is_persisted(tmp_path: Path) -> None:
    @dataclass
    class Params(PersistableParams):
        is_persisted: bool = True

    class Own(Persistable[int, Params]):
        def __init__(self, data_dir: Path) -> None:
            super().__init__(data_dir, Params(), None)
            self.is_persisted = "mine"  # type: ignore[assignment, misc]

        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            return 1

    assert Own(tmp_path).is_persisted == "mine"
    assert Own(tmp_path).payload == 1
    assert Own(tmp_path).params_tree == {"is_persisted": True}


def test_what_is_pinned_is_not_removed_by_its_step(tmp_path: Path) -> None:
    from persistable import Catalogue

    made = NumberP(tmp_path, NumberParams(1))
    made.generate()
    entry = Catalogue(tmp_path)[made]
    entry.pin("for the paper")
    with pytest.raises(DeniedError, match="pinned"):
        made.remove()
    entry.unpin()
    assert made.remove()
