"""The package brings the command `persistable`. Its own tests are in Rust, and the guide shows it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from persistable import Store


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-m", "persistable", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_command_lists_what_steps_persisted(tmp_path: Path) -> None:
    @Store(tmp_path / "data").step
    def squares(n: int) -> list[int]:
        return [i * i for i in range(n)]

    for n in (3, 4):
        squares(n=n).load_generate()
    done = run("ls", "data", "squares", "n > 3", "--json", folder=tmp_path)
    (artifact,) = json.loads(done.stdout)
    assert artifact["params"] == {"n": 4}
    assert artifact["key"].startswith(squares(n=4).persist_hash)


def test_an_interrupt_ends_the_command(tmp_path: Path) -> None:
    @Store(tmp_path / "data").step
    def squares(n: int) -> list[int]:
        return [i * i for i in range(n)]

    squares(n=3).load_generate()
    command = [sys.executable, "-m", "persistable", "log", "data", "--follow"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "squares" in process.stdout.readline()  # From now on, it waits for more.
        process.send_signal(signal.SIGINT)
        assert process.wait() == -signal.SIGINT


def test_the_command_exits_with_its_code_and_says_what_to_do(tmp_path: Path) -> None:
    done = run("ls", "nowhere/", folder=tmp_path)
    assert done.returncode == 3
    assert "there is no folder nowhere/" in done.stderr


def test_importing_the_package_does_not_import_the_command() -> None:
    code = "import sys, persistable; print('persistable._command' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
