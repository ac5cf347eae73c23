"""Steps that the tests share, and running code in another process."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable.io import FileIO

# What takes longer is stuck, however slow the machine is and whatever else it does.
STUCK_SECONDS = 300


@dataclass
class NumberParams(PersistableParams):
    n: int = 1


class NumberP(Persistable[int, NumberParams]):
    """Its payload is its param. It counts its generations."""

    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        self.generations += 1
        return self.params.n


class LinesFileIO(FileIO["list[str]"]):
    """A payload IO as a user writes one: by path."""

    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        filepath.write_text("\n".join(payload))

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        return filepath.read_text().split("\n")


def start(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Starts Python code in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(command, text=True, env={**os.environ, "PYTHONPATH": path, **environment}, **pipes)  # type: ignore[call-overload, no-any-return]


def run(code: str, *arguments: object, timeout_seconds: float = STUCK_SECONDS, **environment: str) -> str:
    """Returns what Python code prints that runs in a process of its own."""
    process = start(code, *arguments, **environment)
    out, error = process.communicate(timeout=timeout_seconds)
    assert process.returncode == 0, error
    return out.strip()


def wait_until_waiting(log: Path, count: int = 1) -> None:
    """Waits until so many wait for a generation, each of which says so in the log after a second, once."""
    deadline = time.monotonic() + STUCK_SECONDS
    while not log.exists() or log.read_text().count("waiting for") < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def give(path: str | Path, user: int = -1, group: int = -1) -> None:
    """Gives a file to another account or group; skips the test where none can be had."""
    import pytest  # Code that runs in a process of its own has no use for it.

    try:
        os.chown(path, user, group)
    except OSError as error:
        # Only root may, and a container may have a single account.
        if error.errno not in (errno.EPERM, errno.EINVAL):
            raise
        pytest.skip(f"a file can't be given away: {error.strerror}")


def artifact_files(folder: Path) -> list[str]:
    """Returns the names of the files that are artifacts."""
    return sorted(path.name for path in folder.iterdir() if "(" in path.name)
