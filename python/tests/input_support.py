"""Steps with files as params, and their bytes in the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from persistable import InputFile, Persistable, PersistableParams, _core
from persistable.io import TextFileIO


def canonical(param: Any) -> bytes:
    return _core.encode(param).canonical_bytes()


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


@dataclass
class Params(PersistableParams):
    csv: InputFile
    more: dict[str, list[Any]] = field(default_factory=dict)


class TextP(Persistable[str, Params]):
    def _generate_payload(self, **untracked_payload_params: Any) -> str:
        return self.params.csv.read_text()


def text_step(tmp_path: Path, csv: InputFile, **more: list[Any]) -> TextP:
    return TextP(tmp_path / "data", Params(csv, more), payload_io=TextFileIO())
