"""Leases hold between Rust and Python: of both, one generates."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support import STUCK_SECONDS, wait_until_waiting
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
        assert self.may_end.wait(STUCK_SECONDS)
        return 7


def test_python_waits_for_rust_and_loads(tmp_path: Path) -> None:
    program = start("load-generate", tmp_path, "slow")
    assert program.stdout is not None
    assert program.stdout.readline() == "generating\n"
    impatient = only_loading(Slow(tmp_path))
    impatient.lease_wait_seconds = 0
    with pytest.raises(BusyError, match=f"process {program.pid}"):
        impatient.load_generate()
    patient = only_loading(Slow(tmp_path))
    waiting = threading.Thread(target=patient.load_generate, daemon=True)
    waiting.start()
    wait_until_waiting(tmp_path / "slow.log")
    told, _ = program.communicate("go\n", timeout=STUCK_SECONDS)
    assert told.startswith("Some(Generated) 7")
    waiting.join(STUCK_SECONDS)
    assert patient._payload == 7


def test_rust_waits_for_python_and_loads(tmp_path: Path) -> None:
    step = Slow(tmp_path)
    generating = threading.Thread(target=step.load_generate, daemon=True)
    generating.start()
    assert step.has_begun.wait(STUCK_SECONDS)
    program = start("load-generate", tmp_path, "slow")
    wait_until_waiting(tmp_path / "slow.log")
    step.may_end.set()
    told, _ = program.communicate(timeout=STUCK_SECONDS)
    assert told.startswith("Some(Loaded) 7")
    generating.join(STUCK_SECONDS)
    assert not generating.is_alive()


def test_python_succeeds_a_program_of_rust_that_is_killed(tmp_path: Path) -> None:
    program = start("load-generate", tmp_path, "slow")
    assert program.stdout is not None
    assert program.stdout.readline() == "generating\n"
    program.kill()
    program.communicate(timeout=STUCK_SECONDS)
    step = Slow(tmp_path)
    step.may_end.set()
    step.lease_wait_seconds = STUCK_SECONDS
    assert step.payload == 7
