"""Threads that load one step at the same time read its payload once. Each validates it and runs the hook."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams
from test_once import all_at_once

from persistable.exceptions import InvalidPayloadError, InvalidPayloadWarning, MissingPayloadError
from persistable.io import FileIO

THREADS = 4


class CountingIO(FileIO[int]):
    """Counts how often it decodes, and takes so long that all threads meet."""

    def __init__(self) -> None:
        self.loads = 0
        self.is_begun = threading.Event()

    def _save(self, payload: int, filepath: Path, **kwargs: Any) -> None:
        filepath.write_text(str(payload))

    def _load(self, filepath: Path, **kwargs: Any) -> int:
        self.loads += 1
        self.is_begun.set()
        time.sleep(0.3)
        return int(filepath.read_text())


class HookedP(NumberP):
    most = 5

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hooks: list[Any] = []

    def _validate_payload(self, payload: int) -> None:
        if payload > self.most:
            raise InvalidPayloadError(f"{payload} is too large")

    def _post_load(self, **untracked: Any) -> None:
        self.hooks.append(untracked.get("who"))


def persisted(folder: Path, kind: type[NumberP] = HookedP) -> tuple[Any, CountingIO]:
    io = CountingIO()
    made = kind(folder, NumberParams(3), None, payload_io=io)
    made.generate()
    return kind(folder, NumberParams(3), None, payload_io=io), io


def test_four_threads_that_load_one_step_decode_once(tmp_path: Path) -> None:
    step, io = persisted(tmp_path)
    all_at_once([lambda who=who: step.load(who=who) for who in range(THREADS)])  # type: ignore[misc]
    assert (io.loads, step.payload) == (1, 3)
    assert sorted(step.hooks) == [*range(THREADS)]


class OwnLoadP(HookedP):
    def load(self, *args: Any, **kwargs: Any) -> None:
        super().load(*args, **kwargs)


def test_an_overridden_load_decodes_once_too(tmp_path: Path) -> None:
    step, io = persisted(tmp_path, OwnLoadP)
    all_at_once([step.load] * THREADS)
    assert (io.loads, len(step.hooks)) == (1, THREADS)


def test_a_load_that_begins_later_decodes_anew(tmp_path: Path) -> None:
    step, io = persisted(tmp_path)
    for loads in range(1, 4):
        step.load()
        assert io.loads == loads
    all_at_once([step.load] * THREADS)
    assert io.loads == 4


def test_each_thread_validates_what_another_has_loaded(tmp_path: Path) -> None:
    step, io = persisted(tmp_path)
    step.most = 2
    with ThreadPoolExecutor(2) as pool, pytest.warns(InvalidPayloadWarning):
        warned = pool.submit(step.load, True)
        io.is_begun.wait()
        refused = pool.submit(step.load)
        assert warned.result() is None
        with pytest.raises(InvalidPayloadError):
            refused.result()
    assert io.loads == 1


def test_a_thread_whose_load_fails_does_not_fail_the_others(tmp_path: Path) -> None:
    class FailingOnceIO(CountingIO):
        def _load(self, filepath: Path, **kwargs: Any) -> int:
            loaded = super()._load(filepath)
            if self.loads == 1:
                raise ValueError("the first")
            return loaded

    io = FailingOnceIO()
    step = HookedP(tmp_path, NumberParams(3), None, payload_io=io)
    step.generate()

    def load() -> bool:
        try:
            step.load()
        except Exception:
            return False
        return True

    assert sorted(all_at_once([load] * THREADS)) == [False, True, True, True]
    assert io.loads == 2


def test_the_hook_may_wait_for_a_thread_that_loads(tmp_path: Path) -> None:
    class AskingP(HookedP):
        def _post_load(self, **untracked: Any) -> None:
            super()._post_load(**untracked)
            if len(self.hooks) == 1:
                thread = threading.Thread(target=self.load)
                thread.start()
                thread.join(60)
                assert not thread.is_alive()

    step, io = persisted(tmp_path, AskingP)
    step.load()
    assert (io.loads, len(step.hooks)) == (2, 2)


def test_a_load_does_not_wait_for_a_generation(tmp_path: Path) -> None:
    is_generating, may_end = threading.Event(), threading.Event()

    class WaitingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            is_generating.set()
            may_end.wait(60)
            return 3

    step = WaitingP(tmp_path, NumberParams(3), None)
    with ThreadPoolExecutor(1) as pool:
        generated = pool.submit(step.load_generate)
        is_generating.wait(60)
        with pytest.raises(MissingPayloadError):
            step.load()
        assert not generated.done()
        may_end.set()
        generated.result()


def test_a_step_that_does_not_wait_loads_by_itself(tmp_path: Path) -> None:
    step, _ = persisted(tmp_path)
    step.lease_wait_seconds = 0
    all_at_once([step.load] * 2)
    assert step.payload == 3
