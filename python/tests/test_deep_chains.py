"""Chains of steps that are deeper than Python's recursion goes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import NumberParams

from persistable import Persistable


class LinkP(Persistable[int, NumberParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return self.params.n + sum(below.payload for below in self.tracked_persistable_dependencies or [])


def chain(data_dir: Path, length: int) -> LinkP:
    link = LinkP(data_dir, NumberParams(0), None)
    for n in range(1, length):
        link = LinkP(data_dir, NumberParams(n), [link])
    return link


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda step: pickle.loads(pickle.dumps(step))])
def test_a_deep_chain_is_copied(copied: Callable[[LinkP], LinkP], tmp_path: Path) -> None:
    link = chain(tmp_path, 2000)
    assert copied(link).persist_hash == link.persist_hash


def test_a_shallow_copy_of_a_deep_chain_has_the_payload(tmp_path: Path) -> None:
    link = chain(tmp_path, 60)
    link._payload = 5
    assert copy.copy(link)._payload == 5
    assert copy.copy(link).tracked_persistable_dependencies is link.tracked_persistable_dependencies


def test_copies_share_what_they_shared(tmp_path: Path) -> None:
    link = chain(tmp_path, 70)
    below = link.tracked_persistable_dependencies[0]
    copied, copied_below = pickle.loads(pickle.dumps([link, below]))
    assert copied.tracked_persistable_dependencies[0] is copied_below


def test_a_deep_chain_is_generated(tmp_path: Path) -> None:
    assert chain(tmp_path, 300).payload == sum(range(300))


def test_endless_recursion_of_a_generator_is_an_error(tmp_path: Path) -> None:
    generations = []

    def endless(n: int) -> int:
        return endless(n + 1)

    class EndlessP(LinkP):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            generations.append(1)
            return endless(0)

    with pytest.raises(RecursionError):
        _ = EndlessP(tmp_path, NumberParams(1), None).payload
    assert len(generations) == 1, "the call that failed began as far down as it can"
    generations.clear()
    with pytest.raises(RecursionError):
        _ = LinkP(tmp_path, NumberParams(2), [EndlessP(tmp_path, NumberParams(1), None)]).payload
    assert len(generations) == 2, "in a chain, and from further down"
