"""Persists and loads payloads with the names and suffixes that `src/damage/names.rs` tells, one JSON list a line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable.io import FileIO


class NamedIO(FileIO[bytes]):
    """Writes bytes by their path."""

    format_name = "reliability-named"

    def _save(self, payload: bytes, filepath: Path, **kwargs: Any) -> None:
        filepath.write_bytes(payload)

    def _load(self, filepath: Path, **kwargs: Any) -> bytes:
        return filepath.read_bytes()


@dataclass
class Params(PersistableParams):
    n: int


class Named(Persistable[bytes, Params]):
    """A step of any name."""

    def _generate_payload(self, **_: Any) -> bytes:
        return b"the payload"


def outcome_of(verb: str, name: str, suffix: str, folder: str) -> str:
    try:
        step = Named(Path(folder), Params(1), payload_name=name, payload_io=NamedIO(), payload_file_suffix=suffix)
        step.generate() if verb == "generate" else step.load()
        return "payload" if step.payload == b"the payload" else "wrong"
    except Exception as error:
        return str(getattr(error, "kind", type(error).__name__))


for line in sys.stdin:
    print(json.dumps(outcome_of(*json.loads(line))), flush=True)
