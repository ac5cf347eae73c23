"""Leases hold between Rust and Python: of both, one generates."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from twins.program import start
from twins.twin import only_loading

from persistable import Persistable
from persistable.exceptions import BusyError
from persistable.io import JsonFileIO


class Slow(Persistable[int, Any]):
    """Generates until it is told to end."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, {"n": 7}, None, payload_io=JsonFileIO())
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        self.has_begun.set()
        assert self.may_end.wait(60)
        return 7


def wait_until_someone_waits(data_dir: Path) -> None:
    deadline = time.monotonic() + 60
    while "waiting for" not in (data_dir / "slow.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_python_waits_for_rust_and_loads(tmp_path: Path) -> None:
    program = start("load-generate", tmp_path, "slow")
    assert program.stdout is not None
    assert program.stdout.readline() == "generating\n"
    impatient = only_loading(Slow(tmp_path))
    impatient.lease_wait_seconds = 0
    with pytest.raises(BusyError, match=f"process {program.pid}"):
        impatient.load_generate()
    patient = only_loading(Slow(tmp_path))
    waiting = threading.Thread(target=patient.load_generate)
    waiting.start()
    wait_until_someone_waits(tmp_path)
    told, _ = program.communicate("go\n", timeout=60)
    assert told.startswith("Some(Generated) 7")
    waiting.join()
    assert patient._payload == 7


def test_rust_waits_for_python_and_loads(tmp_path: Path) -> None:
    step = Slow(tmp_path)
    generating = threading.Thread(target=step.load_generate)
    generating.start()
    assert step.has_begun.wait(60)
    program = start("load-generate", tmp_path, "slow")
    wait_until_someone_waits(tmp_path)
    step.may_end.set()
    told, _ = program.communicate(timeout=60)
    assert told.startswith("Some(Loaded) 7")
    generating.join()


def test_python_succeeds_at_once_a_program_of_rust_that_is_killed(tmp_path: Path) -> None:
    program = start("load-generate", tmp_path, "slow")
    assert program.stdout is not None
    assert program.stdout.readline() == "generating\n"
    program.kill()
    program.communicate(timeout=60)
    step = Slow(tmp_path)
    step.may_end.set()
    step.lease_wait_seconds = 10
    assert step.payload == 7
