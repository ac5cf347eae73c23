"""The base of all payload IOs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from persistable.exceptions import SavingError

PayloadTypeT = TypeVar("PayloadTypeT")

_FORMAT_METHODS = frozenset({"_save", "_load", "_write", "_read", "save", "load"})


class FileIO(ABC, Generic[PayloadTypeT]):
    """Saves payloads to files and loads them. Subclass it, and override `_save` and `_load`, for a format of your own.

    `_save` gets a path where nothing exists yet. It creates one file there, or one folder of files. `_load` gets the
    path of this file or folder. In a `Persistable`, `_save` gets a temporary path. Then the result appears whole or not
    at all, and it is verified before it is loaded.

    ```python
    class LinesIO(FileIO[list[str]]):
        format_suffix = ".txt"

        def _save(self, payload, filepath, **kwargs):
            filepath.write_text("\\n".join(payload))

        def _load(self, filepath, **kwargs):
            return filepath.read_text().split("\\n")
    ```

    If your `_load` may run code that is in the file, set `loading_runs_code = True`. All code that unpickles may do
    this, such as joblib, `torch.load` and dill. Then only trusted artifacts are loaded, as with `PickleFileIO`.
    Otherwise nothing protects you from the file of a stranger.

    Payloads that can be read only once, or that only refer to data elsewhere, are refused before `_save` sees them. If
    your `_save` stores them completely, for example a lazy frame as a file, set `takes_lazy_payloads = True`.
    """

    format_name: str = "python:FileIO"
    """The name of the format in manifests. Default for your own classes: `python:` and the class's name."""
    format_version: int = 1
    """The version of the format. If an older `_load` would misread what `_save` writes now, raise it."""
    format_suffix: str | None = None
    """The suffix of payload files, with its dot. It is used if the step gives none."""
    loading_runs_code: bool = False
    """Whether loading runs code that is in the file. If so, only trusted artifacts are loaded."""
    takes_lazy_payloads: bool = False
    """Whether `_save` stores iterators, lazy frames and references to outside data completely."""
    trust: bool = False
    """Whether all artifacts are trusted. It matters only if loading runs code."""
    signing_key: str | None = None
    """A secret that people share to load each other's artifacts. It matters only if loading runs code."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Names the format after the class that defines it."""
        super().__init_subclass__(**kwargs)
        if "format_name" not in cls.__dict__ and not _FORMAT_METHODS.isdisjoint(cls.__dict__):
            cls.format_name = f"python:{cls.__qualname__.rpartition('<locals>.')[2]}"

    def save(self, payload: PayloadTypeT, filepath: Path, create_folder: bool = True, **kwargs: Any) -> None:
        """Saves a payload to a path, and replaces what is there.

        With `create_folder`, missing parent folders are created.

        If the payload can't be saved, raises `SavingError`, an `OSError`. Its cause is the original error.
        """
        filepath = Path(filepath)
        try:
            if create_folder:
                filepath.parent.mkdir(parents=True, exist_ok=True)
            self._save(payload, filepath, **kwargs)
        except Exception as error:
            raise self._saving_error(payload, filepath, error) from error

    def load(self, filepath: Path, **kwargs: Any) -> PayloadTypeT:
        """Loads the payload that was saved to a path.

        If nothing is there, raises `MissingPayloadError`, a `FileNotFoundError`.
        """
        filepath = Path(filepath)
        if not filepath.exists():
            from persistable.exceptions import MissingPayloadError

            raise MissingPayloadError(f"there is nothing to load at {filepath}")
        return self._load(filepath, **kwargs)

    @abstractmethod
    def _save(self, payload: PayloadTypeT, filepath: Path, **kwargs: Any) -> None:
        """Writes a payload to a path: one file, or one folder of files."""

    @abstractmethod
    def _load(self, filepath: Path, **kwargs: Any) -> PayloadTypeT:
        """Reads what `_save` wrote."""

    def _is_streamed(self) -> bool:
        """Returns whether the core may use `_write` and `_read` in place of `save` and `load`."""
        return False

    def _saving_error(self, payload: object, filepath: Path, cause: BaseException) -> SavingError:
        from persistable.exceptions import SavingError

        kind = f"{type(payload).__module__}.{type(payload).__qualname__}"
        why = f"{type(cause).__name__}: {cause}"
        return SavingError(f"{type(self).__name__} could not save the payload of type {kind} to {filepath}: {why}")
