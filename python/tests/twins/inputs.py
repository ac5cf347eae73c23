"""Files and folders that count by their content: those of the specification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persistable import InputFile, InputFolder, PersistableParams
from persistable.io import TextFileIO
from twins.twin import given

_SPEC = Path(__file__).parents[3] / "spec"


@dataclass
class Inputs(PersistableParams):
    file: InputFile
    files: list[InputFile]
    pinned: InputFile | None
    folder: InputFolder
    all: InputFolder


INPUTS = Inputs(
    file=InputFile(_SPEC / "key-v1.md"),
    files=[InputFile(_SPEC / "artifact-v1.md", name=None), InputFile(_SPEC / "reference.py", name="naïve 𝄞")],
    pinned=InputFile(_SPEC / "pickle-v1.md", digest=InputFile(_SPEC / "pickle-v1.md").digest),
    folder=InputFolder(_SPEC / "vectors", "[a-m]*.json"),
    all=InputFolder(_SPEC, "**/*.json", name=None),
)

TWINS = dict([given("inputs", TextFileIO(), lambda: "inputs", INPUTS)])
