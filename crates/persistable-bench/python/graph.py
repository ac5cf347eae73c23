"""Builds and keys a graph of many steps, as `graph.rs` does: `graph.py diamonds|star STEPS FOLDER`."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import tell, used_bytes

from persistable import Persistable, PersistableParams


@dataclass
class NodeParams(PersistableParams):
    level: int
    place: int


class NodeP(Persistable[int, NodeParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return 1


def diamonds(steps: int, folder: Path) -> NodeP:
    """Levels of two steps, each of which depends on both below."""
    below: list[NodeP] = []
    for level in range(steps // 2):
        below = [NodeP(folder, NodeParams(level, place), below) for place in range(2)]
    return below[-1]


def star(steps: int, folder: Path) -> NodeP:
    """One step that depends on all the others."""
    below = [NodeP(folder, NodeParams(0, place), None) for place in range(1, steps)]
    return NodeP(folder, NodeParams(1, 0), below)


def main(shape: str, steps: int, folder: Path) -> None:
    build = {"diamonds": diamonds, "star": star}[shape]
    # The first key of a process imports what it takes.
    star(2, folder).persist_hash  # noqa: B018
    before = used_bytes()
    begin = time.perf_counter()
    top = build(steps, folder)
    top.persist_hash  # noqa: B018  # The keys of all below are part of it.
    tell("build", time.perf_counter() - begin)
    tell("memory", used_bytes() - before)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
