"""Functions that get other steps in dicts, tuples and lists of lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from persistable import Persistable, step
from persistable.io import TextFileIO
from twins.graph import numbers
from twins.twin import Make

text_step = step(payload_io=TextFileIO())


@text_step
def nested_lists(groups: list[list[Any]], scale: int) -> str:
    return "lists of lists"


@text_step
def in_a_tuple(pair: tuple[Any, list[Any], Any]) -> str:
    return "in a tuple"


@text_step
def map_of_lists(parts: dict[str, list[Any]], scale: float) -> str:
    return "a map of lists"


@text_step
def map_beside_a_step(base: Any, parts: dict[str, Any], n: int) -> str:
    return "a map beside a step"


@text_step
def map_by_number(folds: dict[int, Any]) -> str:
    return "a map by number"


@text_step
def list_of_tuples(pairs: list[tuple[Any, list[Any]]]) -> str:
    return "a list of tuples"


@text_step
def optional_in_a_list(all: list[Any]) -> str:
    return "optional in a list"


@text_step
def map_of_maps(maps: dict[str, dict[str, Any]]) -> str:
    return "a map of maps"


@text_step
def list_of_maps(maps: list[dict[str, Any]]) -> str:
    return "a list of maps"


@step(payload_io=TextFileIO(), added_with_defaults={"second": None})
def added_later(first: Any, second: Any = None) -> str:
    return "added later"


@step(payload_io=TextFileIO(), renamed={"pieces": "parts"})
def renamed_place(pieces: list[list[Any]], b: list[Any]) -> str:
    return "a renamed place"


def _by_name(data_dir: Path, *names: str) -> dict[str, Persistable[Any, Any]]:
    return {name: numbers(data_dir, n) for n, name in enumerate(names, 1)}


def _nested_lists(d: Path) -> Persistable[Any, Any]:
    return nested_lists(d, [[numbers(d, 2), numbers(d, 1)], [numbers(d, 3)], []], scale=3)


def _in_a_tuple(d: Path) -> Persistable[Any, Any]:
    return in_a_tuple(d, (numbers(d, 1), [numbers(d, 2), numbers(d, 3)], None))


def _map_of_lists(d: Path) -> Persistable[Any, Any]:
    return map_of_lists(d, {"long": [numbers(d, 1), numbers(d, 2)], "b": [numbers(d, 3)]}, 0.5)


def _map_beside_a_step(d: Path) -> Persistable[Any, Any]:
    return map_beside_a_step(d, numbers(d, 3), _by_name(d, "ten", "a"), n=5)


def _list_of_tuples(d: Path) -> Persistable[Any, Any]:
    return list_of_tuples(d, [(numbers(d, n), [numbers(d, n + 1)] * 2) for n in (1, 2)])


def _map_of_maps(d: Path) -> Persistable[Any, Any]:
    return map_of_maps(d, {"a": _by_name(d, "x"), "b": _by_name(d, "z", "yy")})


def _list_of_maps(d: Path) -> Persistable[Any, Any]:
    return list_of_maps(d, [_by_name(d, "x"), {}, _by_name(d, "z", "yy")])


def _renamed_place(d: Path) -> Persistable[Any, Any]:
    return renamed_place(d, [[numbers(d, 1), numbers(d, 2)]], [numbers(d, 3)] * 2)


TWINS: dict[str, Make] = {
    "nested_lists": _nested_lists,
    "in_a_tuple": _in_a_tuple,
    "map_of_lists": _map_of_lists,
    "map_beside_a_step": _map_beside_a_step,
    "map_by_number": lambda d: map_by_number(d, {-1: numbers(d, 1), 2: numbers(d, 2)}),
    "list_of_tuples": _list_of_tuples,
    "optional_in_a_list": lambda d: optional_in_a_list(d, [None, numbers(d, 1)]),
    "map_of_maps": _map_of_maps,
    "list_of_maps": _list_of_maps,
    "added_later": lambda d: added_later(d, numbers(d, 1), numbers(d, 2)),
    "added_later_and_absent": lambda d: added_later(d, numbers(d, 1)),
    "renamed_place": _renamed_place,
}
