"""Copies of a data folder, by whatever tool: every payload IO loads from them with the default settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from support import start

import persistable
from persistable import Persistable, PersistableParams
from persistable.io import (
    ArrowFileIO,
    AvroFileIO,
    BytesFileIO,
    CsvFileIO,
    FileIO,
    FolderFileIO,
    JsonFileIO,
    MessagePackFileIO,
    NumpyFileIO,
    ParquetFileIO,
    PickleFileIO,
    TextFileIO,
    ZstdFileIO,
)

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")


class FolderOfPickles(FileIO[Any]):
    """A payload IO of a user that writes a folder, and runs code."""

    loading_runs_code = True

    def _save(self, payload: Any, filepath: Path, **kwargs: Any) -> None:
        import pickle

        filepath.mkdir()
        for number, part in enumerate(payload):
            (filepath / str(number)).write_bytes(pickle.dumps(part))

    def _load(self, filepath: Path, **kwargs: Any) -> Any:
        import pickle

        return [pickle.loads(path.read_bytes()) for path in sorted(filepath.iterdir())]


def a_folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    (folder / "part").write_text("content")
    return folder


CASES: dict[str, tuple[Any, Callable[[], Any]]] = {
    "pickle": (PickleFileIO(), lambda: {"a": [1, 2], "b": np.arange(100_000)}),
    "pickle_zstd": (ZstdFileIO(PickleFileIO()), lambda: {"a": [1, 2]}),
    "folder_of_pickles": (FolderOfPickles(), lambda: [1, "two"]),
    "npy": (NumpyFileIO(), lambda: np.arange(100.0)),
    "parquet": (ParquetFileIO(), lambda: pd.DataFrame({"x": [1.0, 2.0]})),
    "arrow": (ArrowFileIO(), lambda: pd.DataFrame({"x": [1.0, 2.0]})),
    "csv": (CsvFileIO(), lambda: pd.DataFrame({"x": [1.0, 2.0]})),
    "avro": (AvroFileIO(), lambda: [{"x": 1}, {"x": 2}]),
    "json": (JsonFileIO(), lambda: {"x": [1, 2]}),
    "json_zstd": (ZstdFileIO(JsonFileIO()), lambda: {"x": [1, 2]}),
    "messagepack": (MessagePackFileIO(), lambda: {"x": [1, 2]}),
    "text": (TextFileIO(), lambda: "text"),
    "bytes": (BytesFileIO(), lambda: b"bytes"),
    "folder": (FolderFileIO(), a_folder),
}
NEED = {"avro": "fastavro", "messagepack": "msgpack"}


class CaseParams(PersistableParams):
    pass


class CaseP(Persistable[Any, CaseParams]):
    """Has the payload of one of the cases."""

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return CASES[self.payload_name][1]()


def steps_in(folder: Path) -> dict[str, CaseP]:
    """One step for each payload IO, whatever is installed for it."""
    from importlib.util import find_spec

    names = [name for name in CASES if name not in NEED or find_spec(NEED[name])]
    return {name: CaseP(folder, CaseParams(), None, payload_name=name, payload_io=CASES[name][0]) for name in names}


def outcomes(folder: Path) -> dict[str, str]:
    """Loads each, as another process that starts from scratch does, and returns how that ended."""
    found = {}
    for name, step in steps_in(folder).items():
        try:
            step.load()
            found[name] = "loaded"
        except Exception as error:
            found[name] = type(error).__name__
    return found


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PERSISTABLE_SIGNING_KEY", raising=False)
    for step in steps_in(tmp_path / "data").values():
        step.generate()
    return tmp_path / "data"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system")
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder
    shutil.rmtree(folder)


def test_here_is_each_payload_io() -> None:
    kinds = {type(payload_io).__name__ for payload_io, _ in CASES.values()}
    assert kinds >= {name for name in persistable.io.__all__ if name.endswith("FileIO")} - {"FileIO"}


def test_a_catalogue_loads_what_any_payload_io_of_this_package_wrote(data: Path) -> None:
    catalogue = persistable.Catalogue(data)
    for name in steps_in(data):
        artifact = catalogue.filter(step=name)[0]
        if name == "folder_of_pickles":
            with pytest.raises(TypeError, match="none of this package"):
                artifact.load()
        else:
            artifact.load()


def test_with_another_key_only_what_may_run_code_is_to_be_trusted(data: Path, data_home: Path) -> None:
    copy = shutil.copytree(data, data_home / "copy")
    trusted = persistable.trust(copy, agree=True)
    assert {artifact.payload_name for artifact in trusted} == {"pickle", "pickle_zstd", "folder_of_pickles"}


def test_in_place_all_are_loaded(data: Path) -> None:
    assert set(outcomes(data).values()) == {"loaded"}


@pytest.mark.parametrize("options", ["-r", "-a"])
def test_after_cp_all_are_loaded(options: str, data: Path) -> None:
    copy = data.with_name("copy")
    subprocess.run(["cp", options, str(data), str(copy)], check=True)
    shutil.rmtree(data)
    assert set(outcomes(copy).values()) == {"loaded"}


def test_out_of_a_tar_all_are_loaded(data: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-C", str(tmp_path), "-czf", str(tmp_path / "data.tar.gz"), "data"], check=True)
    shutil.rmtree(data)
    subprocess.run(["tar", "-C", str(tmp_path), "-xzf", str(tmp_path / "data.tar.gz")], check=True)
    assert set(outcomes(data).values()) == {"loaded"}


def test_on_another_file_system_all_are_loaded(data: Path, elsewhere: Path) -> None:
    subprocess.run(["mv", str(data), str(elsewhere / "data")], check=True)
    assert set(outcomes(elsewhere / "data").values()) == {"loaded"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another account")
def test_for_another_account_only_what_runs_code_is_refused(data: Path) -> None:
    outer = Path(tempfile.mkdtemp())  # The folder of pytest is for root alone.
    try:
        outer.chmod(0o755)
        shutil.copytree(data, outer / "data")
        (outer / "home").mkdir()
        os.chown(outer / "home", 4104, 4104)
        code = """
            import json, os, sys, tempfile
            from pathlib import Path
            from test_trust_bar import outcomes, steps_in
            for step in steps_in(Path(tempfile.mkdtemp())).values():  # What needs files of root is imported before.
                step.generate()
                step.load()
            os.setgroups([])
            os.setgid(4104)
            os.setuid(4104)
            os.environ["XDG_DATA_HOME"] = sys.argv[2]
            from persistable import _core
            _core.forget_account_key()
            print(json.dumps(outcomes(Path(sys.argv[1]))))
        """
        process = start(code, outer / "data", outer / "home")
        out, error = process.communicate(timeout=300)
        assert process.returncode == 0, error
        import json

        found = json.loads(out)
        refused = {name for name, outcome in found.items() if outcome == "UntrustedPayloadError"}
        assert refused == {"pickle", "pickle_zstd", "folder_of_pickles"}
        assert all(outcome == "loaded" for name, outcome in found.items() if name not in refused), found
    finally:
        shutil.rmtree(outer)
