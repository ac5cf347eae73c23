"""`reproduce()` loads dependencies as they are persisted. It finds them and the inputs from elsewhere, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reproduce_support import unseeded_of_the_standard_library
from support import NumberP, NumberParams, artifact_files

import persistable
from persistable import InputFile, InputFolder, Persistable, step
from persistable.exceptions import MissingPayloadError, OutdatedPayloadError


class FromNumberP(Persistable[Any, NumberParams]):
    """A step over another."""

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        (number,) = self.tracked_persistable_dependencies
        return [number.payload, self.params.n]


def test_dependencies_are_loaded_as_they_are_persisted(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    above = FromNumberP(tmp_path, NumberParams(1), [number])
    above.generate()
    files = artifact_files(tmp_path)
    log = (tmp_path / "number_p.log").read_text()
    number.reset_payload()
    assert persistable.reproduce(above, accept=False).verdict == "identical"
    assert artifact_files(tmp_path) == files
    assert (tmp_path / "number_p.log").read_text() == log


def test_a_dependency_that_is_not_persisted_is_an_error_that_names_it(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    above = FromNumberP(tmp_path, NumberParams(1), [number])
    above.generate()
    for path in tmp_path.glob("number_p(*"):
        path.unlink()
    with pytest.raises(MissingPayloadError, match=r"number_p\([0-9a-f]{32}\).* is not persisted"):
        persistable.reproduce(above)
    assert not list(tmp_path.glob("number_p(*"))


def test_another_payload_of_a_dependency_is_a_note(tmp_path: Path) -> None:
    number = unseeded_of_the_standard_library(tmp_path, n=1)
    number.unseeded = "ignore"
    above = FromNumberP(tmp_path, NumberParams(1), [number])
    above.generate()
    number.generate()
    found = persistable.reproduce(above)
    assert found.verdict == "different"
    assert any("made from another payload" in note for note in found.notes)


def test_a_relative_data_folder_is_found_from_another_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    number = NumberP(Path("data"), NumberParams(5))
    above = FromNumberP(Path("data"), NumberParams(1), [number])
    above.generate()
    assert persistable.reproduce(above).verdict == "identical"


@step
def lines_of(file: Any, files: Any) -> list[str]:
    return [Path(path).read_text() for path in [file, *files]]


def test_inputs_are_found_from_another_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    for name in ("a.txt", "folder/b.txt"):
        Path(name).write_text(name)
    lines = lines_of("data", InputFile("a.txt"), InputFolder("folder"))
    lines.generate()
    assert persistable.reproduce(lines).verdict == "identical"


@step
def count_of(numbers: list[float]) -> int:
    return len(numbers)


def test_what_is_reproduced_from_another_payload_of_a_dependency_is_accepted(tmp_path: Path) -> None:
    numbers = unseeded_of_the_standard_library(tmp_path, n=3)
    numbers.unseeded = "ignore"

    def counted() -> Any:
        counted = count_of(tmp_path, numbers)
        counted.dependency_change = "refuse"
        return counted

    counted().generate()
    numbers.generate()
    found = persistable.reproduce(counted(), accept=False)
    assert found.verdict == "identical"
    assert not found.is_accepted
    with pytest.raises(OutdatedPayloadError):
        counted().load()
    assert persistable.reproduce(counted()).is_accepted
    counted().load()
