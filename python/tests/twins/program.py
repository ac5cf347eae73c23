"""The program whose steps are the twins in Rust."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support import STUCK_SECONDS

_VARIABLE = "PERSISTABLE_TWINS"
_BUILD = "cargo build --workspace --all-features --exclude persistable-bench --example twins"


def start(command: str, data_dir: Path, step: str) -> subprocess.Popen[str]:
    """Starts the program in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([_program(), command, str(data_dir), step], text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def rust(command: str, data_dir: Path, step: str) -> str:
    """Returns the last line that the program prints, which is the step's key."""
    process = start(command, data_dir, step)
    out, error = process.communicate(timeout=STUCK_SECONDS)
    assert process.returncode == 0, error
    return out.splitlines()[-1]


def _program() -> str:
    program = os.environ.get(_VARIABLE, "")
    if not os.access(program, os.X_OK):
        pytest.fail(
            f"{_VARIABLE} is {program!r}, and not the path of the twins in Rust: build them by `{_BUILD}` "
            "and set it to target/debug/examples/twins, or run `make python-test`, which does both"
        )
    return program
