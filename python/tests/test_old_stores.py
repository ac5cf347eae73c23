"""What earlier versions persisted is loaded for ever.

`testdata/store-v1/README.md` says what is there, and how it got there: by running this file as a program.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
from old_stores import IN_PYTHON, IN_RUST
from old_stores.pickles import OF_MAIN, SECRET
from support import run
from twins.twin import only_loading
from twins.twin import shown as shown_in_twins

import persistable.io
from persistable import Persistable
from persistable.exceptions import UntrustedPayloadError
from persistable.io import FileIO, PickleFileIO

ROOT = Path(__file__).parents[2]
STORE = ROOT / "testdata" / "store-v1"
LANGUAGES = {"rust": IN_RUST, "python": IN_PYTHON}
ARTIFACTS = [(language, name) for language, steps in LANGUAGES.items() for name in steps]
PICKLES = [name for name in IN_PYTHON if "pickle" in name]
KEY_VARIABLE = "PERSISTABLE_SIGNING_KEY"
# By whose bytecode the definitions in the pickles are.
WRITTEN_BY = (3, 11)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    for name, kind in OF_MAIN.items():
        monkeypatch.setattr(sys.modules["__main__"], name, kind, raising=False)


@pytest.mark.parametrize(("language", "name"), ARTIFACTS)
def test_every_artifact_is_loaded_and_none_is_changed(tmp_path: Path, language: str, name: str) -> None:
    folder = Path(shutil.copytree(STORE / language, tmp_path / "copy"))
    fresh = LANGUAGES[language][name](tmp_path / "fresh")
    fresh.generate(persist=False)
    for load in (Persistable.load, Persistable.load_generate):
        step = trusting(only_loading(LANGUAGES[language][name](folder)))
        load(step)
        assert shown(step.payload) == shown(fresh.payload)
    assert files_below(folder) == files_below(STORE / language)


def test_every_artifact_has_the_key_of_then(tmp_path: Path) -> None:
    stems = {make(tmp_path).persist_filepath.name for make in IN_PYTHON.values()}
    assert {name.partition(".")[0] for name in files_below(STORE / "python") if name.endswith(".json")} == stems


def test_every_payload_io_has_an_artifact(tmp_path: Path) -> None:
    kept = {kind for make in IN_PYTHON.values() for kind in type(make(tmp_path).payload_io).__mro__}
    ready = [getattr(persistable.io, name) for name in persistable.io.__all__]
    missing = [kind for kind in ready if isinstance(kind, type) and issubclass(kind, FileIO) and kind not in kept]
    assert missing == [], "testdata/store-v1/README.md says how an artifact of a new one gets there"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_param_is_in_some_artifact(language: str) -> None:
    kinds = re.search(r"\| kind \| byte \| body \|\n\| --- .*\n((\|.*\n)+)", (ROOT / "spec" / "key-v1.md").read_text())
    assert kinds is not None
    known = {line.split("|")[1].strip() for line in kinds[1].splitlines()}
    kept = {kind for manifest in manifests(language) for value in manifest["params"].values() for kind in value}
    assert known - kept == set()
    assert len(known) == 23


def test_everything_that_pickles_refer_to_by_name_is_in_some_pickle() -> None:
    table = re.search(r"\| function \| .*\n\| --- .*\n((\|.*\n)+)", (ROOT / "spec" / "pickle-v1.md").read_text())
    assert table is not None
    names = {name for line in table[1].splitlines() for name in re.findall(r"`(\w+)`", line.partition(" | ")[0])}
    assert len(names) == 9
    pickles = b"".join(data for name, data in files_below(STORE / "python").items() if "pickle" in name)
    # A pickle has the length before the name.
    assert [name for name in sorted(names) if bytes([len(name)]) + name.encode() not in pickles] == []


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_that_came_with_git_is_refused_unless_one_trusts_it(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(STORE / "python", tmp_path / "copy"))
    for load in (Persistable.load, Persistable.load_generate):
        step = only_loading(IN_PYTHON[name](folder))
        step.payload_io = PickleFileIO()
        with pytest.raises(UntrustedPayloadError):
            load(step)
    assert files_below(folder) == files_below(STORE / "python")


def test_a_signed_pickle_is_loaded_by_who_has_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(STORE / "python", tmp_path / "copy"))
    only_loading(IN_PYTHON["signed_pickle"](folder)).load()
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    step = only_loading(IN_PYTHON["signed_pickle"](folder))
    step.payload_io = PickleFileIO()
    step.load()


@pytest.mark.skipif(sys.version_info[:2] != WRITTEN_BY, reason="bytecode is of one version of Python")
def test_a_class_of_a_script_is_rebuilt_where_there_is_no_such_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(sys.modules["__main__"], "OfMain")
    folder = Path(shutil.copytree(STORE / "python", tmp_path / "copy"))
    step = trusting(only_loading(IN_PYTHON["pickle_of_main"](folder)))
    step.load()
    mine, kind = step.payload
    assert type(mine) is kind and kind is not OF_MAIN["OfMain"]
    assert repr(mine.larger()) == "OfMain(4)"


@pytest.fixture
def read_only_folder() -> Iterator[Path]:
    # Other users can't reach what pytest makes.
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = Path(shutil.copytree(STORE, Path(outer) / "copy"))
        everything = [folder, *folder.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield folder
        for path in everything:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_store_that_one_can_only_read_is_loaded(tmp_path: Path, read_only_folder: Path) -> None:
    code = """
        import os
        import sys
        from contextlib import suppress
        from pathlib import Path

        import test_old_stores

        # What is imported later may be where others can't read.
        test_old_stores.load_everything(Path(sys.argv[1]))
        if os.geteuid() == 0:  # Modes mean nothing to root.
            for become in (lambda: os.setgroups([]), lambda: os.setgid(65_534), lambda: os.setuid(65_534)):
                with suppress(OSError):
                    become()
        if os.geteuid() == 0 and os.access(sys.argv[2], os.W_OK):
            print("there is no other account that one could only read as")
            sys.exit()
        assert not os.access(sys.argv[2], os.W_OK)
        test_old_stores.load_everything(Path(sys.argv[2]))
        """
    # A container may have a single account.
    if why_not := run(code, shutil.copytree(STORE, tmp_path / "copy"), read_only_folder):
        pytest.skip(why_not)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_it_tells_of_the_machine_that_wrote_it(language: str) -> None:
    assert {manifest["provenance"]["host"] for manifest in manifests(language)} == {"localhost"}
    words = [str(ROOT).encode(), b"/home/", b"/root/", b"/tmp/"]
    files = files_below(STORE / language)
    assert [name for name, data in files.items() if any(word in data for word in words)] == []
    assert sum(map(len, files.values())) < 400_000


def load_everything(folder: Path) -> None:
    put_into_main()
    for language, name in ARTIFACTS:
        step = trusting(only_loading(LANGUAGES[language][name](folder / language)))
        step.load()
        step.load_generate()


def put_into_main() -> None:
    vars(sys.modules["__main__"]).update(OF_MAIN)


def trusting(step: Persistable[Any, Any]) -> Persistable[Any, Any]:
    if isinstance(step.payload_io, PickleFileIO):
        step.payload_io = PickleFileIO(trust=True)
    return step


def manifests(language: str) -> list[dict[str, Any]]:
    files = files_below(STORE / language)
    return [json.loads(data) for name, data in files.items() if name.endswith(".manifest.json")]


def files_below(folder: Path) -> dict[str, bytes]:
    """Returns what is in each file, but for logs and what a store keeps for itself."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"]
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(".persistable/")}


def shown(value: Any) -> str:
    """Returns a text that tells payloads apart: zeros by their sign, numbers by their type, frames by all there is."""
    if type(value) is dict:
        return f"{ {name: shown(item) for name, item in value.items()} }"
    if isinstance(value, np.ma.MaskedArray):
        return f"masked {shown(value.data)} {shown(value.mask)} {value.fill_value}"
    if isinstance(value, np.ndarray):
        return f"{type(value).__name__} {shown_in_twins(value)} {value.flags.writeable} {value.flags.fnc}"
    if isinstance(value, pd.DataFrame):
        return f"{value.dtypes.to_dict()} {value.index!r} {value.to_dict('list')}"
    if isinstance(value, polars.Series):
        return shown_in_twins(value.to_frame())
    if isinstance(value, pyarrow.Table):
        return f"{value.schema} {value.to_pydict()}"
    return shown_in_twins(value)


def write() -> None:
    """Persists what is not there yet."""
    assert socket.gethostname() == "localhost", "manifests hold the name of the machine"
    assert sys.version_info[:2] == WRITTEN_BY
    put_into_main()
    folder = STORE / "python"
    for name, make in IN_PYTHON.items():
        step = make(folder)
        if not Path(f"{step.persist_filepath}.manifest.json").exists():
            if name == "replaced":
                step.generate_given = lambda: "before"  # type: ignore[attr-defined]
                step.generate()
                step = make(folder)
            step.generate()
    shutil.rmtree(folder / ".persistable", ignore_errors=True)
    for log in folder.glob("*.log"):
        log.unlink()


if __name__ == "__main__":
    write()
