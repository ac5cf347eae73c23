"""Two accounts of a group share a data folder, whatever their masks."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import LinesFileIO, NumberP, NumberParams, start

from persistable import Persistable
from persistable.io import JsonFileIO, PickleFileIO

ANN, BEN, GROUP, STRANGER = 4101, 4102, 4100, 4103
MASKS = [("077", "077"), ("077", "022"), ("022", "077"), ("002", "022")]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for other accounts")


class LinesP(Persistable["list[str]", NumberParams]):
    """Its payload IO writes by path."""

    payload_io = LinesFileIO()

    def _generate_payload(self, **untracked_payload_params: object) -> list[str]:
        return ["a"] * self.params.n


@pytest.fixture(params=["g+rwx", "g+rwxs", "sticky"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder of the group. The folder of pytest is for root alone."""
    outer = Path(tempfile.mkdtemp(prefix="persistable-accounts-"))
    outer.chmod(0o755)
    data = outer / "data"
    data.mkdir()
    os.chown(data, ANN, GROUP)
    data.chmod({"g+rwx": 0o770, "g+rwxs": 0o2770, "sticky": 0o1777}[request.param])
    for account in (ANN, BEN, STRANGER):
        home = outer / f"home {account}"
        home.mkdir()
        os.chown(home, account, account)
    yield data
    shutil.rmtree(outer)


def become(account: int, mask: str, folder: Path) -> None:
    """Makes this process act for an account. What needs files of root is imported before."""
    with tempfile.TemporaryDirectory() as elsewhere:
        steps = (
            numbers(Path(elsewhere), 1),
            pickles(Path(elsewhere), 1),
            LinesP(Path(elsewhere), NumberParams(1), None),
        )
        for step in steps:
            step.load_generate()
            step.reset_payload()
            step.load_generate()
            step.logger.info("imported")
    os.setgroups([] if account == STRANGER else [GROUP])
    os.setgid(account)
    os.setuid(account)
    os.umask(int(mask, 8))
    os.environ["XDG_DATA_HOME"] = str(folder.parent / f"home {account}")


def numbers(folder: Path, n: int) -> NumberP:
    return NumberP(folder, NumberParams(n), None, payload_io=JsonFileIO())


def pickles(folder: Path, n: int) -> NumberP:
    return NumberP(folder, NumberParams(n), None, payload_name="pickles", payload_io=PickleFileIO())


def act(account: int, mask: str, folder: Path, code: str) -> str:
    """Returns what code prints that runs for an account."""
    prologue = f"""
import sys
from pathlib import Path
from test_two_accounts import *
folder = Path({str(folder)!r})
become({account}, {mask!r}, folder)
"""
    process = start(prologue + code)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out.strip()


@pytest.mark.parametrize(("mask", "other"), MASKS)
def test_each_can_generate_whatever_the_masks_are(mask: str, other: str, folder: Path) -> None:
    act(ANN, mask, folder, "numbers(folder, 1).generate(); LinesP(folder, NumberParams(1), None).generate()")
    act(BEN, other, folder, "numbers(folder, 2).generate(); LinesP(folder, NumberParams(2), None).generate()")
    act(ANN, mask, folder, "numbers(folder, 3).load_generate(); numbers(folder, 1).load()")
    mode = folder.stat().st_mode
    own = folder / ".persistable"
    for path in [own, *own.rglob("*")]:
        found = path.stat()
        assert found.st_gid == GROUP or stat.S_IMODE(mode) & 0o1000, path
        if path.parent == own or path == own:
            wanted = stat.S_IMODE(mode) if path.is_dir() else stat.S_IMODE(mode) & 0o666
            assert stat.S_IMODE(found.st_mode) & 0o777 == wanted & 0o777, path
    log = (folder / "number_p.log").read_text()
    assert log.count("generating") == 3


def test_a_pickle_of_one_is_refused_to_the_other_and_everything_else_loads(folder: Path) -> None:
    act(ANN, "022", folder, "pickles(folder, 1).generate(); numbers(folder, 1).generate()")
    code = """
from persistable.exceptions import UntrustedPayloadError
numbers(folder, 1).load()
try:
    pickles(folder, 1).load_generate()
except UntrustedPayloadError as error:
    print(error)
import persistable
print(len(persistable.trust(folder, agree=True)))
print(pickles(folder, 1).load_generate() or "loaded")
"""
    told = act(BEN, "022", folder, code)
    assert f"it belongs to user {ANN}" in told
    assert told.endswith("1\nloaded")
    assert act(ANN, "022", folder, "pickles(folder, 1).load(); print('still loads')") == "still loads"


def test_what_one_left_damaged_the_other_puts_aside(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & 0o1000:
        pytest.skip("in a sticky folder, nobody else may move it")
    act(ANN, "077", folder, "os.umask(0o022); numbers(folder, 1).generate()")
    payload = next(path for path in folder.glob("number_p(*).json"))
    content = payload.read_bytes()
    payload.write_bytes(content + b" ")
    act(BEN, "077", folder, "numbers(folder, 1).load_generate()")
    quarantine = folder / ".persistable" / "quarantine"
    assert len(list(quarantine.iterdir())) == 1
    assert "reason" in act(
        ANN, "077", folder, "print([p.name for p in (folder / '.persistable/quarantine').rglob('reason*')])"
    )


def test_a_folder_that_an_earlier_version_made_for_one_alone_is_mended_by_its_owner(folder: Path) -> None:
    act(ANN, "022", folder, "numbers(folder, 1).generate()")
    own = folder / ".persistable"
    own.chmod(0o700)
    (own / "lock").chmod(0o600)
    (own / "staging").chmod(0o755)
    code = """
from persistable.exceptions import DeniedError
try:
    numbers(folder, 2).generate()
except DeniedError as error:
    print(error)
"""
    told = act(BEN, "022", folder, code)
    assert f"belongs to user {ANN}" in told and f"this is user {BEN}" in told
    assert f"chmod -R g+rwX '{own}'" in told
    act(ANN, "077", folder, "numbers(folder, 3).generate()")
    act(BEN, "022", folder, "numbers(folder, 2).generate()")


def test_one_who_may_not_write_to_the_data_folder_is_told_whose_it_is(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & 0o1000:
        pytest.skip("all may write to it")
    folder.chmod(0o755)
    act(ANN, "022", folder, "numbers(folder, 1).generate()")
    code = """
from persistable.exceptions import DeniedError
numbers(folder, 1).load()
try:
    numbers(folder, 2).generate()
except DeniedError as error:
    print(error)
"""
    told = act(STRANGER, "022", folder, code)
    assert f"The data folder belongs to user {ANN}" in told
    assert f"chmod g+rwxs '{folder}'" in told


def test_one_who_is_not_in_the_group_is_told_to_join_it(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & 0o1000:
        pytest.skip("all may write to it")
    folder.chmod(0o2775)
    act(ANN, "027", folder, "numbers(folder, 1).generate()")
    code = """
from persistable.exceptions import DeniedError
for act in (numbers(folder, 1).load, numbers(folder, 2).generate):
    try:
        act()
    except DeniedError as error:
        print(error)
"""
    told = act(STRANGER, "022", folder, code)
    assert told.count(f"usermod -aG {GROUP} {STRANGER}") == 2
    assert "chmod" not in told


def test_what_can_not_be_looked_at_is_told_by_trust(folder: Path) -> None:
    folder.chmod(0o2770)
    act(ANN, "077", folder, "numbers(folder, 1).generate()")
    act(ANN, "027", folder, "pickles(folder, 2).generate()")
    code = """
import logging, sys
import persistable
logging.basicConfig(stream=sys.stdout)
print(len(persistable.trust(folder, agree=True)))
"""
    told = act(BEN, "077", folder, code)
    assert "was left out" in told
    assert told.splitlines()[-1] == "1"


def test_what_one_lets_nobody_read_is_an_error_that_names_the_owner(folder: Path) -> None:
    act(ANN, "077", folder, "numbers(folder, 1).generate()")
    code = """
from persistable.exceptions import DeniedError
try:
    numbers(folder, 1).load_generate()
except DeniedError as error:
    print(error)
"""
    told = act(BEN, "077", folder, code)
    assert f"It belongs to user {ANN}" in told
    assert "chmod g+rX" in told
