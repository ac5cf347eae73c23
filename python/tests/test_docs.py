"""The programs in the README and in the guide run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import run

ROOT = Path(__file__).parents[2]
pytest.importorskip("numpy")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_readmes_program_generates_and_then_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = blocks("README.md")
    monkeypatch.chdir(tmp_path)
    assert run(program) == ""
    files = sorted(path.name for path in (tmp_path / "example-data").glob("*(*).persistable"))
    assert len(files) == 3
    assert run(program.replace("points.generate()", "points.load()")) == ""
    assert sorted(path.name for path in (tmp_path / "example-data").glob("*(*).persistable")) == files


def test_the_guides_programs_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = "\n".join(blocks("docs/python.md"))
    assert run(program) == ""
