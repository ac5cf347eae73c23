"""Compression around another payload IO."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from persistable import _core
from persistable.io._file_io import FileIO, PayloadTypeT

_SUFFIX = ".zst"


class ZstdFileIO(FileIO[PayloadTypeT]):
    """Compresses what another payload IO writes: `ZstdFileIO(JsonFileIO())` stores payloads in `.json.zst` files.

    The files are plain Zstandard files with a checksum. `zstd -d` turns one into what the other payload IO writes.
    Rust's `Zstd` reads and writes the same. The other payload IO may be one of your own, and has to write one file. A
    payload IO that writes a folder can't be compressed.

    A payload is decompressed into memory when it is loaded. So an array in a `.npy` file or in a pickle is not mapped.
    Loading it takes time and memory.

    The other payload IO decides what is trusted: `ZstdFileIO(PickleFileIO())` refuses the same pickles as
    `PickleFileIO()`.
    """

    def __init__(self, inner: FileIO[PayloadTypeT], level: int = 3) -> None:
        """Takes the payload IO to compress, and how hard to try: 1 is fast, 22 gives the smallest files."""
        name = getattr(inner, "__name__", type(inner).__name__)
        if isinstance(inner, type):
            raise TypeError(f"ZstdFileIO takes a payload IO, not the class {name}: write ZstdFileIO({name}())")
        if isinstance(inner, ZstdFileIO):
            raise TypeError("ZstdFileIO takes a payload IO that does not compress, not another ZstdFileIO")
        if not (hasattr(inner, "save") and hasattr(inner, "load")):
            raise TypeError(f"ZstdFileIO takes a payload IO, not {name}")
        if getattr(inner, "format_name", None) == "folder":
            raise TypeError(
                f"ZstdFileIO compresses one file, but {name} writes a folder: use {name} without ZstdFileIO"
            )
        if not isinstance(level, int) or isinstance(level, bool):
            raise TypeError(f"level must be a number from 1 to 22, not {level!r}")
        if not 1 <= level <= 22:
            raise ValueError(f"level must be a number from 1 to 22, not {level}")
        self.inner = inner
        self.level = level

    def __repr__(self) -> str:
        given = "" if self.level == 3 else f", level={self.level}"
        return f"{type(self).__name__}({self.inner!r}{given})"

    def _packed(self) -> tuple[FileIO[PayloadTypeT], int] | None:
        """Returns what the core compresses by itself; `None` if a subclass does it in another way."""
        methods = ("save", "load", "_save", "_load")
        kind = type(self)
        is_own = any(getattr(kind, name) is not getattr(ZstdFileIO, name) for name in methods)
        return None if is_own or not self.__dict__.keys().isdisjoint(methods) else (self.inner, self.level)

    def _save(self, payload: PayloadTypeT, filepath: Path, **kwargs: Any) -> None:
        draft = filepath.parent / f".{os.urandom(8).hex()}.saving"
        try:
            _core.zstd_save(self.inner, self.level, self._suffix_at(filepath), payload, draft)
            draft.replace(filepath)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def _load(self, filepath: Path, **kwargs: Any) -> PayloadTypeT:
        payload: PayloadTypeT = _core.zstd_load(self.inner, self._suffix_at(filepath), filepath)
        return payload

    def _suffix_at(self, filepath: Path) -> str:
        """Returns the suffix that a payload IO of a user's own sees at the end of its path."""
        return self.format_suffix if filepath.name.endswith(self.format_suffix) else filepath.suffix

    def _kept_as(self, payload: Any) -> Any:
        kept_as = getattr(self.inner, "_kept_as", None)
        return payload if kept_as is None else kept_as(payload)

    # What the core and the checks ask of a payload IO is up to the inner one.

    @property
    def format_name(self) -> str:  # type: ignore[override]
        """The inner format's name, and that it is compressed."""
        return f"{getattr(self.inner, 'format_name', type(self.inner).__qualname__)}+zstd"

    @property
    def format_version(self) -> int:  # type: ignore[override]
        """The inner format's version."""
        return int(getattr(self.inner, "format_version", 1))

    @property
    def format_suffix(self) -> str:  # type: ignore[override]
        """The inner format's suffix, and that it is compressed."""
        return (getattr(self.inner, "format_suffix", None) or ".persistable") + _SUFFIX

    @property
    def loading_runs_code(self) -> bool:  # type: ignore[override]
        """Whether loading runs code that is in the file."""
        return bool(getattr(self.inner, "loading_runs_code", False))

    @property
    def takes_lazy_payloads(self) -> bool:  # type: ignore[override]
        """Whether the inner payload IO keeps lazy payloads whole."""
        return bool(getattr(self.inner, "takes_lazy_payloads", False))

    @property
    def trust(self) -> bool:  # type: ignore[override]
        """Whether artifacts are trusted wherever they come from."""
        return bool(getattr(self.inner, "trust", False))

    @property
    def signing_key(self) -> str | None:  # type: ignore[override]
        """The secret by which those who share it know each other's artifacts."""
        return getattr(self.inner, "signing_key", None)
