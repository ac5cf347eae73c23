"""Functions that can't be steps are refused when they are decorated."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any

import pytest
from decorator_support import PointsP

from persistable import step


def test_what_cannot_be_a_step_is_refused_when_it_is_decorated() -> None:
    def several(*numbers: int) -> int:
        return sum(numbers)

    def anything(**options: int) -> int:
        return len(options)

    async def later() -> None: ...

    def one_by_one() -> Any:
        yield 1

    for function in (several, anything, later, one_by_one, lambda: 1, 3, PointsP):
        with pytest.raises(TypeError):
            step(function)  # type: ignore[call-overload]


def test_a_function_that_takes_values_along_is_refused_unless_it_has_a_version(tmp_path: Path) -> None:
    def make(factor: Any, version: str | None = None) -> Any:
        @step(version=version)
        def scaled(n: int) -> Any:
            return n * factor

        return scaled

    for held in (2, "a", [1], None, Counter(), [].append, partial(max, 1), Counter().update):
        with pytest.raises(TypeError, match=r"scaled uses the variable factor.* make it a parameter"):
            make(held)
    assert make(2, "2")(tmp_path, n=1).payload == 2
    assert make(3, "3")(tmp_path, n=1).payload == 3


def test_so_is_one_that_takes_along_a_function_with_values(tmp_path: Path) -> None:
    factor = 2

    def helper(n: int) -> int:
        return n * factor

    @lru_cache
    def cached(n: int) -> int:
        return helper(n)

    def scaled(n: int) -> int:
        return cached(n)

    with pytest.raises(TypeError, match="scaled uses the variable factor"):
        step(scaled)


def test_so_is_one_that_takes_along_what_has_no_value_yet() -> None:
    def scaled(n: int) -> Any:
        return n * factor

    with pytest.raises(TypeError, match="factor of the function around it, which has no value yet"):
        step(scaled)
    factor = 2


def test_functions_classes_modules_and_steps_may_be_taken_along(tmp_path: Path) -> None:
    import math

    class Local:
        size = 1

        @classmethod
        def more(cls) -> int:
            return cls.size

    def helper(n: int) -> int:
        return n + Local.size

    def traced(function: Any) -> Any:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    upper, length, more = str.upper, len, Local.more

    @step
    def below(n: int) -> int:
        return helper(n)

    @step
    @traced
    def above(n: int) -> Any:
        return math.floor(below.function(n)) + length(upper("ab")) + more()

    @step
    def factorial(n: int) -> int:
        return 1 if n == 0 else n * factorial.function(n=n - 1)

    assert above(tmp_path, 3).payload == 7
    assert factorial(tmp_path, 3).payload == 6


def test_settings_that_fit_no_parameter_are_refused_when_it_is_decorated() -> None:
    def plain(n: int) -> int:
        return n

    with pytest.raises(TypeError, match="threads"):
        step(untracked=("threads",))(plain)
    with pytest.raises(TypeError, match="other"):
        step(validate=lambda payload, other: None)(plain)
    with pytest.raises(TypeError, match="unknown"):
        step(unknown=1)(plain)  # type: ignore[call-overload]
