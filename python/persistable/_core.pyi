"""The compiled module of the Python package: the Rust core as Python calls it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from persistable._persistable import Persistable

ERROR_KINDS: list[str]
__version__: str

@final
class DataStore:
    """A data folder that was opened, and created where it was missing."""

def open_store(data_dir: Path, payload_name: str) -> DataStore:
    """Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing."""

@final
class ParamsTree:
    """What a step was at some moment: its params, its version and the keys of its dependencies."""

def params_tree(step: Persistable[Any, Any]) -> ParamsTree:
    """Returns what a step is at present."""

def is_current(step: Persistable[Any, Any], tree: ParamsTree) -> bool:
    """Returns whether the step's present params, version and dependencies are those of `tree`. The payload name may be
    another: a payload may be persisted under several names."""

def persist_hash(step: Persistable[Any, Any]) -> str:
    """Returns the first half of the step's key in hex, as file names have it."""

def load(step: Persistable[Any, Any], warn_if_validation_fails: bool) -> None:
    """Loads the payload. The step's `_core_accept` gets it."""

def load_generate(step: Persistable[Any, Any], untracked: dict[str, Any]) -> bool:
    """Loads the payload, or generates and persists it; returns whether it was generated."""

def load_adopt(step: Persistable[Any, Any], warn_if_validation_fails: bool) -> None:
    """Loads the payload; where nothing is persisted, adopts what persistable 1.x did."""

def generate(step: Persistable[Any, Any], persist: bool, untracked: dict[str, Any]) -> None:
    """Generates the payload, and persists it if asked to."""

def persist(step: Persistable[Any, Any], payload: object, generation_seconds: float | None) -> None:
    """Persists a payload that the step has in memory."""

def manifest(step: Persistable[Any, Any]) -> str | None:
    """Returns the manifest of the step's artifact as JSON text; `None` where there is no artifact."""

def snake_case(name: str) -> str:
    """Returns a class name in snake case, as payload names are by default."""

@final
class Writer:
    """Where a payload IO writes to: has `write`, takes any bytes, and does not seek."""

    def write(self, data: Any) -> int:
        """Writes all bytes of an object with a contiguous buffer, and returns their number."""

    def flush(self) -> None:
        """Does nothing: what is written is complete when the payload is."""

@final
class PrivateMap:
    """A payload's file, mapped copy-on-write: writing to it changes memory alone.

    The stable ABI has no buffer protocol before Python 3.11, so Python makes a buffer out of address and size; whoever
    does so holds this object as long as the buffer lives."""

    @property
    def address(self) -> int:
        """The address of the first byte."""

    @property
    def size(self) -> int:
        """The size in bytes."""
