"""Programs that run as a script, or at a prompt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SEARCHED = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)


def run_program(folder: Path, code: str, place: str) -> str:
    """Returns what a program prints; the errors if it fails. `place` is `"script"` or `"prompt"`."""
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    (folder / "script.py").write_text(code)
    # At a prompt the main module has no file, as in a notebook.
    arguments = ["script.py"] if place == "script" else ["-c", code]
    command = [sys.executable, "-W", "ignore", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else done.stderr
