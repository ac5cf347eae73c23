"""`persistable.trust`: signing what another wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from support import NumberP, NumberParams, artifact_files, run

import persistable
from persistable import Store, _core
from persistable._trust import UntrustedArtifact
from persistable.exceptions import DamagedPayloadError, DeniedError, UntrustedPayloadError
from persistable.io import JsonFileIO, PickleFileIO, ZstdFileIO


@pytest.fixture(autouse=True)
def _without_a_team(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERSISTABLE_SIGNING_KEY", raising=False)


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, data_home: Path) -> Iterator[Path]:
    """What a colleague persisted: two pickles, one of them compressed, and JSON."""
    home = tmp_path_factory.mktemp("home of a colleague")
    code = """
        import sys
        from pathlib import Path
        from test_trust_others import steps_in
        for step in steps_in(Path(sys.argv[1])):
            step.generate()
    """
    run(code, tmp_path / "theirs", XDG_DATA_HOME=str(home))
    yield Path(shutil.copytree(tmp_path / "theirs", tmp_path / "data"))


def steps_in(folder: Path) -> list[NumberP]:
    ios: list[Any] = [PickleFileIO(), ZstdFileIO(PickleFileIO()), JsonFileIO()]
    return [NumberP(folder, NumberParams(number), None, payload_io=io) for number, io in enumerate(ios)]


def test_what_one_trusts_is_loaded_and_its_files_do_not_change(folder: Path) -> None:
    steps = steps_in(folder)
    for step in steps[:2]:
        with pytest.raises(UntrustedPayloadError, match=r"persistable\.trust\("):
            step.load()
    steps[2].load()
    before = {name: (folder / name).read_bytes() for name in artifact_files(folder)}
    signed = persistable.trust(folder, agree=True)
    assert sorted(artifact.payload_io for artifact in signed) == ["pickle", "pickle+zstd"]
    for step in steps:
        step.load()
    assert {name: (folder / name).read_bytes() for name in artifact_files(folder)} == before
    assert persistable.trust(folder, agree=True) == []
    assert (
        run("import sys; from test_trust_others import *; [s.load() for s in steps_in(Path(sys.argv[1]))]", folder)
        == ""
    )


def test_a_copy_of_what_one_trusts_is_loaded(folder: Path) -> None:
    persistable.trust(str(folder), agree=True)
    steps_in(Path(shutil.copytree(folder, folder.with_name("copy"))))[0].load()


def test_only_the_steps_that_are_named_are_trusted(folder: Path) -> None:
    first, second, _ = steps_in(folder)
    signed = persistable.trust(Store(folder), [first], agree=True)
    assert [artifact.key for artifact in signed] == [_core.full_key(first)]
    first.load()
    with pytest.raises(UntrustedPayloadError):
        second.load()


def test_a_function_decides_for_each(folder: Path) -> None:
    seen: list[UntrustedArtifact] = []

    def agree(artifact: UntrustedArtifact) -> bool:
        seen.append(artifact)
        return artifact.payload_io == "pickle"

    signed = persistable.trust(folder, agree=agree)
    assert [artifact.payload_io for artifact in signed] == ["pickle"]
    assert len(seen) == 2
    assert seen[0].program and seen[0].host and seen[0].persisted_at
    assert seen[0].owner == "this account"
    assert "who wrote it is not known here" in str(seen[0]) and "belongs to" not in str(seen[0])
    assert "it is a copy" in seen[0].why


def test_where_nobody_can_be_asked_an_error_says_whose_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("persistable._trust._can_ask", lambda: False)
    with pytest.raises(UntrustedPayloadError, match="agree=True") as caught:
        persistable.trust(folder)
    assert "number_p(" in str(caught.value)
    with pytest.raises(UntrustedPayloadError):
        steps_in(folder)[0].load()


@pytest.mark.parametrize("answer", ["y", "yes", "", "n"])
def test_one_is_asked_in_a_terminal(
    answer: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("persistable._trust._can_ask", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    signed = persistable.trust(folder)
    assert len(signed) == (2 if answer.startswith("y") else 0)
    assert "pickle+zstd" in capsys.readouterr().out


def test_what_is_damaged_is_not_signed(folder: Path) -> None:
    payload = next(path for path in folder.glob("*(*.persistable"))
    content = payload.read_bytes()
    payload.write_bytes(content[:-1] + b"?")
    with pytest.raises(DamagedPayloadError):
        persistable.trust(folder, agree=True)


def test_it_is_refused_again_when_somebody_changes_it(folder: Path) -> None:
    step = steps_in(folder)[0]
    persistable.trust(folder, agree=True)
    manifest = next(path for path in folder.glob("*.manifest.json") if '"pickle"' in path.read_text())
    elsewhere = folder.with_name("theirs") / manifest.name
    code = """
        import sys
        from pathlib import Path
        from test_trust_others import steps_in
        steps_in(Path(sys.argv[1]))[0].generate()
    """
    run(code, elsewhere.parent, XDG_DATA_HOME=str(folder.with_name("another home")))
    for name in artifact_files(elsewhere.parent):
        shutil.copy(elsewhere.parent / name, folder / name)
    with pytest.raises(UntrustedPayloadError):
        step.load()


def test_without_a_key_of_the_account_the_teams_signs_or_an_error_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, no_account_key: None
) -> None:
    with pytest.raises(ValueError, match="PERSISTABLE_ACCOUNT_KEY"):
        persistable.trust(folder, agree=True)
    monkeypatch.setenv("PERSISTABLE_SIGNING_KEY", "the secret of the team")
    persistable.trust(folder, agree=True)
    steps_in(folder)[0].load()


def test_ones_own_results_that_have_no_signature_can_be_signed_before_they_are_copied(
    tmp_path: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSISTABLE_ACCOUNT_KEY", "off")
    step = steps_in(tmp_path / "data")[0]
    step.generate()
    monkeypatch.delenv("PERSISTABLE_ACCOUNT_KEY")
    _core.forget_account_key()
    copied = Path(shutil.copytree(tmp_path / "data", tmp_path / "copy"))
    assert len(persistable.trust(copied, agree=True)) == 1
    steps_in(copied)[0].load()


def test_one_step_needs_no_list(folder: Path) -> None:
    first, second, _ = steps_in(folder)
    assert len(persistable.trust(folder, first, agree=True)) == 1
    with pytest.raises(UntrustedPayloadError):
        second.load()
    with pytest.raises(TypeError, match=r"trust\(\) takes a step"):
        persistable.trust(folder, NumberP, agree=True)  # type: ignore[arg-type]


def test_an_artifact_that_cannot_be_looked_at_is_not_taken_for_trusted() -> None:
    filesystem = fsspec.filesystem("memory")
    store = Store(filesystem, "/unreadable")
    NumberP(store, NumberParams(1), None, payload_io=PickleFileIO()).generate()
    Failing.seen, failing = 0, Store(Failing(), "/unreadable")
    with pytest.raises(DeniedError):
        persistable.trust(failing, agree=True)


class Failing(MemoryFileSystem):
    """Shows a manifest to the listing, and then no more."""

    cachable = False
    seen = 0

    def cat_file(self, path: str, start: Any = None, end: Any = None, **options: Any) -> Any:
        if path.endswith(".manifest.json"):
            Failing.seen += 1
            if Failing.seen > 1:
                raise PermissionError(path)
        return super().cat_file(path, start, end, **options)


def test_the_message_for_a_store_that_is_not_a_folder_names_a_call_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(fsspec.filesystem("memory"), "/unsigned")
    step = NumberP(store, NumberParams(1), None, payload_io=PickleFileIO())
    monkeypatch.setenv("PERSISTABLE_ACCOUNT_KEY", "off")
    _core.forget_account_key()
    step.generate()
    monkeypatch.delenv("PERSISTABLE_ACCOUNT_KEY")
    _core.forget_account_key()
    with pytest.raises(UntrustedPayloadError, match=r"persistable\.trust\(step\.data_dir\)"):
        step.load()
    persistable.trust(step.data_dir, agree=True)
    step.load()
