"""fsspec's file systems as object storage: whole or not at all, and errors that say what is wrong."""

from __future__ import annotations

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
