"""Folders of files, which some libraries insist on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Callable, cast

from persistable.io._file_io import FileIO, PayloadTypeT


class FolderFileIO(FileIO[PayloadTypeT]):
    """Keeps a folder of files: for what libraries save as one, such as models.

    Given two functions, payloads of any type are kept as the folder that one writes and the other reads:

    ```python
    FolderFileIO(lambda model, folder: model.save_pretrained(folder), AutoModel.from_pretrained)
    ```

    Without them the payload is the `Path` of a folder, such as a temporary one that `_generate_payload` filled. The
    folder is copied. After `load`, the payload is the path of the stored folder. You may read there, but never write:
    others may use it, and a changed artifact is damaged.

    A folder is refused if it contains links, pipes or similar, if it contains an empty folder, or if it has no file.
    """

    format_name = "folder"

    def __init__(
        self,
        writer: Callable[[PayloadTypeT, Path], object] | None = None,
        reader: Callable[[Path], PayloadTypeT] | None = None,
    ) -> None:
        """Takes what writes a payload into an existing, empty folder, and what reads it back."""
        if (writer is None) != (reader is None):
            raise TypeError(
                "FolderFileIO takes a function that writes into a folder and a function that reads it, or no function"
            )
        self._writer = writer
        self._reader = reader

    def _save(self, payload: PayloadTypeT, filepath: Path, **kwargs: Any) -> None:
        _refuse_kwargs(kwargs)
        if os.path.lexists(filepath) and (filepath.is_symlink() or not filepath.is_dir()):
            raise FileExistsError(f"{filepath} exists, and is not a folder")
        draft = filepath.parent / f".{os.urandom(8).hex()}.saving"
        try:
            draft.mkdir(mode=0o755)
            if self._writer is None:
                _copy(payload, draft)
            else:
                self._writer(payload, draft)
            _check(draft)
            _move(draft, filepath)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def _load(self, filepath: Path, **kwargs: Any) -> PayloadTypeT:
        _refuse_kwargs(kwargs)
        if not filepath.is_dir():
            raise NotADirectoryError(f"{filepath} is not a folder")
        return cast(PayloadTypeT, filepath) if self._reader is None else self._reader(filepath)


def _refuse_kwargs(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"FolderFileIO has no argument {next(iter(kwargs))!r} of save and load")


def _copy(payload: object, draft: Path) -> None:
    if not isinstance(payload, Path):
        raise TypeError(
            f"without functions, FolderFileIO stores the folder at a Path, not {type(payload).__qualname__}: "
            "give it a function that writes the payload into a folder, and one that reads it"
        )
    if not payload.is_dir():
        raise NotADirectoryError(f"the payload {payload} is not a folder")
    _check(payload)
    for folder, _, files in os.walk(payload):
        target = draft / Path(folder).relative_to(payload)
        target.mkdir(exist_ok=True)
        for file in files:
            shutil.copyfile(Path(folder) / file, target / file)


def _check(root: Path) -> None:
    """Refuses what a store can't keep: it knows files and the folders on the way to them."""
    for folder, folders, files in os.walk(root, onerror=_reraise):
        if not folders and not files:
            where = Path(folder).relative_to(root)
            raise ValueError(
                "the folder is empty" if where == Path() else f"{where} is an empty folder, which can't be kept"
            )
        for name in [*folders, *files]:
            path = Path(folder) / name
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ValueError(f"{path.relative_to(root)} is neither a file nor a folder, and can't be kept")


def _reraise(error: OSError) -> None:
    raise error


def _move(draft: Path, filepath: Path) -> None:
    """Moves a folder to its place. One that lies there gives way first, so a crash may leave it beside, whole."""
    if not filepath.exists():
        draft.rename(filepath)
        return
    earlier = filepath.parent / f"{draft.name}.earlier"
    filepath.rename(earlier)
    try:
        draft.rename(filepath)
    except BaseException:
        earlier.rename(filepath)
        raise
    shutil.rmtree(earlier)
