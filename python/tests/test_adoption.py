"""Artifacts that persistable 1.x left behind are adopted where their name can only mean this step."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import pytest
from adoption_support import (
    PLAIN,
    Inner,
    Mode,
    Params,
    ValueP,
    left,
    made,
    old_path,
    without_a_key,  # noqa: F401  # It holds for each test.
)

from persistable import PersistableParams, _adoption, _adoption_listing, _adoption_name, run
from persistable.io import FileIO

# --- adopting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["load", "load_generate"])
def test_an_old_artifact_is_loaded_and_persisted_anew(tmp_path: Path, call: str) -> None:
    path = left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    getattr(step, call)()
    assert (step.payload, step.generations) == ("old", 0)
    path.unlink()
    again = made(tmp_path, Params())
    again.load()
    assert again.payload == "old"


def test_the_payload_of_an_old_artifact_may_be_none(tmp_path: Path) -> None:
    left(tmp_path, PLAIN, payload=None)
    step = made(tmp_path, Params())
    assert step.payload is None
    assert step.generations == 0


def test_the_hook_of_loading_runs(tmp_path: Path) -> None:
    class HookedP(ValueP):
        said = ""

        def _post_load(self) -> None:  # type: ignore[override]
            self.said += "loaded"

        def _post_generate(self) -> None:  # type: ignore[override]
            self.said += "generated"

    left(tmp_path, PLAIN)
    step = HookedP(tmp_path, Params(), None, payload_name="value")
    step.load_generate()
    assert step.said == "loaded"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"n": 2}, {"n": 2}),
        ({"text": "it's"}, {"text": "it's"}),
        ({"n": 0.1}, {"n": 0.1}),
        ({"n": True}, {"n": True}),
        ({"n": [1, (2.5, None), [True]]}, {"n": [1, (2.5, None), [True]]}),
        ({"texts": [1, (2.5, "a"), {"k": "v"}]}, {"texts": [1, (2.5, "a"), {"k": "v"}]}),
        ({"place": Path("a/b")}, {"place": "a/b"}),
        ({"maybe": Mode.FAST}, {"maybe": "FAST"}),
        ({"inner": Inner(5)}, {"inner": {"depth": 5}}),
    ],
)
def test_plain_values_are_named_as_they_were(tmp_path: Path, changes: dict[str, Any], shown: dict[str, Any]) -> None:
    left(tmp_path, {**PLAIN, **shown})
    assert made(tmp_path, Params(**changes)).payload == "old"
    assert made(tmp_path, Params(n=77)).payload == "new"


def test_dependencies_stand_behind_the_params_in_the_old_name(tmp_path: Path) -> None:
    left(tmp_path, {"depth": 1, "a": {"depth": 2}, "b": {"depth": 3, "c": {}}})
    below = [
        made(tmp_path, Inner(2), payload_name="a"),
        made(tmp_path, Inner(3), [made(tmp_path, payload_name="c")], payload_name="b"),
    ]
    assert made(tmp_path, Inner(1), below).payload == "old"


def test_a_step_without_params_has_an_old_name_too(tmp_path: Path) -> None:
    left(tmp_path, {})
    assert made(tmp_path).payload == "old"


def test_exclusions_encoders_and_dicts_of_the_users_own_count_as_they_did(tmp_path: Path) -> None:
    @dataclass
    class Special(PersistableParams):
        strange: Any
        threads: int = 1

        @property
        def _excluded_attributes(self) -> set[str]:
            return {"threads"}

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {complex: lambda value: value.real}

    class Own(PersistableParams):
        def to_dict(self) -> dict[str, Any]:
            return {"mine": 1}

    left(tmp_path, {"strange": 2.0})
    assert made(tmp_path, Special(2 + 0j)).payload == "old"
    left(tmp_path, {"mine": 1})
    assert made(tmp_path, Own()).payload == "old"


def test_the_users_own_payload_io_reads_it(tmp_path: Path) -> None:
    class TextIO(FileIO[str]):
        def _save(self, payload: str, filepath: Path, **kwargs: Any) -> None:
            filepath.write_text(payload)

        def _load(self, filepath: Path, **kwargs: Any) -> str:
            return filepath.read_text()

    path = old_path(tmp_path, PLAIN, suffix=".txt")
    path.write_text("old text")
    path.chmod(0o644)
    step = made(tmp_path, Params(), payload_io=TextIO(), payload_file_suffix=".txt")
    assert step.payload == "old text"


def test_what_is_persisted_by_now_comes_first(tmp_path: Path) -> None:
    made(tmp_path, Params()).generate()
    left(tmp_path, PLAIN)
    assert made(tmp_path, Params()).payload == "new"


def test_generating_never_asks_for_old_artifacts(tmp_path: Path) -> None:
    left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    step.generate()
    assert step.payload == "new"


@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_what_is_adopted_is_told_as_a_warning_of_the_log_only(tmp_path: Path, call: str) -> None:
    path = left(tmp_path, PLAIN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(made(tmp_path, Params()), call)()
    told = [line for line in (tmp_path / "value.log").read_text().splitlines() if "adopting" in line]
    assert len(told) == 1
    assert " WARN " in told[0]
    assert str(path) in told[0]


# --- damage -----------------------------------------------------------------------------------------------------------


def test_a_torn_old_artifact_is_a_miss_with_a_warning(tmp_path: Path) -> None:
    path = left(tmp_path, PLAIN, list(range(1000)))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(UserWarning, match="can't be loaded"), pytest.raises(FileNotFoundError):
        made(tmp_path, Params()).load()
    with pytest.warns(UserWarning, match="can't be loaded"):
        assert made(tmp_path, Params()).payload == "new"
    assert path.exists()


def test_an_old_payload_that_is_invalid_is_not_adopted(tmp_path: Path) -> None:
    class StrictP(ValueP):
        def _validate_payload(self, payload: Any) -> None:
            if payload != "new":
                raise ValueError("old")

    left(tmp_path, PLAIN)
    step = StrictP(tmp_path, Params(), None, payload_name="value")
    with pytest.raises(ValueError, match="old"):
        step.load()
    assert not list(tmp_path.glob("*.manifest.json"))


# --- graphs -----------------------------------------------------------------------------------------------------------


def test_graphs_that_1x_could_not_name_take_no_time(tmp_path: Path) -> None:
    deep = made(tmp_path, payload_name="s0")
    for number in range(1, 2000):
        deep = made(tmp_path, None, [deep], payload_name=f"s{number}")
    wide = made(tmp_path, payload_name="d0")
    for number in range(1, 60):
        sides = [made(tmp_path, None, [wide], payload_name=f"{side}{number}") for side in "lr"]
        wide = made(tmp_path, None, sides, payload_name=f"d{number}")
    assert deep.payload == wide.payload == "new"


def deep_chain(folder: Path, length: int, salt: int) -> tuple[ValueP, Any]:
    """A chain whose steps have one name, and the tree that 1.x had for it."""
    step, tree = made(folder, Inner(salt)), {"depth": salt}
    for number in range(1, length):
        step = made(folder, Inner(number), [step])
        tree = {"depth": number, "value": tree}  # type: ignore[dict-item]
    return step, tree


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[ValueP]:
    """The steps for which an old name was made."""
    named: list[ValueP] = []
    name_of = _adoption_name.name_of
    monkeypatch.setattr(_adoption_name, "name_of", lambda step: named.append(step) or name_of(step))
    monkeypatch.setattr(_adoption_listing, "_SECONDS", 1000.0)
    return named


def settled(folder: Path) -> Path:
    """The folder, which was changed some time ago."""
    os.utime(folder, (0, 0))
    return folder


def test_an_old_artifact_of_a_deep_chain_is_found(tmp_path: Path) -> None:
    step, tree = deep_chain(tmp_path, 60, salt=-2)
    path = left(tmp_path, tree)
    assert _adoption.find(step) == path
    assert step.payload == "old"
    assert step.generations == 0


# --- folders without old artifacts ------------------------------------------------------------------------------------


def test_no_old_names_are_made_in_a_folder_without_old_artifacts(tmp_path: Path, named: list[ValueP]) -> None:
    for n in range(20):
        assert made(tmp_path, Params(n)).payload == "new"
    assert len(named) == 1, "only the first miss looks for one file"
    chain, _ = deep_chain(tmp_path, 50, salt=-1)
    assert chain.payload == "new"
    assert len(named) == 1


def test_no_old_names_are_made_by_loads_that_miss(tmp_path: Path, named: list[ValueP]) -> None:
    (tmp_path / "value.log").touch()
    settled(tmp_path)
    for n in range(20):
        with pytest.raises(FileNotFoundError):
            made(tmp_path, Params(n)).load()
    assert len(named) == 1


def test_old_artifacts_of_other_steps_cost_no_names(tmp_path: Path, named: list[ValueP]) -> None:
    left(tmp_path, PLAIN, payload_name="other")
    for n in range(20):
        assert made(tmp_path, Params(n)).payload == "new"
    assert len(named) == 1


@pytest.mark.parametrize("is_late", [False, True])
def test_an_old_artifact_is_found_after_many_others_were_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    monkeypatch.setattr(_adoption_listing, "_SECONDS", 0.0)
    if not is_late:
        left(tmp_path, PLAIN)
    for n in range(2, 9):
        assert made(tmp_path, Params(n)).payload == "new"
    if is_late:
        left(tmp_path, PLAIN)
    assert made(tmp_path, Params()).payload == "old"


@pytest.mark.parametrize("is_settled", [False, True])
def test_load_finds_an_old_artifact_that_came_a_moment_ago(
    tmp_path: Path, named: list[ValueP], is_settled: bool
) -> None:
    (tmp_path / "value.log").touch()
    for _ in range(3):
        if is_settled:
            settled(tmp_path)
        with pytest.raises(FileNotFoundError):
            made(tmp_path, Params()).load()
    path = left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    step.load()
    assert step.payload == "old"
    assert path.exists()


def test_a_run_sees_an_old_artifact_that_came_before_it(tmp_path: Path, named: list[ValueP]) -> None:
    for n in range(2, 9):
        assert made(tmp_path, Params(n)).payload == "new"
    left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    run(step)
    assert (step.payload, step.generations) == ("old", 0)


def test_a_folder_that_takes_long_to_list_may_have_any_old_artifact(
    tmp_path: Path, named: list[ValueP], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_adoption_listing, "_LONGEST_LISTING_SECONDS", -1.0)
    for n in range(2, 9):
        assert made(tmp_path, Params(n)).payload == "new"
    left(tmp_path, PLAIN)
    assert made(tmp_path, Params()).payload == "old"


def test_a_large_folder_may_have_any_old_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_adoption_listing, "_MOST_NAMES", 3)
    for n in range(2, 9):
        assert made(tmp_path, Params(n)).payload == "new"
    left(tmp_path, PLAIN)
    assert made(tmp_path, Params()).payload == "old"


def test_an_old_artifact_of_a_name_with_a_dot_is_named_in_a_warning(tmp_path: Path) -> None:
    for n in range(3):
        assert made(tmp_path, Params(n), payload_name="value.x").payload == "new"
    (tmp_path / "value.persistable").touch()
    with pytest.warns(UserWarning, match="has a dot"):
        assert made(tmp_path, Params(7), payload_name="value.x").payload == "new"
