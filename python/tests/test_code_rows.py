"""The named tuples of the code walk are those of `typing` in all that the walk uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from persistable._code.rows import NamedTuple


class Pair(NamedTuple):
    name: str
    path: tuple[str, ...] = ()


def test_they_are_tuples_with_names() -> None:
    pair = Pair("a", ("b",))
    name, path = pair
    assert (name, path) == (pair.name, pair.path) == pair == ("a", ("b",))
    assert hash(pair) == hash(Pair(path=("b",), name="a"))
    assert sorted([Pair("b"), Pair("a")]) == [("a", ()), ("b", ())]


def test_what_is_left_out_has_its_default() -> None:
    assert Pair("a") == Pair("a", path=()) == ("a", ())
    with pytest.raises(TypeError, match="name, path"):
        Pair()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Pair("a", (), "c")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Pair("a", other=1)  # type: ignore[call-arg]


def test_one_is_made_from_another() -> None:
    replaced = Pair("a")._replace(path=("c",))
    assert type(replaced) is Pair
    assert replaced == ("a", ("c",))


def test_a_first_load_makes_no_named_tuple_of_typing() -> None:
    """They take long to make, and every process makes them anew."""
    program = (
        "import collections, persistable.io, numpy\n"
        "made, namedtuple = [], collections.namedtuple\n"
        "import typing\n"
        "typing.collections.namedtuple = lambda name, *a, **k: made.append(name) or namedtuple(name, *a, **k)\n"
        "import persistable._code, persistable.io._pickle_reading, persistable._listeners\n"
        "print(made)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
