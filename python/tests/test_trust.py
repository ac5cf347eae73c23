"""A pickle runs code when it is loaded: whose pickles are loaded by an account without a signing key."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams, artifact_files, give, run

from persistable.exceptions import UntrustedPayloadError
from persistable.io import JsonFileIO, PickleFileIO

KEY_VARIABLE = "PERSISTABLE_SIGNING_KEY"


@pytest.fixture(autouse=True)
def without_a_key(monkeypatch: pytest.MonkeyPatch, no_account_key: None) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def persisted(folder: Path, **options: str) -> NumberP:
    step = NumberP(folder, NumberParams(5), None, payload_io=PickleFileIO(**options))  # type: ignore[arg-type]
    step.generate()
    return step


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(folder, folder.with_name("copy")))


def step_in(folder: Path, io: PickleFileIO[int] | None = None) -> NumberP:
    return NumberP(folder, NumberParams(5), None, payload_io=io)


@pytest.mark.parametrize(("key", "error"), [(3, TypeError), (b"bytes", TypeError), ("", ValueError), (" ", ValueError)])
def test_a_key_that_is_no_text_or_empty_is_refused(key: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="signing_key"):
        PickleFileIO(signing_key=key)


def test_what_this_account_wrote_here_just_works(tmp_path: Path) -> None:
    persisted(tmp_path)
    step_in(tmp_path).load()
    assert run("import sys; from test_trust import *; step_in(Path(sys.argv[1])).load()", tmp_path) == ""


def test_so_it_does_after_the_folder_was_renamed(tmp_path: Path) -> None:
    persisted(tmp_path / "data")
    (tmp_path / "data").rename(tmp_path / "moved")
    step_in(tmp_path / "moved").load()


def test_a_copy_is_refused_and_neither_put_aside_nor_regenerated(tmp_path: Path) -> None:
    persisted(tmp_path / "data")
    folder = copied(tmp_path / "data")
    before = artifact_files(folder)
    step = step_in(folder)
    for load in (step.load, step.load_generate, lambda: step.payload):
        with pytest.raises(UntrustedPayloadError, match="trust") as caught:
            load()
        assert caught.value.kind == "untrusted"
        assert "PickleFileIO(trust=True)" in str(caught.value)
        calls = [
            f'persistable.trust("{folder}")',
            KEY_VARIABLE,
            f'Store("{folder}", trusted=True)',
            "PickleFileIO(trust=True)",
            "generate()",
        ]
        places = [str(caught.value).index(call) for call in calls]
        assert places == sorted(places)
        assert isinstance(caught.value, PermissionError)
    assert step.generations == 0
    assert artifact_files(folder) == before
    step.generate()  # The decision to replace it.
    step_in(folder).load()


def test_a_copy_is_loaded_by_who_trusts_anyone(tmp_path: Path) -> None:
    persisted(tmp_path / "data")
    step_in(copied(tmp_path / "data"), PickleFileIO(trust=True)).load()


def test_a_copy_is_loaded_by_who_has_the_key_it_was_signed_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    persisted(tmp_path / "data", signing_key="the team's secret")
    folder = copied(tmp_path / "data")
    for io in (PickleFileIO[int](), PickleFileIO[int](signing_key="another")):
        with pytest.raises(UntrustedPayloadError):
            step_in(folder, io).load()
    step_in(folder, PickleFileIO(signing_key="the team's secret")).load()
    monkeypatch.setenv(KEY_VARIABLE, "the team's secret")
    step_in(folder).load()


def test_a_secret_that_is_no_text_is_an_error_which_does_not_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = persisted(tmp_path)
    monkeypatch.setitem(os.environb, KEY_VARIABLE.encode(), b"hidden\xff")
    for call in (step.generate, step_in(tmp_path).load, lambda: step_in(tmp_path / "other").payload):
        with pytest.raises(ValueError, match=f"{KEY_VARIABLE} is not UTF-8") as caught:
            call()
        assert "hidden" not in str(caught.value)
    NumberP(tmp_path, NumberParams(6), None, payload_io=JsonFileIO()).generate()


def test_a_signed_copy_whose_manifest_was_changed_is_refused(tmp_path: Path) -> None:
    step = persisted(tmp_path / "data", signing_key="secret")
    other = NumberP(tmp_path / "data", NumberParams(6), None)
    other.generate()  # Not signed.
    folder = copied(tmp_path / "data")
    for ending in (".persistable", ".manifest.json"):
        shutil.copyfile(
            f"{folder / other.persist_filepath.name}{ending}", f"{folder / step.persist_filepath.name}{ending}"
        )
    with pytest.raises(Exception, match=r"damaged|trust"):
        step_in(folder, PickleFileIO(signing_key="secret")).load()


def test_what_another_account_wrote_is_refused(tmp_path: Path) -> None:
    step = persisted(tmp_path)
    for ending in (".persistable", ".manifest.json"):
        path = f"{step.persist_filepath}{ending}"
        give(path, user=12345)
        with pytest.raises(UntrustedPayloadError, match="12345"):
            step_in(tmp_path).load()
        give(path, user=os.geteuid())
    step_in(tmp_path).load()


def test_what_others_can_write_to_is_refused(tmp_path: Path) -> None:
    step = persisted(tmp_path)
    payload = Path(f"{step.persist_filepath}.persistable")
    assert payload.stat().st_mode & 0o022 == 0
    payload.chmod(0o666)
    with pytest.raises(UntrustedPayloadError):
        step_in(tmp_path).load()


def test_formats_that_run_no_code_are_loaded_wherever_they_come_from(tmp_path: Path) -> None:
    NumberP(tmp_path / "data", NumberParams(5), None, payload_io=JsonFileIO()).generate()
    NumberP(copied(tmp_path / "data"), NumberParams(5), None, payload_io=JsonFileIO()).load()
