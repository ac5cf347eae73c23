"""An artifact of 1.x is adopted only if loading it can't run code of somebody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable

import pytest
from adoption_support import (
    KEY_VARIABLE,
    PLAIN,
    Params,
    left,
    made,
    old_path,
    without_a_key,  # noqa: F401  # It holds for each test.
)
from support import give

from persistable import Catalogue
from persistable.io import JsonFileIO, PickleFileIO


class Explosive:
    """Its pickle leaves a trace when it is loaded."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def test_what_a_shared_group_may_write_to_is_not_run(tmp_path: Path) -> None:
    file = left(tmp_path, PLAIN, Explosive(tmp_path / "trace"))
    give(file, group=12345)
    file.chmod(0o664)
    with pytest.warns(UserWarning, match="chmod"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_what_the_accounts_private_group_may_write_to_is_adopted(tmp_path: Path) -> None:
    file = left(tmp_path, PLAIN, "old")
    if file.stat().st_gid != file.stat().st_uid:
        pytest.skip("this account has no group of its own")
    file.chmod(0o664)
    assert made(tmp_path, Params()).payload == "old"


@pytest.mark.parametrize("mode", [0o646, 0o666])
def test_what_others_may_write_to_is_not_run(tmp_path: Path, mode: int) -> None:
    left(tmp_path, PLAIN, Explosive(tmp_path / "trace")).chmod(mode)
    with pytest.warns(UserWarning, match="chmod"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = left(tmp_path / "elsewhere", PLAIN, Explosive(tmp_path / "trace"))
    old_path(tmp_path, PLAIN).symlink_to(target)
    with pytest.warns(UserWarning, match="link"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_what_belongs_to_another_account_is_not_run(tmp_path: Path) -> None:
    give(left(tmp_path, PLAIN, Explosive(tmp_path / "trace")), user=12345)
    with pytest.warns(UserWarning, match="another account"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def owned_by_another(payload: Path) -> None:
    give(payload, user=12345)


def writable_for_a_group(payload: Path) -> None:
    give(payload, group=12345)
    payload.chmod(0o664)


def with_a_file_of_another(payload: Path) -> None:
    payload.unlink()
    payload.mkdir(mode=0o755)
    for name in ("a", "b"):
        (payload / name).write_text("[]")
        (payload / name).chmod(0o644)
    give(payload / "b", user=12345)


@pytest.mark.parametrize("change", [owned_by_another, writable_for_a_group, with_a_file_of_another])
def test_the_command_and_a_load_agree_on_what_is_not_adopted(tmp_path: Path, change: Callable[[Path], None]) -> None:
    payload = left(tmp_path, PLAIN)
    payload.with_name(f"{payload.stem}.params.json").write_text(json.dumps(PLAIN))
    change(payload)
    (found,) = Catalogue(tmp_path).adopt()
    assert found.advice == "distrusted"
    with pytest.warns(UserWarning, match="is not adopted") as caught:
        assert made(tmp_path, Params()).payload == "new"
    (told,) = {str(each.message).split("adopted: ")[1] for each in caught}
    assert told == f"{found.reason.split('adopted: ')[1]}, or use a payload IO with trust=True"


def test_what_the_user_trusts_is_adopted(tmp_path: Path) -> None:
    left(tmp_path, PLAIN).chmod(0o666)
    assert made(tmp_path, Params(), payload_io=PickleFileIO(trust=True)).payload == "old"


@pytest.mark.parametrize("place", ["argument", "environment"])
@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_with_a_signing_key_nothing_is_run_that_has_no_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, call: str
) -> None:
    left(tmp_path, PLAIN, Explosive(tmp_path / "trace"))
    if place == "environment":
        monkeypatch.setenv(KEY_VARIABLE, "secret")
    step = made(tmp_path, Params(), payload_io=PickleFileIO(signing_key="secret") if place == "argument" else None)
    with pytest.warns(UserWarning, match="signing key"):
        if call == "load":
            with pytest.raises(FileNotFoundError):
                step.load()
        else:
            assert step.payload == "new"
    assert not (tmp_path / "trace").exists()


def test_with_a_signing_key_an_artifact_is_adopted_by_who_trusts_anyone(tmp_path: Path) -> None:
    left(tmp_path, PLAIN)
    io = PickleFileIO[Any](trust=True, signing_key="secret")
    assert made(tmp_path, Params(), payload_io=io).payload == "old"


def test_with_a_signing_key_formats_that_run_no_code_are_adopted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    path = old_path(tmp_path, PLAIN, suffix=".json")
    path.write_text('"old"')
    path.chmod(0o644)
    assert made(tmp_path, Params(), payload_io=JsonFileIO()).payload == "old"
