"""The file for people beside an artifact says what it was made from, and stays small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from persistable import Persistable
from persistable._core import Value, encode
from persistable.io import PickleFileIO


class Link(Persistable[Any, Any]):
    payload_io = PickleFileIO()

    def _generate_payload(self, **untracked: Any) -> int:
        return 1


def link(folder: Path, below: list[Link] | None = None, **params: Any) -> Link:
    step = Link(folder, params, tracked_persistable_dependencies=below)
    step.generate()
    return step


def text_beside(step: Link) -> str:
    return Path(f"{step.persist_filepath}.params.json").read_text("utf-8")


def test_params_stand_in_their_order_and_numbers_of_32_bits_as_they_were_written(tmp_path: Path) -> None:
    step = link(tmp_path, zeta=np.float32(0.1), alpha=0.1)
    assert text_beside(step) == '{\n  "zeta": 0.1,\n  "alpha": 0.1\n}\n'
    assert encode(np.float32(0.1)) == Value.float32(0.1) == encode(float(np.float32(0.1))) != encode(0.1)


def test_a_large_value_is_told_by_its_size_and_digest_and_the_tree_has_it_whole(tmp_path: Path) -> None:
    step = link(tmp_path, depth=3, weights=bytes(1_000_000), layers=list(range(10_000)))
    shown = json.loads(text_beside(step))
    assert len(text_beside(step)) < 1000
    assert shown["depth"] == 3
    assert shown["weights"]["elided"] == "1000000 bytes"
    assert len(shown["weights"]["digest"]) == 64
    assert shown["layers"]["elided"] == "list of 10000 items"
    assert step.params_tree == {"depth": 3, "weights": bytes(1_000_000), "layers": list(range(10_000))}


def test_the_files_of_a_long_chain_do_not_grow_with_it(tmp_path: Path) -> None:
    below: list[Link] = []
    for zeta in range(40):
        below = [link(tmp_path, below, zeta=zeta)]
    text = text_beside(below[0])
    assert text.count('"zeta"') == 12
    assert text.count('"key"') == 1
    tree, depth = below[0].params_tree, 0
    while tree is not None:
        tree, depth = tree.get("link"), depth + 1
    assert depth == 40
