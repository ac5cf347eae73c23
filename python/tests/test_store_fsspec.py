"""fsspec's file systems as object storage: whole or not at all, and errors that say what is wrong."""

from __future__ import annotations

import ftplib
import io
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from decorator_support import points

from persistable import Store
from persistable._fsspec import Objects
from persistable.exceptions import DeniedError, UnavailableError

fsspec = pytest.importorskip("fsspec")
from fsspec.implementations.dirfs import DirFileSystem  # noqa: E402
from fsspec.implementations.local import LocalFileSystem  # noqa: E402


class Interrupted(LocalFileSystem):  # type: ignore[misc]
    """Writes half of a file, and fails."""

    protocol = "half"
    cachable = False
    fails = True

    def pipe_file(self, path: str, value: bytes, **kwargs: Any) -> None:
        if not self.fails:
            super().pipe_file(path, value, **kwargs)
            return
        super().pipe_file(path, value[: len(value) // 2])
        raise OSError("the line was cut")

    def put_file(self, path1: str, path2: str, **kwargs: Any) -> None:
        self.pipe_file(path2, Path(path1).read_bytes())


class Denying(LocalFileSystem):  # type: ignore[misc]
    protocol = "denying"
    cachable = False

    def cat_file(self, path: str, **kwargs: Any) -> bytes:
        raise PermissionError("no: password=hunter22")


class Remembering(LocalFileSystem):  # type: ignore[misc]
    """Believes its listings until they are dropped, as those of FTP and others do."""

    protocol = "remembering"
    cachable = False
    auto_mkdir = True

    def __init__(self) -> None:
        super().__init__(auto_mkdir=True)
        self.listings: dict[str, dict[str, int]] = {}

    def invalidate_cache(self, path: str | None = None) -> None:
        if path is None:
            self.listings.clear()
        self.listings.pop(str(path), None)

    def size(self, path: str) -> int:
        folder, _, name = path.rpartition("/")
        if folder not in self.listings:
            self.listings[folder] = {entry.name: entry.stat().st_size for entry in os.scandir(folder)}
        if name not in self.listings[folder]:
            raise FileNotFoundError(path)
        return self.listings[folder][name]

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any) -> bytes:
        with self.open(path) as file:
            return bytes(file.read()[start:end])

    def open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        if "r" not in mode:
            return super().open(path, mode, **kwargs)
        return io.BytesIO(Path(path).read_bytes()[: self.size(path)])


class Refusing(LocalFileSystem):  # type: ignore[misc]
    """Does not replace files."""

    protocol = "refusing"
    cachable = False
    fails = False

    def mv(self, path1: str, path2: str, **kwargs: Any) -> None:
        if Path(path2).exists():
            raise FileExistsError(path2)
        if self.fails and "partial-" in path1 and Path(path1).read_bytes() == b"new":
            raise OSError("the disk is full")
        super().mv(path1, path2, **kwargs)


def test_what_another_process_has_written_is_read_although_listings_are_remembered(tmp_path: Path) -> None:
    reader, writer = Objects(Remembering(), str(tmp_path)), Objects(LocalFileSystem(), str(tmp_path))
    writer.put("other", b"1")
    for content in (b"short", b"longer than before"):
        assert reader.get("other") == b"1"  # So the folder is listed.
        writer.put("new", content)
        assert reader.get("new") == content
        writer.put("new", content * 2)
        assert reader.get_range("new", 0, 99) == content * 2
        writer.put("new", content * 3)
        with tempfile.TemporaryFile() as file:
            assert reader.fetch("new", file.fileno()) == len(content) * 3


def test_where_no_file_is_replaced_the_old_one_is_kept_until_the_new_one_is_there(tmp_path: Path) -> None:
    system = Refusing(auto_mkdir=True)
    objects = Objects(system, str(tmp_path))
    for content in (b"old", b"older", b"old"):
        objects.put("a", content)
        assert objects.get("a") == content
    system.fails = True
    with pytest.raises(OSError, match="full"):
        objects.put("a", b"new")
    assert objects.get("a") == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a"]


@pytest.mark.parametrize(("said", "is_missing"), [("550 no such file", True), ("421 too many users", False)])
def test_a_failure_that_fsspec_calls_a_missing_file_is_not_a_miss(said: str, is_missing: bool, tmp_path: Path) -> None:
    class Ftp(LocalFileSystem):  # type: ignore[misc]
        def cat_file(self, path: str, **kwargs: Any) -> bytes:
            raise FileNotFoundError(path) from ftplib.Error(said)

    objects = Objects(Ftp(), str(tmp_path))
    if is_missing:
        assert objects.get("a") is None
    else:
        with pytest.raises(ftplib.Error, match="421"):
            objects.get("a")


@pytest.mark.parametrize("kind", ["file", "memory", "dir"])
def test_objects_are_put_listed_and_deleted(kind: str, tmp_path: Path) -> None:
    system = DirFileSystem(str(tmp_path), LocalFileSystem()) if kind == "dir" else fsspec.filesystem(kind)
    objects = Objects(system, "inner" if kind == "dir" else str(tmp_path / "inner"))
    assert objects.get("a/b") is None
    assert objects.list("") == []
    objects.put("a/b", b"one")
    objects.put("a/b", b"other")
    objects.put("a/c(1)~2.x/d", b"")
    assert objects.get("a/b") == b"other"
    assert objects.get_range("a/b", 1, 3) == b"th"
    assert objects.get_range("a/b", 3, 99) == b"er"
    with tempfile.TemporaryFile() as file:
        assert objects.fetch("a/b", file.fileno()) == 5
        assert os.pread(file.fileno(), 99, 0) == b"other"
        assert objects.fetch("missing", file.fileno()) is None
        os.pwrite(file.fileno(), b"longer than before", 0)
        objects.upload("up", file.fileno())
    assert objects.get("up") == b"longer than before"
    assert sorted(objects.list("a/")) == [("a/b", 5), ("a/c(1)~2.x/d", 0)]
    assert objects.list("a/c") == [("a/c(1)~2.x/d", 0)]
    assert objects.list("b") == []
    objects.delete(["a/b", "a/c(1)~2.x/d", "missing"])
    assert objects.list("") == [("up", 18)]


def test_an_object_that_was_written_by_half_is_not_seen(tmp_path: Path) -> None:
    system = Interrupted()
    objects = Objects(system, str(tmp_path))
    with pytest.raises(OSError, match="cut"):
        objects.put("a", b"0123456789")
    assert objects.get("a") is None
    assert objects.list("") == []
    system.fails = False
    objects.put("a", b"0123456789")
    system.fails = True
    with pytest.raises(OSError, match="cut"):
        objects.put("a", b"abcdefghij")
    assert objects.get("a") == b"0123456789"


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path: Path) -> None:
    objects = Objects(LocalFileSystem(), str(tmp_path))
    objects.put("a", b"1")
    fresh, stale = (tmp_path / ".persistable" / f"partial-{name}" for name in ("fresh", "stale"))
    for left in (fresh, stale):
        left.write_bytes(b"half")
    os.utime(stale, (time.time() - 2 * 24 * 3600,) * 2)
    assert objects.list("") == [("a", 1)]
    assert fresh.exists()
    assert not stale.exists()


def test_a_failure_names_the_store_and_is_not_a_miss(tmp_path: Path) -> None:
    step = points(Store(Denying(password="hunter22"), str(tmp_path)), n=2)
    with pytest.raises(DeniedError, match="fsspec\\+denying://") as caught:
        step.load()
    assert "hunter22" not in str(caught.value)
    step = points(Store(Interrupted(), str(tmp_path)), n=2)
    with pytest.raises(UnavailableError, match="the line was cut"):
        step.generate()


def test_two_systems_of_one_kind_are_two_stores() -> None:
    here, there = (Store(LocalFileSystem(auto_mkdir=flag), "/tmp/x") for flag in (True, False))
    assert here != there
    assert here == Store(LocalFileSystem(auto_mkdir=True), "/tmp/x")
    with pytest.raises(TypeError, match="needs a folder beside it"):
        Store(LocalFileSystem())
    with pytest.raises(TypeError, match="not a file system"):
        Store("data", "folder")
