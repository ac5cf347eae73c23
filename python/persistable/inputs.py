"""Files that payloads are made from, identified by content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeVar, Union, final

from persistable import _core
from persistable._cache import cache_folder

__all__ = ["InputFile", "InputFolder"]

StrPath = Union[str, "os.PathLike[str]"]


class _OwnName(str):
    """Stands for the name of the file itself, and differs from a text that is given."""


_OWN_NAME = _OwnName("its own")


class _Input(os.PathLike[str]):
    """What a file and a folder have in common."""

    __slots__ = ("_absolute", "_digest", "_name", "_path", "_seen_digest")

    # As it was given, and where that leads to, whichever folder becomes the current one.
    _path: str
    _absolute: str
    _name: str | None
    _digest: str | None
    # The digest that was found last, to be shown without reading anything.
    _seen_digest: str | None

    def __init__(self, path: StrPath, name: str | None, digest: str | None) -> None:
        text = os.fspath(path)
        absolute = _absolute(text)
        own = _name_of(text) if isinstance(name, _OwnName) else name
        if digest is not None:
            _check_digest(digest)
        self._set(_path=text, _absolute=absolute, _name=own, _digest=digest, _seen_digest=digest)

    def _set(self, **attributes: Any) -> None:
        for attribute, value in attributes.items():
            object.__setattr__(self, attribute, value)

    @property
    def path(self) -> Path:
        """The path, as it was given. It is absolute after `~`, or if another folder is the current one now."""
        is_as_given = _absolute(self._path) == self._absolute and not self._path.startswith("~")
        return Path(self._path if is_as_given else self._absolute)

    @property
    def name(self) -> str | None:
        """The name that is part of the key; `None` if only the content is."""
        return self._name

    @property
    def digest(self) -> str:
        """The digest of the content in 64 hex digits. If the file is gone, this is the pinned digest.

        If the file is gone and no digest was pinned, raises `MissingInputError`, a `FileNotFoundError`. If the content
        has another digest than the pinned one, raises `InputError`.
        """
        return self._looked()[1]

    @property
    def _pattern(self) -> str | None:
        raise NotImplementedError

    def _to_value(self) -> _core.Value:
        """Returns what stands for the input in a key. It is told to whoever collects the inputs of a step."""
        return self._looked()[0]

    def _looked(self) -> tuple[_core.Value, str]:
        value, digest = _core.input_value(self._absolute, self._pattern, self._name, self._digest)
        self._set(_seen_digest=digest)
        return value, digest

    def _for_people(self) -> dict[str, Any]:
        return {"name": self._name, "content": self.digest}

    def _identity(self) -> tuple[Any, ...]:
        return self._absolute, self._pattern, self._name, self._digest

    def __fspath__(self) -> str:
        return self._absolute

    def __str__(self) -> str:
        return str(self.path)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} can't be changed: make a new one")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        shown = [repr(self._path)]
        if self._pattern is not None:
            shown.append(repr(self._pattern))
        if self._seen_digest is not None:
            shown.append(f"digest='{self._seen_digest[:12]}…'")
        return f"{type(self).__name__}({', '.join(shown)})"


@final
class InputFile(_Input):
    """A file that a payload is made from. It counts by its content and its name.

    ```python
    @step
    def table(csv):
        return pandas.read_csv(csv)

    table(InputFile("measurements/2024.csv")).payload
    ```

    If the content changes, the step has another key, and its payload is generated again. The folder does not count, so
    you may move the file. If the file is a link, its content and the name of the link count.

    Some functions take only a `str` or a `Path`, such as those of Polars. Pass `csv.path` to them.

    Args:
        path: Where the file lies. `~` stands for the home folder. A relative path is taken against the folder that is
            current now. A copy in another process leads to the same file. If that is not there, as on another machine,
            the path is taken anew.
        name: The name that counts, by default that of the file. `None`: only the content counts.
        digest: The digest that the file must have, in 64 hex digits. Then a persisted payload loads even if
            the file is gone. The attribute `digest` has this digest.

    The file is read when a key is first made of it. It is not read again while the file system shows no change: device,
    inode, size, modification time and change time are as they were. But if a file had changed less than a minute before
    it was read, it is read again. Digests of large files are remembered in the user's cache folder, or in
    `PERSISTABLE_CACHE_DIR`. If that variable is empty, only the process remembers them.

    If a file changes while a payload is generated from it, an `OutdatedPayloadError` is raised, and nothing is
    persisted.
    """

    __slots__ = ()

    def __init__(self, path: StrPath, *, name: str | None = _OWN_NAME, digest: str | None = None) -> None:
        """Names a file, without looking at it yet."""
        super().__init__(path, name, digest)

    @property
    def _pattern(self) -> None:
        return None

    def open(self, mode: str = "rb", **options: Any) -> IO[Any]:
        """Opens the file to read it, with the options of Python's `open`."""
        if set(mode) & set("wax+"):
            raise ValueError(f"an input file can only be read, but the mode {mode!r} writes")
        return Path(self).open(mode, **options)

    def read_bytes(self) -> bytes:
        """Returns the file's bytes."""
        return Path(self).read_bytes()

    def read_text(self, encoding: str = "utf-8") -> str:
        """Returns the file's text."""
        return Path(self).read_text(encoding)

    def __reduce__(self) -> tuple[Any, ...]:
        return _file, (self._path, self._name, self._digest, self._absolute)


@final
class InputFolder(_Input):
    """The files of a folder that a payload is made from. They count by their content and their paths within the folder.

    ```python
    @step
    def total(measurements):
        return sum(len(file.read_text().splitlines()) for file in measurements)

    total(InputFolder("measurements", "**/*.csv")).payload
    ```

    The name of the folder itself counts as well, unless `name` is `None`. The folders above do not count. The pattern
    does not count either, but the files that it matches do. Links are followed. Everything else is as for an
    `InputFile`.

    Args:
        path: Where the folder lies. `~` and a relative path are taken as by an `InputFile`.
        glob: Which files. `*` stands for any text within a name, `?` for any character, `[ab]` for one of some, and
            `**` for any number of folders. Names that begin with a dot match like any others. It must match a file.
        name: The name that counts, by default that of the folder. `None`: the files alone count.
        digest: The digest that the files must have, in 64 hex digits.
    """

    __slots__ = ("_glob",)

    _glob: str

    def __init__(
        self, path: StrPath, glob: str = "**/*", *, name: str | None = _OWN_NAME, digest: str | None = None
    ) -> None:
        """Names a folder, without looking at it yet."""
        self._set(_glob=glob)
        super().__init__(path, name, digest)

    @property
    def glob(self) -> str:
        """The pattern."""
        return self._glob

    @property
    def _pattern(self) -> str:
        return self._glob

    def __iter__(self) -> Iterator[Path]:
        """Iterates over the files that match now, sorted."""
        return iter([Path(path) for path in _core.input_files(self._absolute, self._glob)])

    def __reduce__(self) -> tuple[Any, ...]:
        return _folder, (self._path, self._glob, self._name, self._digest, self._absolute)


def _file(path: str, name: str | None, digest: str | None, absolute: str) -> InputFile:
    return _found(InputFile(path, name=name, digest=digest), absolute)


def _folder(path: str, glob: str, name: str | None, digest: str | None, absolute: str) -> InputFolder:
    return _found(InputFolder(path, glob, name=name, digest=digest), absolute)


_InputT = TypeVar("_InputT", bound=_Input)


def _found(copy: _InputT, absolute: str) -> _InputT:
    """Lets a copy lead to where the original does, if that is there."""
    # Unlike those of `Path`, these do not raise where a folder above may not be read.
    if os.path.exists(absolute) or not os.path.exists(copy):  # noqa: PTH110
        copy._set(_absolute=absolute)
    return copy


def _absolute(path: str) -> str:
    """Returns a path that leads to the same place when another folder becomes the current one."""
    expanded = os.path.expanduser(path)  # noqa: PTH111
    try:
        # Links are kept, and so is `..`, which leads elsewhere after a link.
        return os.path.join(os.getcwd(), expanded)  # noqa: PTH109, PTH118
    except FileNotFoundError:  # The current folder was removed.
        return expanded


def _name_of(path: str) -> str:
    name = Path(path).name
    if name in ("", ".."):
        name = Path(path).resolve().name
    try:
        name.encode()
    except UnicodeEncodeError:
        name = ""
    if not name:
        from persistable.exceptions import InputError

        raise InputError(f"{path!r} has no name, or its name is not Unicode: pass name=..., or name=None")
    return name


def _check_digest(digest: str) -> None:
    if not isinstance(digest, str) or len(digest) != 64 or not set(digest) <= set("0123456789abcdefABCDEF"):
        from persistable.exceptions import InputError

        raise InputError(f"a digest must have 64 hex digits, not {digest!r}")


_core.remember_digests_in(cache_folder())
