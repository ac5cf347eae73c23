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

    `_save` is handed a path at which there is nothing yet, and creates there one file, or one folder of files; `_load`
    is handed the path of what `_save` created. Within a `Persistable` that is a path of staging: what was written is
    committed at once or not at all, and is verified before it is loaded.

    ```python
    class LinesIO(FileIO[list[str]]):
        format_suffix = ".txt"

        def _save(self, payload, filepath, **kwargs):
            filepath.write_text("\\n".join(payload))

        def _load(self, filepath, **kwargs):
            return filepath.read_text().split("\\n")
    ```

    One whose `_load` may run code that is in the file, as whatever unpickles does (joblib, `torch.load`, dill), has to
    say `loading_runs_code = True`. Then artifacts are loaded only when they are trusted, as with `PickleFileIO`;
    otherwise nothing guards it.

    Payloads that can be read only once, or that only refer to data elsewhere, are refused before `_save` sees them. One
    whose `_save` keeps them whole, such as by collecting a lazy frame into a file, says `takes_lazy_payloads = True`.
    """

    format_name: str = "python:FileIO"
    """The format's name, which the manifest records: for a user's own `python:` and the class's name, by default."""
    format_version: int = 1
    """The version of what it writes. Raise it when an older `_load` would misread it, which then refuses."""
    format_suffix: str | None = None
    """The suffix of payload files, with its dot, where the step gives none."""
    loading_runs_code: bool = False
    """Whether loading runs code that is in the file. Such artifacts are loaded only when they are trusted."""
    takes_lazy_payloads: bool = False
    """Whether it keeps payloads whole that can be read only once or that refer to data outside of the process."""
    trust: bool = False
    """Whether artifacts are trusted wherever they come from. It matters only where loading runs code."""
    signing_key: str | None = None
    """The secret by which those who share it know each other's artifacts. It matters only where loading runs code."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Names the format after the class that defines it."""
        super().__init_subclass__(**kwargs)
        if "format_name" not in cls.__dict__ and not _FORMAT_METHODS.isdisjoint(cls.__dict__):
            cls.format_name = f"python:{cls.__qualname__.rpartition('<locals>.')[2]}"

    def save(self, payload: PayloadTypeT, filepath: Path, create_folder: bool = True, **kwargs: Any) -> None:
        """Saves a payload to a path. What lies there is replaced.

        With `create_folder`, the folder and its parents are created where they are missing.

        Raises `SavingError`, an `OSError`, when it can't be saved; the cause is chained.
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

        Raises `MissingPayloadError`, a `FileNotFoundError`, when there is nothing.
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
