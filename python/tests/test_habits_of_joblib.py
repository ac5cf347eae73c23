"""What people write who know joblib, or who mix up a step, its class and the function that makes it."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from persistable import Persistable, PersistableParams, Store, step
from persistable.exceptions import UnsupportedParameterError


@dataclass
class FitParams(PersistableParams):
    rate: float = 1.0


class FitP(Persistable[float, FitParams]):
    def __init__(self, data_dir: Any, params: Any, *dependencies: Any) -> None:
        super().__init__(data_dir, params, dependencies)

    def _generate_payload(self, **untracked_payload_params: Any) -> float:
        return self.params.rate


@step
def points(n: int) -> list[int]:
    return list(range(n))


@step
def total(points: Any) -> int:
    return sum(points)


def message_of(call: Callable[[], Any], kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("option", "advice"),
    [
        ({"ignore": ["n"]}, "untracked"),
        ({"mmap_mode": "r"}, "always mapped"),
        ({"compress": True}, "ZstdFileIO(PickleFileIO())"),
        ({"cache_validation_callback": print}, "InputFile"),
    ],
)
def test_an_option_of_joblib_names_what_stands_for_it(option: Any, advice: str) -> None:
    message = message_of(lambda: step(**option), TypeError)
    assert message.startswith(f"step has no option {next(iter(option))!r}: ")
    assert advice in message


@pytest.mark.parametrize(
    ("attribute", "advice"),
    [
        ("func", "write points.function"),
        ("call", "write points(...).generate()"),
        ("clear", "points(...).remove()"),
        ("check_call_in_cache", "points(...).load()"),
        ("payload", "call it first, since its steps have it: points(...).payload"),
        ("remove", "points(...).remove"),
    ],
)
def test_an_attribute_that_a_function_of_steps_lacks_is_explained(tmp_path: Path, attribute: str, advice: str) -> None:
    for function in (points, points.bind(tmp_path)):
        message = message_of(lambda function=function: getattr(function, attribute), AttributeError)  # type: ignore[misc]
        assert f"object has no attribute '{attribute}': " in message
        assert advice in message


def test_other_attributes_are_missing_as_in_any_object(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for each in (points, points.bind(store), store):
        assert not hasattr(each, "nothing_like_it")
        assert not hasattr(each, "_private")
        with pytest.raises(AttributeError, match=r"object has no attribute 'nothing_like_it'$"):
            each.nothing_like_it  # type: ignore[union-attr]  # noqa: B018
    assert copy.copy(store) == pickle.loads(pickle.dumps(store)) == store
    # Not initialised yet: the lookup must end.
    assert not hasattr(object.__new__(Store), "_path")


def test_an_attribute_of_a_memory_is_explained(tmp_path: Path) -> None:
    store: Any = Store(tmp_path)
    assert "write store.step" in message_of(lambda: store.cache(print), AttributeError)
    assert "remove()" in message_of(lambda: store.clear(), AttributeError)


def test_a_class_of_steps_is_no_argument(tmp_path: Path) -> None:
    message = message_of(lambda: total(tmp_path, FitP), TypeError)
    assert message == "total(points): points is FitP, a class: make a step of it first"


def test_a_parameter_that_is_annotated_as_a_class_takes_one(tmp_path: Path) -> None:
    @step
    def name_of(cls: type[Persistable[Any, Any]]) -> str:
        return cls.__name__

    assert name_of(tmp_path, FitP).payload == "FitP"


def test_what_is_no_dependency_is_told_with_what_to_do(tmp_path: Path) -> None:
    for given, expected in (
        (points, "the function points, which makes steps: call it, as in points(...), and pass the step"),
        (points.bind(tmp_path), "the function points, which makes steps"),
        (FitP, "the class FitP: make a step of it, and pass that"),
        ([1], "an object of type list: pass the step, not its payload"),
    ):
        message = message_of(lambda given=given: FitP(tmp_path, FitParams(), given), TypeError)  # type: ignore[misc]
        assert message.startswith(f"a dependency must be a Persistable, not {expected}")
    assert message_of(lambda: FitP(tmp_path, FitParams(), None), TypeError).endswith("not an object of type NoneType")


def test_a_class_of_params_is_not_the_params(tmp_path: Path) -> None:
    message = message_of(lambda: FitP(tmp_path, FitParams).persist_hash, UnsupportedParameterError)
    assert "is a class, and the params of a step are an object of it: call the class" in message


def test_a_class_that_does_not_call_the_initializer_above_is_told_so(tmp_path: Path) -> None:
    class ForgetfulP(Persistable[int, None]):
        def __init__(self, data_dir: Any) -> None:
            self.kept = data_dir

    message = message_of(lambda: ForgetfulP(tmp_path).payload, AttributeError)
    assert "ForgetfulP has no " in message
    assert "call super().__init__(data_dir, params, dependencies) first" in message


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
def test_a_step_that_is_used_as_its_payload_inside_a_step_is_noted(tmp_path: Path) -> None:
    data = points.bind(tmp_path)

    @step(version=1)
    def last(n: int) -> Any:
        return data(n).index(n)

    with pytest.raises(AttributeError) as caught:
        last(tmp_path, 3).payload  # noqa: B018
    assert "points(n=3) is a step: .payload is its result" in caught.value.__notes__


def test_what_cannot_be_a_payload_io_is_refused_when_the_function_is_decorated() -> None:
    wrong: Any = "json"
    assert "payload_io is of type str: pass a payload IO" in message_of(lambda: step(payload_io=wrong), TypeError)


def test_functions_that_cannot_be_steps_are_told_what_to_write() -> None:
    def several(*numbers: int) -> int:
        return sum(numbers)

    def anything(**options: int) -> int:
        return len(options)

    async def later() -> None: ...

    assert "write numbers, and pass a list" in message_of(lambda: step(several), TypeError)
    assert "write options, and pass a dict" in message_of(lambda: step(anything), TypeError)
    assert "asyncio.run" in message_of(lambda: step(later), TypeError)
