"""Attributes may be reassigned: a step follows its present params, and no payload is taken for another's."""

from __future__ import annotations

import copy
import pickle
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from support import NumberP, NumberParams, run

from persistable import Persistable, PersistableParams
from persistable.exceptions import NoPayloadError, OutdatedPayloadError, UnsupportedParameterError
from persistable.io import JsonFileIO


@dataclass
class SumParams(PersistableParams):
    extra: list[int] = field(default_factory=list)


class SumP(Persistable[int, SumParams]):
    def _generate_payload(self, **untracked: Any) -> int:
        return sum(number.payload for number in self.tracked_persistable_dependencies or ()) + sum(self.params.extra)


def test_a_payload_in_memory_is_not_handed_out_for_other_params(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    assert step.payload == 1
    step.params.n = 2
    assert step.payload == 2
    step.params = NumberParams(1)
    assert step.payload == 1
    assert step.generations == 2


def test_nor_for_params_that_were_changed_in_place(tmp_path: Path) -> None:
    step = SumP(tmp_path, SumParams([1]), None)
    assert step.payload == 1
    step.params.extra.append(2)
    assert step.payload == 3
    vars(step.params)["extra"] = [5]
    assert step.payload == 5


def test_nor_for_a_dependency_with_other_params(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(1), None)
    step = SumP(tmp_path, SumParams(), [number])
    assert step.payload == 1
    before = step.persist_hash
    number.params.n = 7
    assert step.persist_hash != before
    assert step.payload == 7


def test_nor_for_other_dependencies(tmp_path: Path) -> None:
    numbers = [NumberP(tmp_path, NumberParams(n), None) for n in range(3)]
    step = SumP(tmp_path, SumParams(), numbers[:1])
    assert step.payload == 0
    step.tracked_persistable_dependencies = numbers
    assert step.payload == 3
    numbers.append(numbers[2])
    assert step.payload == 5


def test_nor_for_another_version(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    assert step.payload == 1
    step.payload_version = "2"
    assert step.payload == 1
    assert step.generations == 2


def test_a_payload_is_not_persisted_for_other_params(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    step.generate(persist=False)
    step.params.n = 2
    with pytest.raises(OutdatedPayloadError, match="changed since"):
        step.persist()
    assert list(tmp_path.glob("*.manifest.json")) == []
    step.params.n = 1
    step.persist()


def test_a_payload_may_be_persisted_under_another_name(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    step.generate()
    step.payload_name = "copy"
    step.persist()
    assert step.persist_filepath.name.startswith("copy(")
    again = NumberP(tmp_path, NumberParams(1), None, payload_name="copy")
    again.load()
    assert again.payload == 1


def test_a_payload_that_the_user_sets_is_the_payload(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    step._payload = 5
    assert step.payload == 5
    step.persist()
    again = NumberP(tmp_path, NumberParams(1), None)
    again.load()
    assert again.payload == 5


def test_none_is_a_payload(tmp_path: Path) -> None:
    class NoneP(Persistable[None, NumberParams]):
        generations = 0

        def _generate_payload(self, **untracked: Any) -> None:
            self.generations += 1

    step = NoneP(tmp_path, NumberParams(), None)
    with pytest.raises(NoPayloadError):
        step.validate_payload()
    assert step.payload is None
    assert step.payload is None
    step.validate_payload()
    step.persist()
    again = NoneP(tmp_path, NumberParams(), None)
    assert again.payload is None
    assert (step.generations, again.generations) == (1, 0)


def test_a_data_folder_may_be_reassigned(tmp_path: Path) -> None:
    step = NumberP(tmp_path / "a", NumberParams(1), None)
    step.generate()
    step.data_dir = tmp_path / "b"
    with pytest.raises(FileNotFoundError):
        step.load()
    step.persist()
    assert step.persist_filepath.parent == tmp_path / "b"
    step.load()


def test_copies_and_pickles_of_a_step_are_that_step(tmp_path: Path) -> None:
    step = SumP(tmp_path, SumParams([1]), [NumberP(tmp_path, NumberParams(2), None)])
    step.generate()
    for other in (copy.copy(step), copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert other.persist_hash == step.persist_hash
        assert other.payload == 3
        other.params = SumParams([5])
        assert other.payload == 7
    assert step.payload == 3


def test_a_pickle_does_not_hand_out_a_payload_of_other_params(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    step.generate(persist=False)
    step.params.n = 2
    assert pickle.loads(pickle.dumps(step)).payload == 2


def test_a_step_can_not_depend_on_itself(tmp_path: Path) -> None:
    step = SumP(tmp_path, SumParams(), [NumberP(tmp_path, NumberParams(), None)])
    other = SumP(tmp_path, SumParams(), [step], payload_name="other")
    step.tracked_persistable_dependencies = [other]
    for ask in (lambda: step.persist_hash, lambda: step.params_tree, lambda: other.payload):
        with pytest.raises(UnsupportedParameterError, match="depends on itself"):
            ask()


def test_deep_and_wide_graphs_are_looked_at_once(tmp_path: Path) -> None:
    below: list[Any] = [NumberP(tmp_path, NumberParams(n), None) for n in (1, 2)]
    for level in range(2_000):
        below = [SumP(tmp_path, SumParams([level, side]), below, payload_name="diamond") for side in (0, 1)]
    assert len(below[0].persist_hash) == 32
    assert below[0].params_tree["extra"] == [1_999, 0]


def test_places_of_dependencies_can_be_named(tmp_path: Path) -> None:
    one, two = (NumberP(tmp_path, NumberParams(n), None) for n in (1, 2))
    hashes = {
        SumP(tmp_path, SumParams(), places).persist_hash
        for places in (
            {"first": one, "second": two},
            {"first": two, "second": one},
            {"first": [one, two], "second": None},
            {"first": [one], "second": [two]},
            [one, two],
        )
    }
    assert len(hashes) == 4, "a list of one is the one"
    step = SumP(tmp_path, SumParams(), {"second": two, "first": one})
    assert step.persist_hash in hashes, "the order in which places are written does not matter"
    assert step.params_tree.keys() >= {"extra"}


@pytest.mark.parametrize("wrong", [5, [5], {"place": 5}, {5: []}])
def test_what_is_no_dependency_is_refused(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(TypeError):
        SumP(tmp_path, SumParams(), wrong)


def test_one_dependency_without_a_list_is_refused_with_advice(tmp_path: Path) -> None:
    wrong: Any = NumberP(tmp_path, NumberParams(), None)
    with pytest.raises(TypeError, match="into a list"):
        SumP(tmp_path, SumParams(), wrong)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("persist_durability", "slow"), ("load_verification", "maybe"), ("lease_wait_seconds", -1.0)],
)
def test_a_setting_that_does_not_exist_is_refused(tmp_path: Path, setting: str, value: Any) -> None:
    step = NumberP(tmp_path, NumberParams(), None)
    setattr(step, setting, value)
    with pytest.raises(ValueError, match=setting):
        step.load_generate()


def test_dependencies_in_a_dict_are_read_once_and_counted(tmp_path: Path) -> None:
    one, two = (NumberP(tmp_path, NumberParams(n), None) for n in (1, 2))
    steps = [SumP(tmp_path, SumParams(), {"place": (number for number in [of])}) for of in (one, two)]
    assert steps[0].persist_hash != steps[1].persist_hash
    assert steps[0].params_tree["number_p"] == {"n": 1}
    assert SumP(tmp_path, SumParams(), MappingProxyType({"place": one})).persist_hash == steps[0].persist_hash


def test_a_set_of_dependencies_has_no_order(tmp_path: Path) -> None:
    numbers = [NumberP(tmp_path, NumberParams(n), None) for n in range(6)]
    hashes = {SumP(tmp_path, SumParams(), set(order)).persist_hash for order in (numbers, numbers[::-1])}
    code = """
        import sys
        from pathlib import Path
        from test_present_values import *
        numbers = {NumberP(Path(sys.argv[1]), NumberParams(n), None) for n in range(6)}
        print(SumP(Path(sys.argv[1]), SumParams(), numbers).persist_hash)
    """
    hashes |= {run(code, tmp_path, PYTHONHASHSEED=str(seed)) for seed in range(3)}
    assert len(hashes) == 1


class VersionedP(NumberP):
    payload_version: str | None = "1"


def test_a_pickle_does_not_make_an_outdated_payload_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoneP(Persistable[Any, NumberParams]):
        def _generate_payload(self, **untracked: Any) -> Any:
            return None if self.params.n == 1 else self.params.n

    step = NoneP(tmp_path, NumberParams(1), None)
    assert step.payload is None
    step.params.n = 2
    for other in (copy.copy(step), copy.deepcopy(step)):
        with pytest.raises(OutdatedPayloadError):
            other.persist()
        assert other.payload == 2
    versioned = VersionedP(tmp_path, NumberParams(1), None)
    versioned.generate(persist=False)
    pickled = pickle.dumps(versioned)
    monkeypatch.setattr(VersionedP, "payload_version", "2")
    with pytest.raises(OutdatedPayloadError):
        pickle.loads(pickled).persist()


def test_steps_that_refer_to_each_other_can_be_pickled(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(1), None)
    step = SumP(tmp_path, SumParams(), [number])
    number.consumer = step  # type: ignore[attr-defined]
    assert step.payload == 1
    assert pickle.loads(pickle.dumps(number)).consumer.payload == 1


def test_a_step_whose_class_copies_its_dict_can_be_pickled(tmp_path: Path) -> None:
    step = OwnStateP(tmp_path, NumberParams(1), None)
    assert step.payload == 1
    assert pickle.loads(pickle.dumps(step)).payload == 1


class OwnStateP(NumberP):
    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()


def test_overridden_methods_are_the_ones_that_load_and_generate(tmp_path: Path) -> None:
    class DeviceP(Persistable["dict[str, Any]", NumberParams]):
        def _generate_payload(self, **untracked: Any) -> dict[str, Any]:
            return {"n": self.params.n}

        def load(self, *args: Any, **untracked: Any) -> None:
            super().load(*args, **untracked)
            self.payload["device"] = "gpu"

    DeviceP(tmp_path, NumberParams(1), None).generate()
    assert DeviceP(tmp_path, NumberParams(1), None).payload == {"n": 1, "device": "gpu"}
    assert DeviceP(tmp_path, NumberParams(2), None).payload == {"n": 2}
    step = NumberP(tmp_path, NumberParams(3), None)
    called = []
    step.generate = lambda *args, **untracked: called.append(untracked)  # type: ignore[method-assign]
    step.load_generate(threads=2)
    assert called == [{"threads": 2}]


def test_a_data_folder_that_was_removed_is_made_again_by_who_writes(tmp_path: Path) -> None:
    step = NumberP(tmp_path / "data", NumberParams(1), None)
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(OSError):
        step.load()
    step.generate()
    assert NumberP(tmp_path / "data", NumberParams(1), None).payload == 1


def test_a_suffix_that_is_given_is_used_even_if_it_is_the_default_one(tmp_path: Path) -> None:
    given = NumberP(tmp_path, NumberParams(1), None, payload_io=JsonFileIO(), payload_file_suffix=".persistable")
    given.generate()
    assert Path(f"{given.persist_filepath}.persistable").read_text().strip() == "1"
    assert NumberP(tmp_path, NumberParams(1), None, payload_io=JsonFileIO()).payload_file_suffix == ".json"


def test_a_version_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(1), None)
    step.payload_version = 2  # type: ignore[assignment]
    with pytest.raises(TypeError, match="payload_version"):
        step.load_generate()
