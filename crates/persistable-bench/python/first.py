"""Makes and keys the first step of a process, beyond the import: `first.py step|by_hand FOLDER`."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness import seconds, tell

from persistable import Persistable, PersistableParams


@dataclass
class NumbersParams(PersistableParams):
    n: int
    random_state: int = 100


class NumbersP(Persistable[Any, NumbersParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return list(range(self.params.n))


def step(folder: Path) -> str:
    return NumbersP(folder, NumbersParams(n=100), None).persist_hash


def by_hand(folder: Path) -> str:
    """Digests the params as text, and makes the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return hashlib.sha256(json.dumps(asdict(NumbersParams(n=100))).encode()).hexdigest()


if __name__ == "__main__":
    work = {"step": step, "by_hand": by_hand}[sys.argv[1]]
    folder = Path(sys.argv[2])
    tell("seconds", seconds(lambda: work(folder)))
