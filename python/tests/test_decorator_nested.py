"""Steps inside lists, tuples and dicts are dependencies. Where each of them stands is part of the key."""

from __future__ import annotations

import copy
import itertools
import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from decorator_support import number, shown

from persistable import Persistable, _core, step
from persistable.exceptions import UnsupportedParameterError


@step
def of_one(first: Any) -> Any:
    return first


def shapes(a: Any, b: Any, c: Any) -> list[Any]:
    """Returns arguments with these three in them, which are steps or what stands for their payloads."""
    return [
        a,
        [a],
        [a, b],
        (a, b, c),
        [[a], [b]],
        [[a, b], [c]],
        [[a, b], []],
        [a, [b]],
        [a, (b, c)],
        [a, None],
        [a, 1, "x"],
        [[a], 1],
        (a,),
        (a, 1.5),
        ((a, b), (b, c)),
        ([a, b], [c]),
        {"a": a},
        {"a": [a]},
        {"a": [a, b], "b": []},
        {"a": a, "n": 1},
        {"a": {"b": a, "c": b}, "d": {"b": c}},
        {1: a, (2, 3): b},
        {"a": (a, [b, None]), "b": (c, [])},
        [[[a, b], [c]], [[a]]],
        [{"a": a}, {"b": [b, 1]}],
    ]


@pytest.mark.parametrize("index", range(len(shapes(1, 2, 3))))
def test_the_function_gets_the_same_shape_with_payloads(tmp_path: Path, index: int) -> None:
    held = shapes(*(number(tmp_path, n) for n in (11, 12, 13)))[index]
    assert of_one(tmp_path, held).payload == shapes(11, 12, 13)[index]
    assert of_one(tmp_path, copy.deepcopy(held)).persist_hash == of_one(tmp_path, held).persist_hash


def flat(value: Any) -> Any:
    """Returns a text that tells arguments apart, but for a list and a tuple of nothing but steps, which share a key."""
    if isinstance(value, tuple) and value and all(isinstance(each, Persistable) for each in value):
        return flat(list(value))
    if isinstance(value, Persistable):
        return f"step {value.params.n}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}{[flat(each) for each in value]}"
    if isinstance(value, dict):
        return f"{sorted((repr(key), flat(each)) for key, each in value.items())}"
    return repr(value)


def same_key(arguments: tuple[Any, ...]) -> str:
    return " ".join(map(flat, arguments)) if all(map(is_flat, arguments)) else " ".join(map(told, arguments))


def is_flat(value: Any) -> bool:
    steps = value if isinstance(value, (list, tuple)) else [value]
    are_steps = all(isinstance(each, Persistable) for each in steps)
    return are_steps or not any(isinstance(each, Persistable) for each in leaves(value))


def leaves(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return itertools.chain.from_iterable(map(leaves, value))
    return itertools.chain.from_iterable(map(leaves, value.values())) if isinstance(value, dict) else [value]


def told(value: Any) -> str:
    if isinstance(value, Persistable):
        return f"step {value.params.n}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(told, value))})"
    if isinstance(value, dict):
        return f"dict({sorted((repr(key), told(each)) for key, each in value.items())})"
    return repr(value)


def check_that_keys_differ(tmp_path: Path, all_arguments: Any, function: Any = shown) -> None:
    found: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for arguments in all_arguments:
        key, said = function(tmp_path, *arguments).persist_hash, same_key(arguments)
        earlier = found.setdefault(key, (said, arguments))
        assert earlier[0] == said, (arguments, earlier[1])


def test_two_arguments_of_other_shapes_have_other_keys(tmp_path: Path) -> None:
    a, b, c = (number(tmp_path, n) for n in (1, 2, 3))
    plain = [None, 0, 1, 2, [], [1], [1, 1], {}, {"a": 1}, {"first": 1}, (1, 1), "a"]
    more = [
        {"second": a},
        {"first": a},
        {"first[]": a},
        {"second[]": a},
        [a, 0],
        [a, []],
        [a, [1]],
        [0, [a]],
        {"a": None, "b": a},
    ]
    check_that_keys_differ(tmp_path, itertools.product([*plain, *shapes(a, b, c), *more], repeat=2))


def test_a_number_is_never_taken_for_a_step(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))
    each = [1, 2, a, b, [a, b], [[a], [b]], [1, 1], {"a": a}, {"a": 1}, {"a": b}, None]
    check_that_keys_differ(tmp_path, itertools.product(each, repeat=3))


@step(payload_name="shown", added_with_defaults={"third": None})
def added(first: Any = None, second: Any = None, third: Any = None) -> str:
    return f"{first!r} {second!r} {third!r}"


def test_neither_is_it_where_a_parameter_was_added(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))
    each = [1, 2, a, b, [a], [a, b], [[a], [b]], [1, 1], {"a": a}, {"second": a}, {"a": 1}, None]
    check_that_keys_differ(tmp_path, itertools.product(each, repeat=3), added)


def test_the_keys_of_arguments_without_nesting_stay(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))

    def of(params: dict[str, Any], *steps: Any) -> str:
        return Persistable(tmp_path, params, steps, payload_name="shown").persist_hash  # type: ignore[arg-type]

    none = {"second": None, "third": None}
    assert shown(tmp_path, a).persist_hash == of(none, a)
    assert shown(tmp_path, [a, b]).persist_hash == of(none, a, b)
    assert shown(tmp_path, (a, b)).persist_hash == of(none, a, b)
    assert shown(tmp_path, [a]).persist_hash == of({**none, "first[]": 1}, a)
    assert shown(tmp_path, b, [a]).persist_hash == of({"third": None, "second[]": 1}, b, a)
    assert shown(tmp_path, b, a).persist_hash == of({"third": None}, b, a)


def test_the_order_of_a_dict_does_not_count(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))
    assert shown(tmp_path, {"b": b, "a": a}).persist_hash == shown(tmp_path, {"a": a, "b": b}).persist_hash
    assert shown(tmp_path, {"b": b, "a": a}).payload == "{'b': 2, 'a': 1} None None"


def test_a_dict_of_steps_is_one_with_places_of_a_class(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))
    places = {"long": a, "b": [a, b]}
    of_class = Persistable(tmp_path, None, places, payload_name="of_one")
    assert of_one(tmp_path, {"long": [a], "b": [a, b]}).persist_hash == of_class.persist_hash


def test_values_between_steps_are_params(tmp_path: Path) -> None:
    a = number(tmp_path, 1)
    keys = {of_one(tmp_path, [a, value]).persist_hash for value in (1, 2, 1.0, "1", None, [1], [], {})}
    assert len(keys) == 8
    with pytest.raises(UnsupportedParameterError, match=r"first\[1\]"):
        of_one(tmp_path, [a, object()]).generate()


def test_a_value_between_steps_is_a_copy(tmp_path: Path) -> None:
    @step
    def changing(held: Any) -> int:
        held[1].append(3)
        return len(held[1])

    values = [1, 2]
    assert changing(tmp_path, [number(tmp_path, 1), values]).payload == 3
    assert values == [1, 2]


@dataclass
class Options:
    held: Any


def test_steps_in_sets_in_keys_and_in_objects_are_refused(tmp_path: Path) -> None:
    a = number(tmp_path, 1)
    for held in ({a}, frozenset([a]), {a: 1}, Options(a), [Options(a)], Options([a]), {a: a}):
        with pytest.raises(UnsupportedParameterError, match="an argument of its own, or in a list, a tuple or a dict"):
            of_one(tmp_path, held).generate()


def test_an_argument_that_contains_itself_is_refused(tmp_path: Path) -> None:
    cycle: list[Any] = [number(tmp_path, 1)]
    cycle.append(cycle)
    with pytest.raises(UnsupportedParameterError, match="contains itself"):
        of_one(tmp_path, cycle).generate()


def test_nested_steps_are_everywhere_that_dependencies_are(tmp_path: Path) -> None:
    a, b = (number(tmp_path, n) for n in (1, 2))
    made = of_one(tmp_path, {"x": [a, {"y": b}], "z": 3})
    name_a, name_b = (f"number({each.persist_hash})" for each in (a, b))
    assert made.params_tree["first"] == {"x": [name_a, {"y": name_b}], "z": 3}
    assert made.params_tree[name_b] == {"n": 2}
    made.generate()
    written = json.loads(made.persist_filepath.with_name(f"{made.persist_filepath.name}.params.json").read_text())
    assert written == made.params_tree
    assert "number" in made._repr_html_()


def test_only_the_steps_that_are_needed_are_loaded(tmp_path: Path) -> None:
    of_one(tmp_path, [[number(tmp_path, 1)]]).generate()
    below = number(tmp_path, 1)
    assert of_one(tmp_path, [[below]]).payload == [[1]]
    assert below._payload is None


def test_a_step_with_nested_steps_can_be_pickled(tmp_path: Path) -> None:
    made = of_one(tmp_path, {"a": [number(tmp_path, 1), 5]})
    same = pickle.loads(pickle.dumps(made))
    assert same.persist_hash == made.persist_hash
    assert same.payload == {"a": [1, 5]}


def test_nested_steps_may_be_reassigned(tmp_path: Path) -> None:
    made = of_one(tmp_path, [[number(tmp_path, 1)]])
    made.tracked_persistable_dependencies["first"] = [[number(tmp_path, 5)]]
    assert made.persist_hash == of_one(tmp_path, [[number(tmp_path, 5)]]).persist_hash
    assert made.payload == [[5]]


@step
def by_handle(steps: dict[str, list[Persistable[int, Any]]]) -> list[int]:
    return [each.params["n"] for each in steps["a"]]


def test_a_parameter_annotated_with_steps_gets_the_steps(tmp_path: Path) -> None:
    assert by_handle(tmp_path, {"a": [number(tmp_path, 1), number(tmp_path, 2)]}).payload == [1, 2]


VECTORS = Path(__file__).parents[2] / "spec" / "vectors" / "arguments.json"


@step
def f(a: Any, b: Any) -> None: ...


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["cases"], ids=lambda case: case["name"])
def test_calls_have_the_keys_of_the_specification(tmp_path: Path, case: Any) -> None:
    names = {name: number(tmp_path, n) for n, name in enumerate("pqr", 1)}
    made = eval(case["name"], {**names, "f": f.bind(tmp_path)})
    assert _core.full_key(made) == case["key"]
