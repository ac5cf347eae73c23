"""The log tells of each damage once, also if a class overrides the methods that load, generate and persist."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support import STUCK_SECONDS, NumberP, NumberParams

from persistable.exceptions import BusyError, DamagedPayloadError


class OwnLoadP(NumberP):
    def load(self, *args: Any, **kwargs: Any) -> None:
        super().load(*args, **kwargs)


class OwnGenerateP(NumberP):
    def generate(self, *args: Any, **kwargs: Any) -> None:
        super().generate(*args, **kwargs)


class OwnPersistP(NumberP):
    def persist(self) -> None:
        super().persist()


class OwnLoadGenerateP(NumberP):
    def load_generate(self, **untracked: Any) -> None:
        super().load_generate(**untracked)


class LoadOrGenerateP(NumberP):
    """Does what `load_generate` does, in its own way."""

    def load_generate(self, **untracked: Any) -> None:
        try:
            self.load(**untracked)
        except (FileNotFoundError, DamagedPayloadError):
            self.generate(**untracked)


class AllP(OwnLoadP, OwnGenerateP, OwnPersistP, OwnLoadGenerateP):
    pass


def damaged(kind: type[NumberP], folder: Path) -> NumberP:
    step = kind(folder, NumberParams(3), None, payload_name="number_p")
    step.generate()
    file = Path(f"{step.persist_filepath}.persistable")
    file.write_bytes(file.read_bytes()[:-2] + b"xx")
    (folder / "number_p.log").write_text("")
    return kind(folder, NumberParams(3), None, payload_name="number_p")


def told(folder: Path) -> list[str]:
    """The levels of the lines that tell of damage."""
    lines = (folder / "number_p.log").read_text().splitlines()
    return [line.split()[1] for line in lines if "could not load" in line]


@pytest.mark.parametrize("call", ["payload", "load_generate"])
@pytest.mark.parametrize("kind", [NumberP, OwnLoadP, OwnGenerateP, OwnPersistP, OwnLoadGenerateP, AllP])
def test_healing_tells_of_the_damage_once(tmp_path: Path, kind: type[NumberP], call: str) -> None:
    step = damaged(kind, tmp_path)
    if call == "load_generate":
        step.load_generate()
    assert step.payload == 3
    assert told(tmp_path) == ["WARN"]


@pytest.mark.parametrize("kind", [NumberP, OwnLoadP, LoadOrGenerateP])
def test_a_load_that_raises_for_damage_tells_it_as_an_error(tmp_path: Path, kind: type[NumberP]) -> None:
    step = damaged(kind, tmp_path)
    with pytest.raises(DamagedPayloadError):
        step.load()
    assert told(tmp_path) == ["WARN", "ERROR"]


HEALING = [OwnLoadP, OwnGenerateP, OwnPersistP, AllP]


@pytest.mark.parametrize("kind", HEALING)
def test_damage_is_told_where_another_has_the_lease(tmp_path: Path, kind: type[NumberP]) -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def generate(**untracked: Any) -> int:
        has_begun.set()
        assert may_end.wait(STUCK_SECONDS)
        return 3

    step = damaged(kind, tmp_path)
    step.lease_wait_seconds = 0
    holder = kind(tmp_path, NumberParams(3), None, payload_name="number_p")
    holder._generate_payload = generate  # type: ignore[method-assign]
    generating = threading.Thread(target=holder.generate, daemon=True)
    generating.start()
    assert has_begun.wait(STUCK_SECONDS)
    with pytest.raises(BusyError):
        step.load_generate()
    told_then = told(tmp_path)
    may_end.set()
    generating.join(STUCK_SECONDS)
    assert told_then == ["ERROR"]
