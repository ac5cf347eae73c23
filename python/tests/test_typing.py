"""Type checkers find wrong calls of steps, and let right ones pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = Path(__file__).with_name("typed_calls.py")
PACKAGES = CALLS.parents[1]


def lines_to_report() -> list[int]:
    lines = CALLS.read_text().splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith("# error")]


def test_mypy_reports_the_wrong_calls_and_no_others(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = true\nmypy_path = {PACKAGES}\ncache_dir = {tmp_path}\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--output", "json", str(CALLS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    reported = {each["line"] for each in found if each["severity"] == "error" and Path(each["file"]).name == CALLS.name}
    assert sorted(reported) == lines_to_report(), done.stdout + done.stderr


def test_pyright_reports_the_wrong_calls_and_no_others(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright")
    config = {"typeCheckingMode": "standard", "extraPaths": [str(PACKAGES)], "include": [str(CALLS)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run([*command, "--project", str(tmp_path)], capture_output=True, text=True)
    found = json.loads(done.stdout)["generalDiagnostics"]
    reported = {each["range"]["start"]["line"] + 1 for each in found if each["severity"] == "error"}
    assert sorted(reported) == lines_to_report(), found
