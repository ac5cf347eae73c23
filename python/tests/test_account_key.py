"""The signing key of an account: what it wrote, it loads, wherever the copy lies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import stat
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from support import NumberP, NumberParams, run, start

from persistable import Store, _core
from persistable.exceptions import UntrustedPayloadError
from persistable.io import JsonFileIO, PickleFileIO

KEY_VARIABLE = "PERSISTABLE_SIGNING_KEY"


@pytest.fixture(autouse=True)
def key_file(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return data_home / "persistable" / "signing-key"


def step_in(folder: Path, **options: str) -> NumberP:
    return NumberP(folder, NumberParams(5), None, payload_io=PickleFileIO(**options))  # type: ignore[arg-type]


def copy_of(folder: Path, name: str = "copy") -> Path:
    return Path(shutil.copytree(folder, folder.with_name(name)))


def test_it_is_made_when_something_is_signed_first_and_only_this_account_can_read_it(
    tmp_path: Path, key_file: Path
) -> None:
    NumberP(tmp_path / "json", NumberParams(), None, payload_io=JsonFileIO()).generate()
    step = step_in(tmp_path / "data")
    with pytest.raises(FileNotFoundError):
        step.load()
    assert not key_file.exists()
    step.generate()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert len(key_file.read_text().strip()) == 64
    assert [path.name for path in key_file.parent.iterdir()] == ["signing-key"]


def test_copies_load_with_it_and_not_without_it(tmp_path: Path, key_file: Path) -> None:
    step_in(tmp_path / "data").generate()
    folder = copy_of(tmp_path / "data")
    step_in(folder).load()
    key_file.rename(key_file.with_name("elsewhere"))
    _core.forget_account_key()
    with pytest.raises(UntrustedPayloadError, match="not accepted here"):
        step_in(folder).load()
    step_in(tmp_path / "data").load()  # It lies where it was persisted.
    key_file.with_name("elsewhere").rename(key_file)
    _core.forget_account_key()
    step_in(folder).load()


def test_a_teams_key_signs_and_the_accounts_is_still_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    step_in(tmp_path / "alone").generate()
    monkeypatch.setenv(KEY_VARIABLE, "the secret of the team")
    step_in(tmp_path / "team").generate()
    step_in(copy_of(tmp_path / "alone", "alone 2")).load()
    team = copy_of(tmp_path / "team", "team 2")
    step_in(team).load()
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(UntrustedPayloadError):
        step_in(team).load()
    step_in(team, signing_key="the secret of the team").load()


@pytest.mark.parametrize("is_teams", [False, True])
def test_what_either_key_signed_can_be_accepted_and_stays_signed(
    is_teams: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_teams:
        monkeypatch.setenv(KEY_VARIABLE, "the secret of the team")
    step_in(tmp_path / "data").generate()
    monkeypatch.setenv(KEY_VARIABLE, "the secret of the team")
    copied = step_in(copy_of(tmp_path / "data"))
    copied.accept_code()
    copied.load()
    if not is_teams:
        monkeypatch.delenv(KEY_VARIABLE)
    step_in(copy_of(tmp_path / "copy", "copy of the copy")).load()


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "false"])
def test_it_can_be_switched_off(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv("PERSISTABLE_ACCOUNT_KEY", value)
    step_in(tmp_path / "data").generate()
    step_in(tmp_path / "data").load()
    assert not key_file.exists()
    with pytest.raises(UntrustedPayloadError, match="It is not signed"):
        step_in(copy_of(tmp_path / "data")).load()


def spoil_by_mode(key_file: Path) -> None:
    key_file.chmod(0o640)


def spoil_by_link(key_file: Path) -> None:
    target = key_file.with_name("elsewhere")
    key_file.rename(target)
    key_file.symlink_to(target)


def spoil_by_folder(key_file: Path) -> None:
    key_file.unlink()
    key_file.mkdir()


def spoil_by_content(key_file: Path) -> None:
    key_file.write_text("\n")


def spoil_by_owner(key_file: Path) -> None:
    from support import give

    give(key_file, user=12345)


@pytest.mark.parametrize("spoil", [spoil_by_mode, spoil_by_link, spoil_by_folder, spoil_by_content, spoil_by_owner])
def test_one_that_others_may_know_is_not_used_and_a_warning_says_what_to_do(
    spoil: Callable[[Path], None], tmp_path: Path, key_file: Path
) -> None:
    step_in(tmp_path / "data").generate()
    spoil(key_file)
    _core.forget_account_key()
    folder = copy_of(tmp_path / "data")
    with pytest.warns(UserWarning, match="this signing key is not used") as told, pytest.raises(UntrustedPayloadError):
        step_in(folder).load()
    assert len(told) == 1
    assert str(key_file) in str(told[0].message)
    assert "PERSISTABLE_ACCOUNT_KEY=off" in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # It is said once.
        step_in(tmp_path / "data").load()
        step_in(tmp_path / "another").generate()


def test_a_home_that_can_not_be_written_to_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    for number, home in enumerate([tmp_path / "file", Path("/proc/no-such-place"), Path("/dev/null/below")]):
        monkeypatch.setenv("XDG_DATA_HOME", str(home))
        _core.forget_account_key()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            step_in(tmp_path / str(number)).generate()
            step_in(tmp_path / str(number)).load()


def test_without_a_home_of_its_own_an_account_has_no_key(tmp_path: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from test_account_key import step_in
        from persistable._core import account_key_file
        print(account_key_file())
        step_in(Path(sys.argv[1])).generate()
    """
    homes = ["/no/such/home"]
    if os.geteuid() == 0:
        other = tmp_path / "of another account"
        other.mkdir()
        os.chown(other, 12345, 12345)
        homes.append(str(other))
    for number, home in enumerate(homes):
        process = start(code, tmp_path / str(number), HOME=home, XDG_DATA_HOME="")
        out, error = process.communicate()
        assert (out.strip(), process.returncode) == ("None", 0), error
    own = tmp_path / "own home"
    own.mkdir()
    process = start(code, tmp_path / "own", HOME=str(own), XDG_DATA_HOME="relative/is/ignored")
    out, error = process.communicate()
    assert out.strip() == str(own / ".local/share/persistable/signing-key"), error
    assert Path(out.strip()).exists()


def test_processes_that_make_it_at_once_have_the_same_one(tmp_path: Path, key_file: Path) -> None:
    code = """
        import sys
        from pathlib import Path
        from test_account_key import step_in
        print("ready", flush=True)
        sys.stdin.readline()
        step_in(Path(sys.argv[1])).generate()
    """
    processes = [start(code, tmp_path / f"data{number}") for number in range(8)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        assert process.communicate()[1] == "" and process.returncode == 0
    assert [path.name for path in key_file.parent.iterdir()] == ["signing-key"]
    for number in range(8):
        step_in(copy_of(tmp_path / f"data{number}", f"copy{number}")).load()


def _generate(folder: str) -> None:
    step_in(Path(folder)).generate()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forked_and_spawned_workers_sign_with_it(tmp_path: Path) -> None:
    methods = ["spawn"] if sys.platform == "darwin" else ["fork", "spawn"]
    for method in methods:
        _core.forget_account_key()
        worker = multiprocessing.get_context(method).Process(target=_generate, args=(str(tmp_path / method),))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
        step_in(copy_of(tmp_path / method, f"copy of {method}")).load()


def test_a_hit_reads_the_file_at_most_once_and_one_of_ones_own_does_not(tmp_path: Path, key_file: Path) -> None:
    step_in(tmp_path / "data").generate()
    folder = copy_of(tmp_path / "data")
    key_file.unlink()  # What was read is remembered.
    step_in(folder).load()
    key_file.mkdir()
    _core.forget_account_key()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step_in(tmp_path / "data").load()  # Nobody asks for the key of what is one's own.


def test_a_key_that_another_process_made_in_the_meantime_is_used(tmp_path: Path, key_file: Path) -> None:
    copied = step_in(tmp_path / "copy")
    with_key(tmp_path / "data", "off")
    shutil.copytree(tmp_path / "data", tmp_path / "copy", dirs_exist_ok=True)
    with pytest.raises(UntrustedPayloadError, match="not signed"):
        copied.load()  # There is no key yet, and this process has looked for one.
    assert not key_file.exists()
    shutil.rmtree(tmp_path / "data")
    with_key(tmp_path / "data", "")
    assert key_file.exists()
    shutil.copytree(tmp_path / "data", tmp_path / "copy", dirs_exist_ok=True)
    copied.load()


def with_key(folder: Path, account_key: str) -> None:
    """Persists in another process."""
    code = "import sys; from pathlib import Path; from test_account_key import *; step_in(Path(sys.argv[1])).generate()"
    run(code, folder, PERSISTABLE_ACCOUNT_KEY=account_key)


def test_the_message_names_the_file_of_the_key_or_says_that_there_is_none(
    tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_key(tmp_path / "data", "off")
    step = step_in(copy_of(tmp_path / "data"))
    with pytest.raises(UntrustedPayloadError) as caught:
        step.load()
    assert f"to {key_file}. " in str(caught.value)
    monkeypatch.setenv("PERSISTABLE_ACCOUNT_KEY", "off")
    with pytest.raises(UntrustedPayloadError, match="PERSISTABLE_ACCOUNT_KEY switches it off"):
        step.load()


def test_without_a_key_a_pickle_for_a_bucket_is_warned_of_once_and_before_it_is_generated(
    tmp_path: Path, no_account_key: None, caplog: pytest.LogCaptureFixture
) -> None:
    fsspec = pytest.importorskip("fsspec")
    logger = logging.getLogger("told of keys")
    caplog.set_level(logging.DEBUG, logger.name)

    def generated(name: str, pickled: bool = True, key: str | None = None, trusted: bool = False) -> list[str]:
        store = Store(fsspec.filesystem("memory"), f"/{tmp_path}/{name}", trusted=trusted)
        payload_io = PickleFileIO[int](signing_key=key) if pickled else JsonFileIO()
        step = NumberP(store, NumberParams(), None, payload_io=payload_io, logger=logger)
        caplog.clear()
        step.generate()
        return [record.getMessage() for record in caplog.records]

    (warned, *rest) = [told for told in generated("one") if "without a signature" in told or "generating" in told]
    assert "without a signature" in warned
    assert "PERSISTABLE_SIGNING_KEY" in warned
    assert rest
    for others in (
        generated("one"),
        generated("two", pickled=False),
        generated("three", key="a secret"),
        generated("four", trusted=True),
    ):
        assert not [told for told in others if "without a signature" in told]
    NumberP(tmp_path / "folder", NumberParams(), None, logger=logger).generate()
    assert "without a signature" not in caplog.text
