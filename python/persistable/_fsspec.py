"""A file system of fsspec's as object storage: names with bytes, which are seen whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import re
import time
import uuid
from typing import Any

__all__ = ["Objects", "is_filesystem"]

_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "ocilake", "hf"})
"""Object stores: what is put there is seen when it is complete."""

_PARTIAL = ".persistable/partial-"
"""What the names of files begin with that are being written."""

_STALE_SECONDS = 24 * 3600
_CHUNK_BYTES = 8 << 20
_SECRET = re.compile("key|secret|token|pass|cred|auth|sas|conn|sign|cookie|header", re.IGNORECASE)


def is_filesystem(given: object) -> bool:
    """Tells whether an object is a file system of fsspec's, without importing fsspec."""
    return all(callable(getattr(type(given), name, None)) for name in ("cat_file", "pipe_file", "find", "rm_file"))


class Objects:
    """What the core calls. All methods block, and any thread may call them."""

    def __init__(self, filesystem: Any, folder: str) -> None:
        """Takes the file system, and the folder in it."""
        if getattr(filesystem, "asynchronous", False):
            raise ValueError("the file system was made with asynchronous=True: make it without, since steps block")
        self._filesystem = filesystem
        self._pid = os.getpid()
        self._root = str(filesystem._strip_protocol(folder)).rstrip("/")
        self._made: set[str] = set()
        protocol = filesystem.protocol
        self._protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        self.location = _location(filesystem, self._root)

    def get(self, name: str) -> bytes | None:
        """Returns an object; `None` where there is none."""
        path = self._path(name)
        self._look_anew(path)
        try:
            return bytes(self._fs.cat_file(path))
        except Exception as error:
            _refuse_all_but_missing(error)
            return None

    def get_range(self, name: str, start: int, end: int) -> bytes | None:
        """Returns some bytes of an object, fewer if it ends before."""
        path = self._path(name)
        self._look_anew(path)
        try:
            return bytes(self._fs.cat_file(path, start=start, end=end))
        except Exception as error:
            _refuse_all_but_missing(error)
            return None

    def fetch(self, name: str, descriptor: int) -> int | None:
        """Copies an object into an open file, and returns its size."""
        path = self._path(name)
        os.ftruncate(descriptor, 0)
        if self._is_memory:  # All readers of one of its files share a position.
            found = self.get(name)
            return None if found is None else _written(descriptor, found, 0)
        self._look_anew(path)
        try:
            source = self._fs.open(path, "rb")
        except Exception as error:
            _refuse_all_but_missing(error)
            return None
        size = 0
        with source:
            while chunk := source.read(_CHUNK_BYTES):
                size = _written(descriptor, chunk, size)
        return size

    def _look_anew(self, path: str) -> None:
        """Drops what listings said of an object: another process may have put or replaced it since."""
        for each in (path, path.rpartition("/")[0]):
            self._fs.invalidate_cache(each)

    def put(self, name: str, data: bytes) -> None:
        """Puts bytes under a name."""
        self._put(name, lambda path: self._fs.pipe_file(path, data))

    def upload(self, name: str, descriptor: int) -> None:
        """Puts the content of an open file under a name."""
        if self._is_memory:  # Its `put_file` shows a file before it is complete.
            size = os.fstat(descriptor).st_size
            self.put(name, os.pread(descriptor, size, 0) if size < _CHUNK_BYTES else _read(descriptor, size))
            return
        os.lseek(descriptor, 0, os.SEEK_SET)
        source = f"/dev/fd/{descriptor}"
        self._put(name, lambda path: self._fs.put_file(source, path))

    def delete(self, names: list[str]) -> None:
        """Deletes objects. A missing one is not an error."""
        for name in names:
            self._remove(self._path(name))
            if not self._is_whole:
                self._remove_empty_folders(name)

    def list(self, prefix: str) -> list[tuple[str, int]]:
        """Returns the names that begin with a prefix, and the sizes, in any order."""
        folder, _, _ = prefix.rpartition("/")
        self._fs.invalidate_cache()
        base = self._path(folder) if folder else self._root
        begin = len(self._root) + 1
        listed = []
        for path, about in self._found(base).items():
            name = path[begin:]
            if name.startswith(_PARTIAL):
                self._remove_if_stale(path, about)
            elif name.startswith(prefix) and path.startswith(f"{self._root}/"):
                listed.append((name, int(about.get("size") or 0)))
        return listed

    def told(self, error: BaseException) -> str:
        """Returns what an error says, without the secrets that the file system was made with."""
        text = f"{type(error).__name__}: {error}"
        for secret in sorted(_secrets(getattr(self._filesystem, "storage_options", {})), key=len, reverse=True):
            text = text.replace(secret, "***")
        return re.sub(r"(\w+://[^\s?]*)\?[^\s'\"]*", r"\1?***", text)

    @property
    def _fs(self) -> Any:
        """The file system. A forked child gets one of its own: connections and event loops are of one process."""
        if self._pid != os.getpid():
            if not self._is_memory and "file" not in self._protocols:
                self._filesystem = pickle.loads(pickle.dumps(self._filesystem))
            self._pid = os.getpid()
        return self._filesystem

    @property
    def _is_memory(self) -> bool:
        return "memory" in self._protocols

    @property
    def _is_whole(self) -> bool:
        """Whether what is put is seen when it is complete."""
        return bool(self._protocols & _WHOLE) or self._is_memory

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _put(self, name: str, write: Any) -> None:
        path = self._path(name)
        if self._is_whole:
            write(path)
            return
        partial = self._path(f"{_PARTIAL}{uuid.uuid4().hex}")
        for is_last in (False, True):
            try:
                for target in (partial, path):
                    self._make_folder_of(target)
                write(partial)
                self._move(partial, path)
                return
            except BaseException as error:
                self._made.clear()  # Somebody may have removed the folders.
                if is_last or not _is_missing(error):
                    self._forget(partial)
                    raise

    def _move(self, partial: str, path: str) -> None:
        try:
            self._fs.mv(partial, path)
        except OSError as error:
            # Some file systems refuse to replace a file. Then it is put aside first: for a moment there is none.
            if error.errno != errno.EEXIST and not isinstance(error, FileExistsError):
                raise
            aside = self._path(f"{_PARTIAL}{uuid.uuid4().hex}")
            self._make_folder_of(aside)
            self._fs.mv(path, aside)
            try:
                self._fs.mv(partial, path)
            except BaseException:
                self._fs.mv(aside, path)
                raise
            self._forget(aside)

    def _make_folder_of(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if folder and folder not in self._made:
            self._fs.makedirs(folder, exist_ok=True)
            self._made.add(folder)

    def _remove(self, path: str) -> None:
        try:
            self._fs.rm_file(path)
        except Exception as error:
            _refuse_all_but_missing(error)

    def _remove_empty_folders(self, name: str) -> None:
        folder = name.rpartition("/")[0]
        while folder and not folder.startswith(".persistable"):
            try:
                self._fs.rmdir(self._path(folder))
            except Exception:  # It is not empty, or is gone.
                return
            self._made.discard(self._path(folder))
            folder = folder.rpartition("/")[0]

    def _forget(self, partial: str) -> None:
        try:
            self._fs.rm_file(partial)
        except Exception:  # A later listing removes it.
            return

    def _remove_if_stale(self, path: str, about: dict[str, Any]) -> None:
        """Removes what a process left that was killed while it wrote."""
        written: Any = about.get("mtime") or about.get("created")
        written = written.timestamp() if hasattr(written, "timestamp") else written
        if isinstance(written, (int, float)) and time.time() - written > _STALE_SECONDS:
            self._forget(path)

    def _found(self, base: str) -> dict[str, dict[str, Any]]:
        """Returns all files below a folder. A folder that can't be read is an error, and not an empty one."""
        options: dict[str, Any] = {}
        if not getattr(self._fs, "async_impl", False):
            options["on_error"] = "raise"
        for _ in range(5):
            try:
                found: dict[str, dict[str, Any]] = self._fs.find(base, detail=True, **options)
                return {path: about for path, about in found.items() if about.get("type") != "directory"}
            except Exception as error:
                _refuse_all_but_missing(error)
                if not self._fs.exists(base):
                    return {}
                # A folder below it went away in the meantime.
        options.pop("on_error", None)
        left: dict[str, dict[str, Any]] = self._fs.find(base, detail=True, **options)
        return left


def _is_missing(error: BaseException) -> bool:
    cause = error.__cause__
    if cause is not None and _is_of_ftp(cause):  # fsspec calls each of them a missing file. 550 is one.
        return str(cause).startswith("550")
    if isinstance(error, (FileNotFoundError, NotADirectoryError, IsADirectoryError)):
        return True
    return isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)


def _is_of_ftp(error: BaseException) -> bool:
    return type(error).__module__ == "ftplib"


def _refuse_all_but_missing(error: BaseException) -> None:
    """Raises an error, unless it says that there is no such file."""
    if not _is_missing(error):
        cause = error.__cause__
        raise cause if cause is not None and _is_of_ftp(cause) else error


def _written(descriptor: int, data: bytes, position: int) -> int:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, position)
        position, rest = position + written, rest[written:]
    return position


def _read(descriptor: int, size: int) -> bytes:
    parts, position = [], 0
    while position < size:
        part = os.pread(descriptor, min(_CHUNK_BYTES, size - position), position)
        if not part:
            break
        parts.append(part)
        position += len(part)
    return b"".join(parts)


def _location(filesystem: Any, root: str) -> str:
    """Returns a URL that names the place, for people and to tell stores apart. It has no secret."""
    protocol = filesystem.protocol if isinstance(filesystem.protocol, str) else filesystem.protocol[0]
    options = getattr(filesystem, "storage_options", {})
    host = next((str(options[name]) for name in ("host", "account_name") if options.get(name)), "")
    told = sorted(_told(options))
    mark = f"#{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}" if told and not host else ""
    separator = "" if root.startswith("/") else "/" if host else ""
    return f"fsspec+{protocol}://{host}{separator}{root}{mark}"


def _told(options: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Returns those options that are not secret: they tell two file systems of one kind apart."""
    told: list[tuple[str, str]] = []
    for name, value in options.items() if isinstance(options, dict) else ():
        if isinstance(value, dict):
            told.extend(_told(value, f"{prefix}{name}."))
        elif isinstance(value, (str, int)) and not _SECRET.search(str(name)):
            told.append((f"{prefix}{name}", str(value)))
    return told


def _secrets(options: Any) -> list[str]:
    """Returns the texts among options that may be secret."""
    found: list[str] = []
    for name, value in options.items() if isinstance(options, dict) else ():
        if isinstance(value, dict):
            found.extend(_secrets(value))
        elif isinstance(value, str) and len(value) > 3 and _SECRET.search(str(name)):
            found.append(value)
    return found
