"""Threads that use one step at once: `payload` and `load_generate()` share one read, and each `load()` reads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support import STUCK_SECONDS, NumberP, NumberParams
from test_once import all_at_once

from persistable.exceptions import MissingPayloadError
from persistable.io import FileIO

THREADS = 4


class SlowIO(FileIO[int]):
    """Counts how often it decodes, and takes so long that all threads meet."""

    def __init__(self) -> None:
        self.loads = 0

    def _save(self, payload: int, filepath: Path, **kwargs: Any) -> None:
        filepath.write_text(str(payload))

    def _load(self, filepath: Path, **kwargs: Any) -> int:
        self.loads += 1
        time.sleep(0.5)
        return int(filepath.read_text())


class MeetingIO(SlowIO):
    """Decodes only when all threads do."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = threading.Barrier(THREADS)

    def _load(self, filepath: Path, **kwargs: Any) -> int:
        self.meeting.wait(STUCK_SECONDS)
        return super()._load(filepath)


class FailingIO(MeetingIO):
    def _load(self, filepath: Path, **kwargs: Any) -> int:
        super()._load(filepath)
        raise ValueError("it can't be read")


class HookedP(NumberP):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hooks: list[Any] = []

    def _post_load(self, **untracked: Any) -> None:
        self.hooks.append(untracked.get("who"))


class OwnLoadP(HookedP):
    def load(self, *args: Any, **kwargs: Any) -> None:
        super().load(*args, **kwargs)


class OwnGenerateP(HookedP):
    def generate(self, *args: Any, **kwargs: Any) -> None:
        super().generate(*args, **kwargs)


class OwnLoadGenerateP(HookedP):
    def load_generate(self, **untracked: Any) -> None:
        super().load_generate(**untracked)


def persisted(folder: Path, io: SlowIO, kind: type[HookedP] = HookedP) -> HookedP:
    kind(folder, NumberParams(3), None, payload_name="number_p", payload_io=io).generate()
    return kind(folder, NumberParams(3), None, payload_name="number_p", payload_io=io)


@pytest.mark.parametrize("ask", ["payload", "load_generate"])
@pytest.mark.parametrize("kind", [HookedP, OwnLoadP, OwnGenerateP, OwnLoadGenerateP])
def test_four_threads_that_use_one_step_decode_once(tmp_path: Path, kind: type[HookedP], ask: str) -> None:
    io = SlowIO()
    step = persisted(tmp_path, io, kind)

    def asked() -> int:
        if ask == "load_generate":
            step.load_generate()
        return step.payload

    assert all_at_once([asked] * THREADS) == [3] * THREADS
    assert (io.loads, len(step.hooks), step.generations) == (1, 1, 0)


@pytest.mark.parametrize("kind", [HookedP, OwnLoadP])
def test_each_load_decodes_for_itself_and_waits_for_no_other(tmp_path: Path, kind: type[HookedP]) -> None:
    io = MeetingIO()
    step = persisted(tmp_path, io, kind)
    all_at_once([lambda who=who: step.load(who=who) for who in range(THREADS)])  # type: ignore[misc]
    assert (io.loads, step.payload) == (THREADS, 3)
    assert sorted(step.hooks) == [*range(THREADS)]


def test_loads_that_fail_do_so_at_the_same_time(tmp_path: Path) -> None:
    io = FailingIO()
    step = persisted(tmp_path, io)

    def load() -> str:
        with pytest.raises(Exception, match="can't read it") as caught:
            step.load()
        return str(caught.value.__cause__)

    assert all_at_once([load] * THREADS) == ["it can't be read"] * THREADS
    assert io.loads == THREADS


def test_a_load_does_not_wait_for_a_generation(tmp_path: Path) -> None:
    is_generating, may_end = threading.Event(), threading.Event()

    class WaitingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            is_generating.set()
            may_end.wait(STUCK_SECONDS)
            return 3

    step = WaitingP(tmp_path, NumberParams(3), None)
    with ThreadPoolExecutor(1) as pool:
        generated = pool.submit(step.load_generate)
        is_generating.wait(STUCK_SECONDS)
        with pytest.raises(MissingPayloadError):
            step.load()
        assert not generated.done()
        may_end.set()
        generated.result()
