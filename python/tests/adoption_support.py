"""Steps whose artifacts persistable 1.x may have left behind, and such artifacts."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Optional

import pytest

from persistable import Persistable, PersistableParams

KEY_VARIABLE = "PERSISTABLE_SIGNING_KEY"


@pytest.fixture(autouse=True)
def without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


class Mode(Enum):
    FAST = "f"


class OtherMode(Enum):
    FAST = "f"


@dataclass
class Inner(PersistableParams):
    depth: int = 1


@dataclass
class Params(PersistableParams):
    n: Any = 1
    text: str = "t"
    texts: list = field(default_factory=list)  # type: ignore[type-arg]
    place: Path | None = None
    mode: Mode = Mode.FAST
    maybe: Optional[Mode] = None  # noqa: UP045  # As older code has it.
    either: Mode | OtherMode | None = None
    inner: Inner = field(default_factory=Inner)
    any_inner: Any = None


class ValueP(Persistable[Any, Any]):
    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        self.generations += 1
        return "new"


def made(folder: Path, params: Any = None, dependencies: Any = None, **kwargs: Any) -> ValueP:
    return ValueP(folder, params, dependencies, payload_name=kwargs.pop("payload_name", "value"), **kwargs)


def old_path(folder: Path, tree: Any, payload_name: str = "value", suffix: str = ".persistable") -> Path:
    """The path that 1.x had for a params tree, by the contract."""
    digest = hashlib.md5(str({payload_name: tree}).encode()).hexdigest()
    return folder / f"{payload_name}({digest}){suffix}"


def left(folder: Path, tree: Any, payload: Any = "old", **kwargs: Any) -> Path:
    folder.mkdir(exist_ok=True)
    path = old_path(folder, tree, **kwargs)
    path.write_bytes(pickle.dumps(payload))
    path.chmod(0o644)
    return path


PLAIN: dict[str, Any] = {
    "n": 1,
    "text": "t",
    "texts": [],
    "place": None,
    "mode": "FAST",
    "maybe": None,
    "either": None,
    "inner": {"depth": 1},
    "any_inner": None,
}
