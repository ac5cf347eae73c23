"""Code written for persistable 1.x runs: names, arguments, defaults, files and hooks, line by line of the contract."""

from __future__ import annotations

import inspect
import json
import logging
import multiprocessing
import pickle
from abc import ABC
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import persistable
import persistable.data
import persistable.exceptions
import persistable.io
import persistable.logging
from persistable import Persistable, PersistableParams
from persistable.exceptions import (
    ExplainedNotImplementedError,
    InvalidPayloadError,
    InvalidPayloadWarning,
    NoPayloadError,
    PayloadError,
)
from persistable.io import FileIO, PickleFileIO


class Mode(Enum):
    FAST = "f"


@dataclass
class Params(PersistableParams):
    n: int
    random_state: int = 100


@dataclass
class RichParams(PersistableParams):
    path: Path = Path("a/b")
    mode: Mode = Mode.FAST
    inner: Params = field(default_factory=lambda: Params(1))


class GaussianDistributedPointsP(Persistable[NDArray[np.float64], Params]):
    def _generate_payload(self, **untracked_payload_params: Any) -> NDArray[np.float64]:
        np.random.seed(self.params.random_state)
        return np.random.random(self.params.n)

    def _validate_payload(self, payload: NDArray[np.float64]) -> None:
        if len(payload) != self.params.n:
            raise InvalidPayloadError(f"there are {len(payload)} numbers, and n is {self.params.n}")


class SumP(Persistable[float, None]):
    def __init__(self, data_dir: Path, points: GaussianDistributedPointsP, **kwargs: Any) -> None:
        super().__init__(data_dir, None, [points], **kwargs)
        self.points = points

    def _generate_payload(self, **untracked_payload_params: Any) -> float:
        return float(self.points.payload.sum())


def points(folder: Path, n: int = 3, **kwargs: Any) -> GaussianDistributedPointsP:
    return GaussianDistributedPointsP(folder, Params(n), None, **kwargs)


def payload_file(step: Persistable[Any, Any], suffix: str = ".persistable") -> Path:
    return step.persist_filepath.with_name(step.persist_filepath.name + suffix)


# --- names ------------------------------------------------------------------------------------------------------------


def test_every_name_is_where_it_was() -> None:
    assert persistable.Persistable and persistable.__version__
    assert persistable.PersistableParams is persistable.data.PersistableParams
    assert persistable.data.PersistableParam
    assert issubclass(persistable.io.PickleFileIO, persistable.io.FileIO)
    assert issubclass(persistable.data.PersistableParams, persistable.io.DictEncodable)
    assert persistable.io.PayloadTypeT.__name__ == "PayloadTypeT"
    assert issubclass(persistable.exceptions.NoPayloadError, persistable.exceptions.PayloadError)
    assert issubclass(persistable.exceptions.InvalidPayloadError, persistable.exceptions.PayloadError)
    assert issubclass(persistable.exceptions.InvalidPayloadWarning, Warning)
    assert isinstance(persistable.exceptions.ExplainedNotImplementedError("m"), NotImplementedError)


def test_get_logger_has_its_arguments_and_defaults() -> None:
    parameters = inspect.signature(persistable.logging.get_logger).parameters
    expected = ["name", "file_loc", "console_level", "file_level", "format_str", "adapt_from_logger"]
    assert list(parameters) == expected
    assert parameters["console_level"].default == parameters["file_level"].default == logging.DEBUG
    assert isinstance(parameters["format_str"].default, str)
    assert parameters["adapt_from_logger"].default is None


# --- making a step ----------------------------------------------------------------------------------------------------


def test_the_arguments_have_their_names_kinds_and_defaults() -> None:
    parameters = list(inspect.signature(Persistable.__init__).parameters.values())[1:]
    assert [p.name for p in parameters[:3]] == ["data_dir", "params", "tracked_persistable_dependencies"]
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters[:3])
    options = {p.name: p.default for p in parameters[3:]}
    assert options == {
        "payload_name": None,
        "payload_io": None,
        "payload_file_suffix": ".persistable",
        "verbose": False,
        "logger": None,
    }
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters[3:])


def test_the_first_three_may_be_given_by_keyword(tmp_path: Path) -> None:
    by_keyword = GaussianDistributedPointsP(data_dir=tmp_path, params=Params(3), tracked_persistable_dependencies=None)
    assert by_keyword.persist_filepath == points(tmp_path).persist_filepath


def test_the_data_folder_is_created_with_its_parents(tmp_path: Path) -> None:
    points(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def _make_step(folder: Path) -> bool:
    return points(folder).data_dir.is_dir()


def test_many_processes_may_create_it_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert all(pool.map(_make_step, [tmp_path / "x" / "y" / "z"] * 16))


@pytest.mark.parametrize("kind", [list, tuple, set, iter, lambda steps: (step for step in steps)])
def test_dependencies_are_any_iterable_which_is_read_once_and_kept(tmp_path: Path, kind: Any) -> None:
    step = Persistable(tmp_path, None, kind([points(tmp_path)]), payload_name="sum_p")
    expected = SumP(tmp_path, points(tmp_path))
    assert step.persist_hash == step.persist_hash == expected.persist_hash
    assert len(list(step.tracked_persistable_dependencies)) == len(list(step.tracked_persistable_dependencies)) == 1


@pytest.mark.parametrize("none", [None, (), []])
def test_no_dependencies_may_be_said_in_any_way(tmp_path: Path, none: Any) -> None:
    step = GaussianDistributedPointsP(tmp_path, Params(3), none)
    assert step.persist_hash == points(tmp_path).persist_hash


def test_the_payload_name_is_the_class_name_in_snake_case(tmp_path: Path) -> None:
    assert points(tmp_path).payload_name == "gaussian_distributed_points_p"
    assert points(tmp_path, payload_name="other").payload_name == "other"


def test_the_payload_io_is_a_pickle_by_default(tmp_path: Path) -> None:
    assert type(points(tmp_path).payload_io) is PickleFileIO


def test_all_arguments_are_attributes_afterwards(tmp_path: Path) -> None:
    io, logger, params = PickleFileIO[Any](), logging.Logger("mine"), Params(3)
    step = GaussianDistributedPointsP(
        tmp_path, params, [], payload_name="x", payload_io=io, payload_file_suffix=".p", verbose=True, logger=logger
    )
    assert step.data_dir == tmp_path
    assert step.params is params
    assert list(step.tracked_persistable_dependencies) == []
    assert (step.payload_name, step.payload_file_suffix, step.verbose) == ("x", ".p", True)
    assert step.payload_io is io
    assert step.logger is logger


def test_the_default_logger_writes_beside_the_artifacts(tmp_path: Path) -> None:
    step = points(tmp_path)
    assert isinstance(step.logger, logging.Logger)
    step.logger.debug("hello")
    assert "hello" in (tmp_path / "gaussian_distributed_points_p.log").read_text()


# --- properties -------------------------------------------------------------------------------------------------------


def test_the_params_tree_is_nested_dicts(tmp_path: Path) -> None:
    assert points(tmp_path).params_tree == {"n": 3, "random_state": 100}
    assert SumP(tmp_path, points(tmp_path)).params_tree == {
        "gaussian_distributed_points_p": {"n": 3, "random_state": 100}
    }
    rich = Persistable(tmp_path, RichParams(), [points(tmp_path)], payload_name="rich")
    assert rich.params_tree == {
        "path": "a/b",
        "mode": "FAST",
        "inner": {"n": 1, "random_state": 100},
        "gaussian_distributed_points_p": {"n": 3, "random_state": 100},
    }


def test_the_hash_is_a_text_equal_for_equal_configurations_only(tmp_path: Path) -> None:
    step = points(tmp_path)
    assert isinstance(step.persist_hash, str)
    assert step.persist_hash == points(tmp_path / "elsewhere").persist_hash
    others = [points(tmp_path, 4), points(tmp_path, payload_name="other"), SumP(tmp_path, step)]
    assert len({step.persist_hash, *(other.persist_hash for other in others)}) == 4


def test_the_file_path_is_made_of_folder_name_and_hash(tmp_path: Path) -> None:
    step = points(tmp_path)
    assert step.persist_filepath == tmp_path / f"gaussian_distributed_points_p({step.persist_hash})"


def test_the_properties_answer_for_the_present_values(tmp_path: Path) -> None:
    step = points(tmp_path, 3)
    step.params.n = 4
    assert step.params_tree["n"] == 4
    assert step.persist_hash == points(tmp_path, 4).persist_hash
    step.params = Params(5)
    assert step.persist_filepath == points(tmp_path, 5).persist_filepath
    step.payload_name = "other"
    assert step.persist_filepath == points(tmp_path, 5, payload_name="other").persist_filepath
    total = SumP(tmp_path, points(tmp_path, 5))
    before = total.persist_hash
    total.tracked_persistable_dependencies = [points(tmp_path, 6)]
    assert total.persist_hash == SumP(tmp_path, points(tmp_path, 6)).persist_hash != before
    below = points(tmp_path, 7)
    total.tracked_persistable_dependencies = [below]
    before = total.persist_hash
    below.params.n = 8
    assert total.persist_hash != before


# --- generate, persist, load ------------------------------------------------------------------------------------------


def test_generating_validates_keeps_and_persists(tmp_path: Path) -> None:
    step = points(tmp_path, 3)
    assert step._payload is None
    step.generate()
    assert step._payload is step.payload
    assert payload_file(step).is_file()
    same = points(tmp_path, 3)
    same.load()
    np.testing.assert_array_equal(same.payload, step.payload)


def test_generating_does_not_persist_when_told_not_to(tmp_path: Path) -> None:
    step = points(tmp_path)
    step.generate(persist=False)
    assert step._payload is not None
    assert not payload_file(step).exists()
    step.persist()
    assert payload_file(step).is_file()


def test_the_params_file_is_exactly_the_tree(tmp_path: Path) -> None:
    for step in (points(tmp_path), SumP(tmp_path, points(tmp_path))):
        step.generate()
        assert json.loads(payload_file(step, ".params.json").read_text()) == step.params_tree


def test_the_suffix_is_the_one_given(tmp_path: Path) -> None:
    step = points(tmp_path, payload_file_suffix=".pkl")
    step.generate()
    assert payload_file(step, ".pkl").is_file()


def test_persisting_without_a_payload_is_a_value_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="payload"):
        points(tmp_path).persist()


def test_loading_what_is_not_there_is_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        points(tmp_path).load()


def test_load_generate_loads_and_on_a_miss_generates(tmp_path: Path) -> None:
    generated: list[str] = []

    class CountedP(Persistable[int, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            generated.append("x")
            return self.params.n

    for _ in range(3):
        step = CountedP(tmp_path, Params(7), None)
        step.load_generate()
        assert step.payload == 7
    assert CountedP(tmp_path, Params(7), None).payload == 7
    assert len(generated) == 1


def test_the_payload_is_loaded_or_generated_once(tmp_path: Path) -> None:
    step = points(tmp_path)
    assert step.payload is step.payload


def test_what_the_validator_refuses_is_not_loaded_or_kept_with_a_warning(tmp_path: Path) -> None:
    class StrictP(Persistable[int, Params]):
        limit = 10

        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            return self.params.n

        def _validate_payload(self, payload: int) -> None:
            if payload > self.limit:
                raise InvalidPayloadError("too large")

    with pytest.raises(InvalidPayloadError):
        StrictP(tmp_path, Params(11), None).generate()
    StrictP(tmp_path, Params(9), None).generate()
    step = StrictP(tmp_path, Params(9), None)
    step.limit = 5
    with pytest.raises(InvalidPayloadError, match="too large"):
        step.load()
    assert step._payload is None
    with pytest.warns(InvalidPayloadWarning, match="too large"):
        step.load(warn_if_validation_fails=True)
    assert step._payload == 9


def test_a_payload_can_be_validated_by_itself(tmp_path: Path) -> None:
    step = points(tmp_path, 3)
    with pytest.raises(NoPayloadError):
        step.validate_payload()
    step.validate_payload(np.zeros(3))
    with pytest.raises(InvalidPayloadError):
        step.validate_payload(payload=np.zeros(4))
    step.generate()
    step.validate_payload()


def test_a_validator_may_raise_whatever_it_likes(tmp_path: Path) -> None:
    class AssertingP(Persistable[int, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            return self.params.n

        def _validate_payload(self, payload: int) -> None:
            assert payload > 0, "not positive"

    with pytest.raises(AssertionError, match="not positive"):
        AssertingP(tmp_path, Params(0), None).generate()


def test_resetting_forgets_the_payload_in_memory_only(tmp_path: Path) -> None:
    step = points(tmp_path)
    step.generate()
    step.reset_payload()
    assert step._payload is None
    step.load()
    assert step._payload is not None


def test_a_generator_that_is_missing_is_explained(tmp_path: Path) -> None:
    class EmptyP(Persistable[int, Params]):
        pass

    with pytest.raises(ExplainedNotImplementedError, match="_generate_payload"):
        EmptyP(tmp_path, Params(1), None).generate()


def test_what_the_generator_raises_comes_through(tmp_path: Path) -> None:
    class BrokenP(Persistable[int, Params]):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            raise KeyError("mine")

    for call in ("generate", "load_generate"):
        with pytest.raises(KeyError, match="mine"):
            getattr(BrokenP(tmp_path, Params(1), None), call)()
    assert not list(tmp_path.glob("*.manifest.json"))


# --- an ordinary Python class -----------------------------------------------------------------------------------------


def test_it_is_subclassed_like_any_class(tmp_path: Path) -> None:
    class Mixin:
        def doubled(self: Any) -> int:
            return int(self.payload) * 2

    class BaseP(Persistable[int, Params], ABC):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            return self.params.n

    class DerivedP(Mixin, BaseP):
        pass

    step = DerivedP(tmp_path, Params(4), None)
    step.anything = "is fine"  # type: ignore[attr-defined]
    assert step.doubled() == 8
    assert step.payload_name == "derived_p"
    assert isinstance(step, Persistable)


def test_its_payload_can_be_set_in_tests(tmp_path: Path) -> None:
    step = points(tmp_path)
    step._payload = np.ones(3)
    assert step.payload.sum() == 3.0
    step.persist()
    assert payload_file(step).is_file()


def test_a_step_can_be_pickled(tmp_path: Path) -> None:
    step = SumP(tmp_path, points(tmp_path))
    expected = step.payload
    same = pickle.loads(pickle.dumps(step))
    assert same.persist_hash == step.persist_hash
    assert same.payload == expected


def test_a_pickle_has_a_persisted_payload_only_if_that_was_asked_for(tmp_path: Path) -> None:
    step = SumP(tmp_path, points(tmp_path))
    expected = step.payload
    assert pickle.loads(pickle.dumps(step))._payload is None
    step.pickles_payload = True
    with_payload = pickle.loads(pickle.dumps(step))
    assert with_payload._payload == expected
    step.remove()
    assert with_payload.payload == expected
    assert not with_payload.is_persisted


class _Lines(FileIO[list[str]]):
    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        with open(filepath, "w") as file:  # noqa: PTH123
            file.writelines(f"{line}\n" for line in payload)

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        with open(filepath) as file:  # noqa: PTH123
            return file.read().splitlines()


class _LinesP(Persistable[list[str], Params]):
    def _generate_payload(self, **untracked_payload_params: Any) -> list[str]:
        return ["a"] * self.params.n


def test_a_payload_io_of_1x_runs_unchanged(tmp_path: Path) -> None:
    step = _LinesP(tmp_path, Params(2), None, payload_io=_Lines(), payload_file_suffix=".txt")
    step.generate()
    assert payload_file(step, ".txt").read_text() == "a\na\n"
    same = _LinesP(tmp_path, Params(2), None, payload_io=_Lines(), payload_file_suffix=".txt")
    same.load()
    assert same.payload == ["a", "a"]


def test_a_payload_io_works_by_itself_and_creates_the_folder(tmp_path: Path) -> None:
    io = _Lines()
    io.save(["x"], tmp_path / "new" / "file")
    assert io.load(tmp_path / "new" / "file") == ["x"]
    with pytest.raises(OSError):
        io.save(["x"], tmp_path / "other" / "file", create_folder=False)
    with pytest.raises(FileNotFoundError):
        io.load(tmp_path / "nothing")


def test_a_failure_to_save_names_type_file_and_io_and_chains_the_cause(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:
        _Lines().save(5, tmp_path / "file")  # type: ignore[arg-type]
    message = str(caught.value)
    assert "int" in message
    assert str(tmp_path / "file") in message
    assert "_Lines" in message
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_failure_to_persist_is_an_os_error(tmp_path: Path) -> None:
    class LambdasP(Persistable[Any, None]):
        def _generate_payload(self, **untracked_payload_params: Any) -> Any:
            return Path(__file__).open()  # A file can't be pickled.

    step = LambdasP(tmp_path, None, None)
    with pytest.raises(OSError) as caught:
        step.generate()
    assert not isinstance(caught.value, PayloadError)
    step.payload.close()
