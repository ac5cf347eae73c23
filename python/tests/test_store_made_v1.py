"""A store whose manifests say what made the artifacts: the same code is never taken for other code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from support import STUCK_SECONDS

STORE = Path(__file__).parents[2] / "testdata" / "store-made-v1"

LOAD = """
import json, warnings
import persistable
from persistable import _core

warnings.simplefilter("error")
persistable.configure(code_change="refuse", input_change="refuse", dependency_change="refuse", undeclared="refuse")
import steps

told = {}
for step in steps.all_steps("../data"):
    manifest = json.loads(_core.manifest(step))
    state = manifest["code"].get("state", [])
    step.load()
    told[step.payload_name] = [step.payload, manifest["code"]["digests"], _core.code_of(step).digests(state)]
print(json.dumps(told))
"""


def load(folder: Path) -> dict[str, list[object]]:
    shutil.copytree(STORE, folder)
    done = subprocess.run(
        [sys.executable, "-B", "-c", LOAD],
        cwd=folder / "project",
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=STUCK_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told: dict[str, list[object]] = json.loads(done.stdout)
    return told


def test_it_loads_without_a_warning(tmp_path: Path) -> None:
    payloads = {name: told[0] for name, told in load(tmp_path / "store").items()}
    assert payloads == {"load_p": [1.0, 2.5, -3.0, 4.0], "mean": 24.0, "size": 4}


def test_the_digests_of_its_code_stay_what_they_are(tmp_path: Path) -> None:
    for name, (_, recorded, present) in load(tmp_path / "store").items():
        assert present["ast"] == recorded["ast"], name  # type: ignore[index]
