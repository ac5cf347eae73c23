"""`None` from a step warns, unless its annotations or its code say that it is meant."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Callable, Generic, Literal, NoReturn, Optional, TypeVar, Union

import numpy as np
import pytest
from numpy.typing import NDArray

from persistable import Persistable, configure, step
from persistable._checks.none import warn_of_none
from persistable.exceptions import NonePayloadWarning

T = TypeVar("T")
MaybeFloat = Optional[float]


def warning_of(made: Any) -> str | None:
    """Returns what is said of `None` from a step."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_none(None, made)
    assert [each.category for each in caught] in ([], [NonePayloadWarning])
    return str(caught[0].message) if caught else None


def step_of(tmp_path: Path, kind: Any) -> Any:
    return kind(tmp_path, None)


def line_of(function: Any) -> int:
    return int(function.__code__.co_firstlineno)


def test_a_forgotten_return_is_told_with_its_place(tmp_path: Path) -> None:
    @step
    def fit(n: int):
        n + 1

    line = line_of(fit.function) + 1  # The first line is the decorator's.
    assert warning_of(fit(tmp_path, 1)) == (
        f"fit returned None. Did it forget its `return`? (test_checks_none.py:{line}) "
        "If None is meant, annotate it: `-> None`"
    )


def test_a_forgotten_return_of_a_class_is_told(tmp_path: Path) -> None:
    class Fit(Persistable):
        def _generate_payload(self):
            self.x = 1

    message = warning_of(step_of(tmp_path, Fit))
    assert message is not None
    assert message.startswith("Fit._generate_payload returned None. Did it forget its `return`? (test_checks_none.py:")


def test_any_other_payload_is_not_warned_of(tmp_path: Path) -> None:
    @step
    def fit(n: int):
        n + 1

    for payload in (0, "", [], False, np.zeros(3)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warn_of_none(payload, fit(tmp_path, 1))


def nothing_with_value(n: int): ...


def bare_return(n: int):
    if n:
        return
    n + 1


def nested_return(n: int):
    def inner() -> int:
        return 1

    class Inner:
        def method(self) -> int:
            return 2

    key = lambda: 3  # noqa: E731
    inner(), Inner(), key()


def returns_by_a_branch(n: int):  # noqa: RET503
    for each in range(n):
        return each


def returns_none(n: int):
    return None


def returns_a_call(n: int):
    with warnings.catch_warnings():
        return print()


@pytest.mark.parametrize("function", [nothing_with_value, bare_return, nested_return])
def test_without_annotation_a_function_without_a_return_with_a_value_warns(
    tmp_path: Path, function: Callable[..., Any]
) -> None:
    assert warning_of(step(function)(tmp_path, 1)) is not None


@pytest.mark.parametrize("function", [returns_by_a_branch, returns_none, returns_a_call])
def test_without_annotation_a_function_with_such_a_return_is_believed(
    tmp_path: Path, function: Callable[..., Any]
) -> None:
    assert warning_of(step(function)(tmp_path, 1)) is None


ALLOWING = [
    None,
    type(None),
    Optional[float],
    Union[int, None],
    object,
    Hashable,
    Annotated[Optional[int], "x"],
    Literal[1, None],
    NoReturn,
    MaybeFloat,
    "None",
    "float | None",
    "Optional[Frame]",
    "MaybeFloat",
]
REFUSING = [
    float,
    list[int],
    Union[int, str],
    NDArray[np.float64],
    Annotated[int, "x"],
    Literal[1, 2],
    "float",
    "Frame",
    "NDArray[np.float64]",
]
SILENT = [Any, T, "Any"]


def annotated(annotation: Any, has_return: bool) -> Callable[..., Any]:
    def fit(n: int):
        return n

    def forgets(n: int):
        n + 1

    function = fit if has_return else forgets
    function.__annotations__["return"] = annotation
    return function


@pytest.mark.parametrize("has_return", [False, True])
@pytest.mark.parametrize("annotation", ALLOWING, ids=str)
def test_an_annotation_that_allows_none_is_believed(tmp_path: Path, annotation: Any, has_return: bool) -> None:
    assert warning_of(step(annotated(annotation, has_return))(tmp_path, 1)) is None


@pytest.mark.parametrize("annotation", REFUSING, ids=str)
def test_an_annotation_that_does_not_allow_none_warns(tmp_path: Path, annotation: Any) -> None:
    assert "Did it forget its `return`?" in str(warning_of(step(annotated(annotation, False))(tmp_path, 1)))
    message = str(warning_of(step(annotated(annotation, True))(tmp_path, 1)))
    assert "fit returned None, but its annotation says " in message
    assert "If None is meant, annotate it: `Optional[" in message


@pytest.mark.parametrize("annotation", SILENT, ids=str)
def test_an_annotation_that_says_nothing_leaves_it_to_the_code(tmp_path: Path, annotation: Any) -> None:
    assert warning_of(step(annotated(annotation, True))(tmp_path, 1)) is None
    assert warning_of(step(annotated(annotation, False))(tmp_path, 1)) is not None


def test_what_the_base_class_is_said_to_hold_counts(tmp_path: Path) -> None:
    class Floats(Persistable[float, Any]):
        def _generate_payload(self):
            return self.helper()

    class Maybe(Persistable[Optional[float], Any]):
        def _generate_payload(self):
            self.helper()

    class Nothing(Persistable[None, Any]):
        def _generate_payload(self):
            self.helper()

    assert "its annotation says float" in str(warning_of(step_of(tmp_path, Floats)))
    assert warning_of(step_of(tmp_path, Maybe)) is None
    assert warning_of(step_of(tmp_path, Nothing)) is None


def test_type_variables_are_followed_through_the_bases(tmp_path: Path) -> None:
    class Base(Persistable[list[T], Any], Generic[T]):
        def _generate_payload(self):
            return self.helper()

    class Middle(Persistable[T, Any], Generic[T]):
        def _generate_payload(self):
            return self.helper()

    class Ints(Base[int]): ...

    class MaybeInts(Middle[Optional[int]]): ...

    class Whole(Middle[int]): ...

    class Open(Middle[T]): ...

    assert "list[" in str(warning_of(step_of(tmp_path, Ints)))
    assert warning_of(step_of(tmp_path, MaybeInts)) is None
    assert "says int" in str(warning_of(step_of(tmp_path, Whole)))
    assert warning_of(step_of(tmp_path, Open)) is None


def test_one_annotation_that_allows_it_suffices(tmp_path: Path) -> None:
    class Fit(Persistable[float, Any]):
        def _generate_payload(self) -> float | None:
            return self.helper()

    assert warning_of(step_of(tmp_path, Fit)) is None


def test_a_decorator_that_drops_the_value_is_found(tmp_path: Path) -> None:
    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any):
            function(*args, **kwargs)

        return wrapper

    @step
    @timed
    def fit(n: int):
        return n

    assert "Did it forget its `return`?" in str(warning_of(fit(tmp_path, 1)))


def test_without_source_the_bytecode_is_looked_at(tmp_path: Path) -> None:
    namespace: dict[str, Any] = {}
    exec("def forgets(n):\n  n + 1\ndef gives(n):\n  return n or None\n", namespace)
    assert "(<string>:1)" in str(warning_of(step(namespace["forgets"])(tmp_path, 1)))
    assert warning_of(step(namespace["gives"])(tmp_path, 1)) is None


def test_a_lambda_returns_what_it_says(tmp_path: Path) -> None:
    assert warning_of(step(payload_name="nothing")(lambda n: None)(tmp_path, 1)) is None


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    made = step(bare_return)(tmp_path, 1)
    configure(none_payload="ignore")
    try:
        assert warning_of(made) is None
    finally:
        configure(none_payload=None)
    made.none_payload = "ignore"
    assert warning_of(made) is None
