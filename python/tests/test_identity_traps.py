"""No wrong payload, and no needless generation, in any trap that we could think of: the tables are in `traps/`."""

from __future__ import annotations

import pytest
from traps import TRAPS, Trap

from persistable import _core


def key(value: object) -> str:
    """Returns the key of a step with the value as its only param."""
    _, key_hex, _ = _core.step_key("step", None, {"param": value}, [])
    return key_hex


def name(trap: Trap) -> str:
    return trap.sentence


@pytest.mark.parametrize("trap", TRAPS, ids=name)
def test_values_find_each_others_payload_only_where_they_must(trap: Trap) -> None:
    assert (key(trap.left) == key(trap.right)) is trap.agrees
    assert (key([trap.left]) == key([trap.right])) is trap.agrees
    assert (key({"a": (trap.left,)}) == key({"a": (trap.right,)})) is trap.agrees


@pytest.mark.parametrize("trap", TRAPS, ids=name)
def test_a_value_finds_its_own_payload(trap: Trap) -> None:
    assert key(trap.left) == key(trap.left)
    assert key(trap.right) == key(trap.right)


def test_there_are_many_traps_and_no_sentence_is_said_twice() -> None:
    assert len(TRAPS) > 400
    rooms = [(trap.sentence, type(trap.left), type(trap.right)) for trap in TRAPS]
    assert len(set(rooms)) == len(rooms)
