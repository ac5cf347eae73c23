"""Keys are for ever: what was persisted under one by an earlier version is found by this one.

`python python/tests/test_stable_keys.py` adds the keys of new traps to `testdata/`. A key that is there never changes.
"""

from __future__ import annotations

import json
from pathlib import Path

from traps import TRAPS

from persistable import _core

FILE = Path(__file__).parents[2] / "testdata" / "python-keys-v1.json"


def key(value: object) -> str:
    return _core.step_key("step", None, {"param": value}, [])[1][:32]


def present_keys() -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for trap in TRAPS:
        sentence = trap.sentence
        while sentence in keys:
            sentence += " (again)"
        keys[sentence] = [key(trap.left), key(trap.right)]
    return keys


def test_no_key_has_changed() -> None:
    kept, present = json.loads(FILE.read_text()), present_keys()
    assert {sentence: present.get(sentence) for sentence in kept} == kept


def test_the_key_of_every_trap_is_kept() -> None:
    assert json.loads(FILE.read_text()).keys() == present_keys().keys()


if __name__ == "__main__":
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({**present_keys(), **known}, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
