"""Steps that the tests share, and running code in another process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable.io import FileIO


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


def run(code: str, *arguments: object, **environment: str) -> str:
    """Returns what Python code prints that runs in a process of its own."""
    process = start(code, *arguments, **environment)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out.strip()


def artifact_files(folder: Path) -> list[str]:
    """Returns the names of the files that are artifacts."""
    return sorted(path.name for path in folder.iterdir() if "(" in path.name)
