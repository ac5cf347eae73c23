"""Removing an artifact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from persistable import Persistable
from persistable.exceptions import MissingPayloadError


class Numbers(Persistable[list[int], None]):
    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> list[int]:
        type(self).generations += 1
        return [1, 2, 3]


@pytest.fixture(autouse=True)
def _no_generations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Numbers, "generations", 0)


def artifacts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("numbers("))


def test_a_removed_artifact_is_gone_and_its_payload_is_generated_anew(tmp_path: Path) -> None:
    step = Numbers(tmp_path, None)
    assert step.remove() is False
    assert step.payload == [1, 2, 3]
    assert len(artifacts(tmp_path)) == 3
    assert step.remove() is True
    assert artifacts(tmp_path) == []
    with pytest.raises(MissingPayloadError):
        step.load()
    assert step.remove() is False
    assert step.payload == [1, 2, 3]
    assert Numbers.generations == 2


def test_another_object_removes_it_too(tmp_path: Path) -> None:
    Numbers(tmp_path, None).load_generate()
    assert Numbers(tmp_path, None).remove() is True
    Numbers(tmp_path, None).load_generate()
    assert Numbers.generations == 2


def test_a_payload_that_is_not_persisted_stays_in_memory(tmp_path: Path) -> None:
    step = Numbers(tmp_path, None)
    step.generate()
    step.generate(persist=False)
    assert step.remove() is True
    step.persist()
    assert Numbers.generations == 2
    assert Numbers(tmp_path, None).payload == [1, 2, 3]
