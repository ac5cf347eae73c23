"""A plain path counts as a text. If the content of its file changes, a warning says so."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from input_support import write

from persistable import Persistable, PersistableParams
from persistable.exceptions import InputChangedWarning
from persistable.io import TextFileIO


@dataclass
class PathParams(PersistableParams):
    train: dict[str, Path]
    output: Path | None = None


class PathP(Persistable[str, PathParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> str:
        if self.params.output is not None:
            write(self.params.output, os.urandom(8).hex())
        return self.params.train["csv"].read_text()


def path_step(tmp_path: Path, output: Path | None = None) -> PathP:
    return PathP(tmp_path / "data", PathParams({"csv": tmp_path / "a.csv"}, output), payload_io=TextFileIO())


def test_a_file_that_a_path_names_warns_when_its_content_changed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    path_step(tmp_path).generate()
    os.utime(path, (1, 1))
    path_step(tmp_path).load()
    write(path, "three")
    with pytest.warns(InputChangedWarning, match=r'a\.csv \(train\["csv"\]\)'):
        assert path_step(tmp_path).payload == "one"
    write(path, "one")
    path_step(tmp_path).load()


def test_a_path_keeps_its_key_and_a_file_that_is_gone_is_not_a_change(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    key = path_step(tmp_path).persist_hash
    path_step(tmp_path).generate()
    path.unlink()
    assert path_step(tmp_path).payload == "one"
    assert path_step(tmp_path).persist_hash == key


def test_a_file_that_the_step_writes_is_not_an_input(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "one")
    output = write(tmp_path / "b.csv", "two")
    path_step(tmp_path, output).generate()
    write(output, "three")
    path_step(tmp_path, output).load()
