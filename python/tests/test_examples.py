"""The examples run, and print what the README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import STUCK_SECONDS

EXAMPLES = Path(__file__).parents[2] / "examples"
SEARCHED = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
FIRST = "0.771320643266746"
MOST_PICTURE_BYTES = 60_000
FITTED = "mean 0.48534879111973994, standard deviation 0.27497659243084727"


def printed(script: str, folder: Path) -> list[str]:
    command = [sys.executable, str(EXAMPLES / script)]
    environment = {**os.environ, "PYTHONPATH": SEARCHED}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return [re.sub(r"\([0-9a-f]{32}\)", "", line) for line in done.stdout.splitlines()]


def test_the_points_are_generated_and_then_loaded(tmp_path: Path) -> None:
    for _ in range(2):
        lines = printed("gaussian_points.py", tmp_path)
        assert lines == [f"generated: {FIRST}", f"loaded:    {FIRST}", "others:    0.5434049417909654"]
    assert len(list((tmp_path / "example-data").glob("*.manifest.json"))) == 2


def test_the_outliers_are_generated_the_first_time_and_loaded_the_second(tmp_path: Path) -> None:
    for origin in ("generated", "loaded"):
        assert printed("outlier_detection.py", tmp_path) == [
            f"gaussian_distributed_points_p: {origin}",
            f"  first number {FIRST}",
            f"outlier_estimator_p: {origin}",
            f"  {FITTED}",
            "16 of 100 numbers are outliers",
        ]


def test_both_examples_share_their_points(tmp_path: Path) -> None:
    printed("gaussian_points.py", tmp_path)
    assert printed("outlier_detection.py", tmp_path)[0] == "gaussian_distributed_points_p: loaded"


@pytest.mark.filterwarnings("ignore")
def test_the_notebook_executes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", SEARCHED)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    source = nbformat.read(EXAMPLES / "outlier_detection.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in source.cells), "the notebook is kept without outputs"
    for states in (["missing", "in memory, persisted"], ["persisted", "in memory, persisted"]):
        notebook = nbformat.from_dict(source.copy())  # type: ignore[no-untyped-call]
        resources = {"metadata": {"path": str(tmp_path)}}
        patience = {"timeout": STUCK_SECONDS, "startup_timeout": STUCK_SECONDS}
        NotebookClient(notebook, resources=resources, **patience).execute()
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        texts = [text_of(output) for output in outputs]
        assert any(FIRST in text for text in texts)
        assert any(FITTED in text for text in texts)
        assert "16" in texts
        assert "{1.0: 41, 1.25: 25, 1.5: 16, 1.75: 4}" in texts
        assert sum("CodeChangedWarning: spread(" in text for text in texts) == 1
        tables = [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]
        assert len(tables) == 3
        for table, state in zip(tables, states):
            assert f">{state}<" in table
        log = texts[-1]
    assert log.count(" generated in ") == 4
    assert log.count(" loaded ") == 6
    assert 0 < (tmp_path / "pictures/outlier_detection.png").stat().st_size < MOST_PICTURE_BYTES


def text_of(output: Any) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))
