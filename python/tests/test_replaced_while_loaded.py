"""A payload that others replace while it is loaded is loaded, and never called untrusted."""

from __future__ import annotations

import threading
from pathlib import Path

from support import NumberP, NumberParams


class SameP(NumberP):
    def _generate_payload(self, **untracked: object) -> list[int]:
        return list(range(100))


def test_a_pickle_that_is_replaced_by_the_same_bytes_is_one_s_own_all_the_time(tmp_path: Path) -> None:
    SameP(tmp_path, NumberParams(1), None).generate()
    is_over = threading.Event()

    def replace() -> None:
        while not is_over.is_set():
            step = SameP(tmp_path, NumberParams(1), None)
            step.persist_durability = "fast"
            step.generate()

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        for _ in range(2000):
            step = SameP(tmp_path, NumberParams(1), None)
            step.load()
            assert step.payload == list(range(100))
    finally:
        is_over.set()
        writer.join()
