"""Compression around another payload IO."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import LinesFileIO, NumberP, NumberParams, artifact_files

from persistable import Persistable
from persistable.exceptions import (
    DamagedPayloadError,
    IncompatiblePayloadError,
    MissingPayloadError,
    SavingError,
    UnpersistablePayloadError,
    UntrustedPayloadError,
)
from persistable.io import (
    CsvFileIO,
    FileIO,
    FolderFileIO,
    JsonFileIO,
    NumpyFileIO,
    ParquetFileIO,
    PickleFileIO,
    TextFileIO,
    ZstdFileIO,
)
from persistable.io._same import is_same


class GivenP(Persistable[Any, NumberParams]):
    given: Any = None

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return self.given


def step_of(folder: Path, payload_io: FileIO[Any], payload: Any, **options: Any) -> GivenP:
    step = GivenP(folder, NumberParams(1), None, payload_io=payload_io, **options)
    step.given = payload
    return step


PAYLOADS: list[tuple[FileIO[Any], Any, str]] = [
    (JsonFileIO(), {"a": [1, 2.5]}, ".json.zst"),
    (TextFileIO(), "text" * 1000, ".txt.zst"),
    (NumpyFileIO(), np.arange(100_000.0), ".npy.zst"),
    (PickleFileIO(), {"array": np.zeros(100_000), "text": "b"}, ".persistable.zst"),
    (CsvFileIO(), pd.DataFrame({"a": [1, 2]}), ".csv.zst"),
    (ParquetFileIO(), pd.DataFrame({"a": [1.5, 2]}), ".parquet.zst"),
    (LinesFileIO(), ["one", "two"], ".persistable.zst"),
]


@pytest.mark.parametrize(("inner", "payload", "suffix"), PAYLOADS, ids=lambda value: type(value).__name__)
def test_a_payload_comes_back_from_a_compressed_file(
    tmp_path: Path, inner: FileIO[Any], payload: Any, suffix: str
) -> None:
    step = step_of(tmp_path, ZstdFileIO(inner), payload)
    step.generate()
    file = step.persist_filepath.with_name(step.persist_filepath.name + suffix)
    assert file.read_bytes()[:4] == b"\x28\xb5\x2f\xfd"  # As every frame of Zstandard begins.
    step.reset_payload()
    step.load()
    assert is_same(step.payload, payload)


def test_an_array_is_writable_and_its_file_stays_as_it_is(tmp_path: Path) -> None:
    step = step_of(tmp_path, ZstdFileIO(NumpyFileIO()), np.arange(100_000.0))
    step.generate()
    step.reset_payload()
    step.payload[:] = -1
    step.reset_payload()
    assert step.payload[5] == 5


def test_a_higher_level_gives_a_smaller_file(tmp_path: Path) -> None:
    text = " ".join(str(random.Random(n).randrange(50)) for n in range(20_000))
    sizes = []
    for level in (1, 19):
        step = step_of(tmp_path / str(level), ZstdFileIO(TextFileIO(), level=level), text)
        step.generate()
        sizes.append(step.persist_filepath.with_name(step.persist_filepath.name + ".txt.zst").stat().st_size)
    assert sizes[1] < sizes[0] < len(text)


def test_a_payload_io_of_a_users_own_sees_its_suffix_at_the_end_of_the_path(tmp_path: Path) -> None:
    class SuffixIO(FileIO[str]):
        format_suffix = ".mine"

        def _save(self, payload: str, filepath: Path, **kwargs: Any) -> None:
            filepath.write_text(payload + filepath.suffix)

        def _load(self, filepath: Path, **kwargs: Any) -> str:
            return filepath.read_text() + filepath.suffix

    step = step_of(tmp_path, ZstdFileIO(SuffixIO()), "a")
    step.generate()
    step.reset_payload()
    assert step.payload == "a.mine.mine"
    assert step.persist_filepath.with_name(step.persist_filepath.name + ".mine.zst").is_file()


def test_it_saves_and_loads_by_itself(tmp_path: Path) -> None:
    for file_io, payload in ((ZstdFileIO(JsonFileIO()), [1]), (ZstdFileIO(LinesFileIO()), ["a"])):
        file = tmp_path / "folder" / "file.zst"
        file_io.save(payload, file)  # type: ignore[arg-type]
        assert file_io.load(file) == payload
        assert list(file.parent.iterdir()) == [file]


def test_a_failing_save_leaves_the_file_that_is_there(tmp_path: Path) -> None:
    file_io: ZstdFileIO[Any] = ZstdFileIO(JsonFileIO())
    file = tmp_path / "a.json.zst"
    file_io.save([1], file)
    with pytest.raises(SavingError, match=r"tuple.*use PickleFileIO"):
        file_io.save((1,), file)
    assert file_io.load(file) == [1]
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_not_compressed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a"
    with pytest.raises(MissingPayloadError):
        ZstdFileIO(TextFileIO()).load(file)
    for content in (b"", b"plain"):
        file.write_bytes(content)
        with pytest.raises(IncompatiblePayloadError, match="can't be unpacked"):
            ZstdFileIO(TextFileIO()).load(file)


def test_an_artifact_of_the_inner_payload_io_alone_is_of_another_format(tmp_path: Path) -> None:
    step_of(tmp_path, JsonFileIO(), [1]).generate()
    with pytest.raises(IncompatiblePayloadError):
        step_of(tmp_path, ZstdFileIO(JsonFileIO()), [1]).load()


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    step = step_of(tmp_path, ZstdFileIO(TextFileIO()), "text")
    step.generate()
    step.reset_payload()
    file = step.persist_filepath.with_name(step.persist_filepath.name + ".txt.zst")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedPayloadError):
        step.load()


def pickled(folder: Path, inner: PickleFileIO[int] | None = None) -> NumberP:
    return NumberP(folder, NumberParams(5), None, payload_io=ZstdFileIO(inner or PickleFileIO()))


def test_pickles_that_were_copied_are_refused_unless_they_are_trusted_or_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_account_key: None
) -> None:
    monkeypatch.delenv("PERSISTABLE_SIGNING_KEY", raising=False)
    pickled(tmp_path / "own").generate()
    pickled(tmp_path / "own").load()
    pickled(tmp_path / "signed", PickleFileIO(signing_key="s")).generate()
    for name in ("own", "signed"):
        shutil.copytree(tmp_path / name, tmp_path / "copies" / name)
    with pytest.raises(UntrustedPayloadError):
        pickled(tmp_path / "copies" / "own").load()
    with pytest.raises(UntrustedPayloadError):
        pickled(tmp_path / "copies" / "signed", PickleFileIO(signing_key="other")).load()
    pickled(tmp_path / "copies" / "own", PickleFileIO(trust=True)).load()
    pickled(tmp_path / "copies" / "signed", PickleFileIO(signing_key="s")).load()


def test_a_payload_that_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    for inner in (PickleFileIO(), LinesFileIO()):
        with pytest.raises(UnpersistablePayloadError):
            step_of(tmp_path, ZstdFileIO(inner), [iter([1])]).generate()  # type: ignore[arg-type]


class FolderIO(FileIO[Any]):
    def _save(self, payload: Any, filepath: Path, **kwargs: Any) -> None:
        filepath.mkdir()
        (filepath / "part").write_text(payload)

    def _load(self, filepath: Path, **kwargs: Any) -> Any:
        return (filepath / "part").read_text()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SavingError, match="wrote a folder"):
        step_of(tmp_path, ZstdFileIO(FolderIO()), "a").generate()
    assert artifact_files(tmp_path) == []


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: ZstdFileIO(JsonFileIO), "the class JsonFileIO: write ZstdFileIO\\(JsonFileIO\\(\\)\\)"),  # type: ignore[arg-type]
    (lambda: ZstdFileIO(ZstdFileIO(JsonFileIO())), "does not compress, not another"),
    (lambda: ZstdFileIO(FolderFileIO()), "writes a folder"),
    (lambda: ZstdFileIO("json"), "takes a payload IO, not str"),  # type: ignore[arg-type]
    (lambda: ZstdFileIO(JsonFileIO(), level=23), "from 1 to 22, not 23"),
    (lambda: ZstdFileIO(JsonFileIO(), level=True), "from 1 to 22, not True"),
    (lambda: ZstdFileIO(JsonFileIO(), level="high"), "from 1 to 22, not 'high'"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_what_can_not_be_compressed_is_refused_when_it_is_made(make: Callable[[], object], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_a_subclass_may_do_it_in_its_own_way(tmp_path: Path) -> None:
    class Plain(ZstdFileIO[Any]):
        def _save(self, payload: Any, filepath: Path, **kwargs: Any) -> None:
            filepath.write_text("own")

        def _load(self, filepath: Path, **kwargs: Any) -> Any:
            return filepath.read_text()

    step = step_of(tmp_path, Plain(JsonFileIO()), [1])
    step.generate()
    step.reset_payload()
    assert step.payload == "own"
