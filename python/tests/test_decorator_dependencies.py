"""Steps as arguments of a step function: it gets their payloads, and calls with other arguments have other keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from decorator_support import PointsP, PointsParams, number, points, shown, spread

from persistable import Persistable, step


def test_lists_of_steps_are_handed_over_as_lists_of_payloads(tmp_path: Path) -> None:
    one, two = number(tmp_path, 1), number(tmp_path, 2)
    assert shown(tmp_path, [one, two], two).payload == "[1, 2] 2 None"
    several = Persistable(tmp_path, {"second": None, "third": None}, [one, two], payload_name="shown")
    assert shown(tmp_path, [one, two]).persist_hash == several.persist_hash


def test_calls_with_other_arguments_have_other_keys(tmp_path: Path) -> None:
    a, b, c = (number(tmp_path, n) for n in (1, 2, 3))
    arguments: list[tuple[Any, ...]] = [
        (),
        (a,),
        ([a],),
        ([],),
        (None, a),
        (None, [a]),
        (a, b),
        (b, a),
        ([a, b],),
        ([b, a],),
        ([a], b),
        (a, [b]),
        ([a], [b]),
        ([a, b], c),
        (a, [b, c]),
        ([a], [b, c]),
        ([a, b], [c]),
        ([a, b, c],),
        (a, b, c),
        (a, 1),
        (1, a),
        (1, 1),
        ([a], 1),
        (1, [a]),
        (a, 1, [b]),
        (1, a, [b]),
        ([a, b], 2),
        (2, [a, b]),
        ([a, b], 2, [c]),
        (2, [a, b], [c]),
        ([a, b], [c], 2),
        ({"n": 1},),
        (1,),
    ]
    payloads: dict[str, tuple[Any, ...]] = {}
    for given in arguments:
        made = shown(tmp_path, *given)
        assert made.persist_hash not in payloads, (given, payloads[made.persist_hash])
        payloads[made.persist_hash] = given


@step
def by_handle(
    step: Persistable[int, Any], steps: list[Persistable[int, Any]], maybe: Persistable[Any, Any] | None
) -> Any:
    assert isinstance(step, Persistable)
    assert maybe is None or isinstance(maybe, Persistable)
    return [step.params["n"], *(each.params["n"] for each in steps)]


@step
def by_class(step: PointsP, other: "Undefined | Persistable[Any, Any]") -> Any:  # noqa: F821, UP037
    return type(step).__name__, type(other).__name__


def test_a_parameter_annotated_as_a_step_gets_the_step(tmp_path: Path) -> None:
    one, two = number(tmp_path, 1), number(tmp_path, 2)
    assert by_handle(tmp_path, one, [one, two], two).payload == [1, 1, 2]
    p = PointsP(tmp_path, PointsParams(3), None)
    assert by_class(tmp_path, p, one).payload == ("PointsP", "FunctionStep")


def test_a_dependency_is_loaded_only_when_it_is_needed(tmp_path: Path) -> None:
    spread(tmp_path, points(tmp_path, 3)).generate()
    below = points(tmp_path, 3)
    assert spread(tmp_path, below).payload
    assert below._payload is None


def test_reassigned_dependencies_are_handed_over(tmp_path: Path) -> None:
    made = shown(tmp_path, number(tmp_path, 1))
    made.tracked_persistable_dependencies = [number(tmp_path, 5)]
    assert made.payload == "5 None None"
    made.tracked_persistable_dependencies = []
    with pytest.raises(ValueError, match="dependencies"):
        made.generate()
