"""Calls of step functions: their signature, and what is said about wrong ones."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest
from decorator_support import points

from persistable import Store, step
from persistable.exceptions import MissingPayloadError, UnsupportedParameterError


@step
def fit(data: Any, /, learning_rate: float, *, epochs: int = 3) -> float:
    """Fits."""
    return learning_rate * epochs


def said(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(TypeError) as raised:
        call(*args, **kwargs)
    return str(raised.value)


# --- the signature ----------------------------------------------------------------------------------------------------


def test_the_signature_of_an_unbound_function_has_the_data_folder() -> None:
    signature = inspect.signature(points)
    assert list(signature.parameters) == ["data_dir", "n", "random_state"]
    assert signature.parameters["data_dir"].kind is inspect.Parameter.POSITIONAL_ONLY
    assert signature.return_annotation == "NDArray[np.float64]"


def test_the_signature_of_a_bound_function_does_not(tmp_path: Path) -> None:
    bound = points.bind(tmp_path)
    assert list(inspect.signature(bound).parameters) == ["n", "random_state"]
    for function in (points, bound):
        assert function.__doc__ == "Draws points."
        assert function.__name__ == "points"  # type: ignore[union-attr]
        assert function.__wrapped__ is points.function  # type: ignore[union-attr]


def test_a_parameter_may_be_named_data_dir(tmp_path: Path) -> None:
    @step
    def odd(data_dir: int) -> int:
        return data_dir

    assert list(inspect.signature(odd).parameters) == ["_data_dir", "data_dir"]
    assert odd(tmp_path, data_dir=1).payload == 1


# --- wrong calls ------------------------------------------------------------------------------------------------------


def test_a_wrong_call_is_told_with_the_parameters(tmp_path: Path) -> None:
    for call, first in ((points, (tmp_path,)), (points.bind(tmp_path), ())):
        begin = "points(n, random_state=100): "
        assert said(call, *first).startswith(begin + "missing n")
        assert said(call, *first, random_state=1) == begin + "missing n"
        assert said(call, *first, m=1) == begin + "there is no parameter m; did you mean n?"
        assert said(call, *first, 1, random_stat=1) == (
            begin + "there is no parameter random_stat; did you mean random_state?"
        )
        assert said(call, *first, 1, unlike=1) == begin + "there is no parameter unlike"
        assert said(call, *first, 1, 2, 3) == begin + "takes 2 arguments by position, but 3 were given"
        assert said(call, *first, 1, n=1) == begin + "n is given twice, by position and by name"


def test_the_kind_of_a_parameter_is_told(tmp_path: Path) -> None:
    begin = "fit(data, /, learning_rate, *, epochs=3): "
    assert said(fit, tmp_path) == begin + "missing data and learning_rate"
    assert said(fit, tmp_path, data=1, learning_rate=1) == (
        begin + "data is given by name, but can only be given by position"
    )
    assert said(fit, tmp_path, 1, 2, 3) == begin + "takes 2 arguments by position, but 3 were given"


def test_a_forgotten_data_folder_is_told() -> None:
    advice = ': call points("data", ...), or points.bind("data") once'
    begin = "points(n, random_state=100): the first argument must be the data folder (a str, a Path or a Store)"
    assert said(points, 100) == begin + ", not 100" + advice
    assert said(points, n=100) == begin + advice
    assert said(points) == begin + advice


def test_a_text_that_was_taken_for_the_data_folder_is_told(tmp_path: Path) -> None:
    @step
    def read(path: str) -> str:
        return path

    assert said(read, "a.csv") == "read(path): missing path; the first argument, 'a.csv', is taken as the data folder"


def test_a_data_folder_too_many_is_told(tmp_path: Path) -> None:
    bound = points.bind(Store(tmp_path))
    advice = f"; points is bound to {Store(tmp_path)!r}: leave the data folder out"
    begin = "points(n, random_state=100): "
    assert said(bound, "data", n=1) == begin + "n is given twice, by position and by name" + advice
    assert said(bound, tmp_path, 1, 2) == begin + "takes 2 arguments by position, but 3 were given" + advice
    with pytest.raises(UnsupportedParameterError, match=r"`n` .*is a store.*leave the data folder out"):
        bound(Store("data")).generate()


def test_a_long_default_is_not_shown(tmp_path: Path) -> None:
    @step
    def many(n: int, numbers: Any = tuple(range(100))) -> int:
        return n

    assert said(many, tmp_path) == "many(n, numbers=...): missing n"


# --- what can't be decorated ------------------------------------------------------------------------------------------


def test_methods_are_refused_and_functions_in_a_class_are_not(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"fit is a method of .*Model, but a step needs a function without self"):

        class Model:
            @step
            def fit(self, n: int) -> int:
                return n

    with pytest.raises(TypeError, match="@step is above @staticmethod"):

        class Other:
            @step
            @staticmethod
            def fit(n: int) -> int:
                return n

    class Namespace:
        @staticmethod
        @step
        def below(n: int) -> int:
            return n

        @step
        def plain(n: int) -> int:  # noqa: N805
            return n + 1

    assert Namespace.below(tmp_path, n=1).payload == 1
    assert Namespace().below(tmp_path, n=1).payload == 1
    assert Namespace.plain(tmp_path, n=1).payload == 2
    assert Namespace().plain(tmp_path, n=1).payload == 2


def test_a_class_is_refused_with_advice() -> None:
    with pytest.raises(TypeError, match="Path is a class: derive it from Persistable instead"):
        step(Path)


# --- a step of a function is like any other ---------------------------------------------------------------------------


def test_params_are_attributes_too(tmp_path: Path) -> None:
    made = points(tmp_path, n=3)
    assert (made.params.n, made.params["random_state"]) == (3, 100)
    with pytest.raises(AttributeError, match="there is no param 'm': the params are n, random_state"):
        _ = made.params.m
    for same in (copy.copy(made.params), copy.deepcopy(made.params), pickle.loads(pickle.dumps(made.params))):
        assert same == made.params == {"n": 3, "random_state": 100}
        assert same.n == 3


@step
def drawn(n: int) -> list[float]:
    from persistable import current_rng

    return [float(number) for number in current_rng().random(n)]


def test_it_has_all_that_a_class_has(tmp_path: Path) -> None:
    made = drawn(tmp_path, 3)
    assert [float(number) for number in made.rng.random(3)] == made.payload
    assert "n" in str(made.explain())
    made.accept_code()
    made.accept_dependencies()
    made.accept_inputs()
    assert made.reproduce().is_same
    assert made.remove()
    assert not made.remove()
    with pytest.raises(MissingPayloadError):
        drawn(tmp_path, 3).load()


def test_a_bound_function_can_be_pickled_by_its_name(tmp_path: Path) -> None:
    assert pickle.loads(pickle.dumps(bound_of_module)) is bound_of_module
    made = bound_of_module.bind(tmp_path)(3)
    same = pickle.loads(pickle.dumps(made))
    assert same.persist_hash == made.persist_hash
    assert same._definition is bound_of_module.definition
    elsewhere = bound_of_module.bind(tmp_path)
    again = pickle.loads(pickle.dumps(elsewhere))
    assert again.store == Store(tmp_path)
    assert again.definition is bound_of_module.definition
    assert again(3).payload == 3


@Store("never-made").step
def bound_of_module(n: int) -> int:
    return n
