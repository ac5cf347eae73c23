"""The compiled module of the Python package: the Rust core as Python calls it.

Parts of it are in the stubs of `_core_stubs`, which is there for type checkers alone.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

from persistable._core_stubs.catalogue import Catalogue, RemovalPlan, age_in_seconds, size_in_bytes
from persistable._core_stubs.runs import (
    RunCopies,
    RunMachine,
    RunPlan,
    RunSync,
    check_fresh,
    ensure,
    forget,
    freeze_as_key,
    group_sync_of,
    is_pending,
    key_parts,
)
from persistable._core_stubs.values import (
    StepCode,
    Value,
    code_of,
    encode,
    forget_encoders,
    free_names,
    holds_steps,
    step_key,
)
from persistable._fsspec import Objects
from persistable._persistable import Persistable
from persistable._store import Store as PublicStore
from persistable.exceptions import PersistableError

__all__ = [
    "ERROR_KINDS",
    "UNDECLARED_ADVICE",
    "Catalogue",
    "Frameless",
    "Handle",
    "ParamsTree",
    "Plain",
    "PrivateMap",
    "RemovalPlan",
    "RunCopies",
    "RunMachine",
    "RunPlan",
    "RunSync",
    "StepCode",
    "Store",
    "Value",
    "Writer",
    "__version__",
    "accept",
    "account_key_file",
    "age_in_seconds",
    "cache_folder",
    "changed_params",
    "check_fresh",
    "check_setting",
    "code_of",
    "copy_artifacts",
    "countersign",
    "distrust",
    "distrust_of",
    "encode",
    "ensure",
    "explain",
    "file_digest",
    "folder_of",
    "forget",
    "forget_account_key",
    "forget_encoders",
    "free_names",
    "freeze_as_key",
    "full_key",
    "generate",
    "get_payload",
    "group_sync_of",
    "handle_of",
    "has_in_memory",
    "has_met_other_params",
    "has_signing_key",
    "hashes_below",
    "holds_steps",
    "in_memory",
    "index_folder",
    "input_files",
    "input_value",
    "is_current",
    "is_in_memory_current",
    "is_pending",
    "is_persisted",
    "key_parts",
    "lazy_of",
    "load",
    "load_generate",
    "log_folder",
    "log_folder_of",
    "manifest",
    "note_folder",
    "note_own_methods",
    "noted_payload",
    "open_folder",
    "params_tree",
    "persist",
    "persist_hash",
    "pickle_index",
    "pickle_parts",
    "remark_on",
    "remember_digests_in",
    "remove",
    "run_command",
    "seed",
    "set_default",
    "set_in_memory",
    "set_lazy",
    "set_wait_notice",
    "share_log",
    "shown_age",
    "shown_duration",
    "shown_size",
    "size_in_bytes",
    "snake_case",
    "step_key",
    "untrusted",
    "url_of",
    "with_absolute_paths",
    "zstd_load",
    "zstd_save",
]

ERROR_KINDS: list[str]
UNDECLARED_ADVICE: str
__version__: str

@final
class Frameless:
    """A method whose errors show the user's call, and after that the user's code.

    A frame of Rust is in no traceback."""

    def __new__(cls, function: Callable[..., Any]) -> Frameless:
        """Takes the method."""
    def __get__(self, instance: Any, owner: Any = None, /) -> Any:
        """Binds the method to an object."""
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the method."""

@final
class Handle:
    """What the core keeps for one step, under the one name that the object has for it: the payload in memory, and where
    the data folder is."""

    def __init__(self) -> None:
        """Makes one that knows nothing yet."""
    @property
    def logger(self) -> Any:
        """The default logger, with what it was made for."""
    @logger.setter
    def logger(self, logger: Any) -> None: ...
    def without_payload(self) -> Handle:
        """Returns one for a copy of the step without the payload."""
    def __copy__(self) -> Handle:
        """Returns one for a copy of the step."""
    def __deepcopy__(self, memo: Any) -> Handle: ...
    def __reduce__(self) -> tuple[type[Handle], tuple[()], dict[str, Any]]:
        """A pickle has the payload only where it would be lost otherwise."""
    def __setstate__(self, state: dict[str, Any]) -> None: ...

def handle_of(step: Persistable[Any, Any]) -> Handle:
    """Returns the handle of a step."""

def set_lazy(step: Persistable[Any, Any], lazy: tuple[Persistable[Any, Any], ...]) -> None:
    """Notes which dependencies of a step are lazy."""

def lazy_of(step: Persistable[Any, Any]) -> tuple[Persistable[Any, Any], ...]:
    """Returns the dependencies of a step that are lazy."""

def note_own_methods(methods: dict[str, Any]) -> None:
    """Notes the package's own methods, by name: a test may put others in their place on the class."""

def open_folder(step: Persistable[Any, Any], data_dir: Path | PublicStore, payload_name: str) -> None:
    """Checks a payload name, and opens the data folder of a step, creating it with its parents where it is missing."""

def note_folder(step: Persistable[Any, Any]) -> None:
    """Notes where a step's data folder is that was assigned just now. Opens and creates nothing."""

def folder_of(step: Persistable[Any, Any]) -> str | None:
    """Returns where a step's present data folder is, from the root on; `None` for a store that is not a folder. Opens
    and creates nothing."""

def log_folder_of(step: Persistable[Any, Any]) -> str | None:
    """Returns where the log of a step is; `None` if it has no file. A folder that was assigned to the step and is not
    used yet is opened."""

@final
class Store:
    """An open store. `persistable.Store` keeps one."""

    @staticmethod
    def open(location: str | os.PathLike[str], settings: dict[str, Any]) -> Store:
        """Opens a store by its path or URL. A folder that is missing is created."""
    @staticmethod
    def over(objects: Objects, settings: dict[str, Any]) -> Store:
        """Opens a store over a file system of fsspec's."""
    @staticmethod
    def layers(stores: list[Store]) -> Store:
        """Puts stores on top of each other."""
    @property
    def path(self) -> str | None:
        """The folder's path; `None` if the store is not a folder."""
    @property
    def location(self) -> str:
        """Where the store is, for people. It has no credentials."""

def url_of(location: str) -> tuple[bool, str | None]:
    """Returns whether a text is a URL and not a path, and the path that it names, if it is a URL of a folder."""

def with_absolute_paths(url: str, options: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """Makes the relative paths absolute among the options of a URL, and those beside it."""

def remark_on(kind: str) -> str | None:
    """Returns what people read beside a difference of this kind, where it does not explain itself."""

def shown_age(seconds: float) -> str:
    """Says how long ago something was: `3 days ago`."""

def shown_duration(seconds: float) -> str:
    """Says how long something took: `6.46 ms`, `2.25 s`, `3.5 min`."""

def shown_size(size_bytes: float) -> str:
    """Says a size: `21 B`, `400 kB`, `1.5 GB`."""

def run_command(arguments: list[str]) -> int:
    """Runs the command `persistable` with these arguments, the program's name first. Returns the exit code."""

def copy_artifacts(
    origin: Store,
    target: Store,
    ids: list[tuple[str, str]] | None,
    dependencies: bool,
    progress: Callable[[int, int, int, int], object] | None,
) -> tuple[list[str], list[str], list[str], list[tuple[str, str]], list[tuple[str, str]], int, PersistableError | None]:
    """Copies artifacts with these payload names and keys, or all. Returns what was done, also if something failed."""

def in_memory(step: Persistable[Any, Any]) -> Any:
    """Returns the payload that a step has in memory, also one of other params; `None` where there is none."""

def set_in_memory(step: Persistable[Any, Any], payload: Any) -> None:
    """Puts a payload into a step's memory. `None` takes away what is there."""

def has_in_memory(step: Persistable[Any, Any]) -> bool:
    """Returns whether a step has a payload in memory, which may be `None`."""

def has_met_other_params(step: Persistable[Any, Any]) -> bool: ...
def is_in_memory_current(step: Persistable[Any, Any]) -> bool:
    """Returns whether the payload that a step has in memory is that of its present params."""

def noted_payload(step: Persistable[Any, Any]) -> Any:
    """Returns the payload. A generation that gets it is checked for changing it."""

def get_payload(step: Persistable[Any, Any]) -> Any:
    """Returns the payload, as the property has it: without a frame of Python's, which costs time and would be in
    tracebacks."""

@final
class ParamsTree:
    """What a step was at some moment: its params, its version and the keys of its dependencies."""

    def identity(self) -> str:
        """Returns a digest of params, version and dependencies, in hex. The payload name is not part of it."""

def params_tree(step: Persistable[Any, Any]) -> ParamsTree:
    """Returns what a step is at present."""

def is_current(step: Persistable[Any, Any], tree: ParamsTree) -> bool:
    """Returns whether the step's present params, version and dependencies are those of `tree`. The payload name may be
    another: a payload may be persisted under several names."""

def changed_params(step: Persistable[Any, Any], tree: ParamsTree) -> list[str]:
    """Returns the names of the params that have other values now than in `tree`."""

def set_wait_notice(seconds: float) -> float:
    """Sets after how many seconds people are told of a wait, for tests. Returns what it was before."""

def set_default(name: str, value: str) -> None:
    """Sets what a setting is for steps that do not say."""

def check_setting(name: str, value: object) -> None:
    """Refuses what a step's `persist_durability`, `load_verification` or `lease_wait_seconds` can't be."""

def remove(step: Persistable[Any, Any]) -> bool:
    """Removes the artifact that is persisted; returns whether there was one."""

def accept(step: Persistable[Any, Any], what: str) -> None:
    """Says that the present code, dependencies or inputs make the payload that is persisted."""

def explain(step: Persistable[Any, Any]) -> tuple[str, list[tuple[str, list[str]]]]:
    """Explains a step; returns how it is shown, and headings with their lines."""

def seed(step: Persistable[Any, Any]) -> bytes:
    """Returns the 32 bytes that seed a random generator of the step."""

def full_key(step: Persistable[Any, Any]) -> str:
    """Returns the step's key in hex, whole."""

def hashes_below(step: Persistable[Any, Any]) -> dict[int, str]:
    """Returns the first half of the key of each step below, by the step's `id`."""

def persist_hash(step: Persistable[Any, Any]) -> str:
    """Returns the first half of the step's key in hex, as file names have it."""

def load(step: Persistable[Any, Any], warn_if_validation_fails: bool, untracked: dict[str, Any]) -> None:
    """Loads the payload. Where nothing is persisted, what persistable 1.x persisted is adopted."""

def load_generate(step: Persistable[Any, Any], untracked: dict[str, Any]) -> None:
    """Loads the payload, or generates and persists it: by the methods of the step, where these override those of the
    package."""

def generate(step: Persistable[Any, Any], persist: bool, untracked: dict[str, Any]) -> None:
    """Generates the payload, and persists it if asked to."""

def persist(step: Persistable[Any, Any]) -> None:
    """Persists the payload that the step has in memory: also one that the validator refuses, with a warning."""

def manifest(step: Persistable[Any, Any]) -> str | None:
    """Returns the manifest of the step's artifact as JSON text; `None` where there is no artifact."""

def untrusted(
    store: Store, ids: list[tuple[str, str]] | None
) -> tuple[list[tuple[str, str, str, str, int, str, list[str | None]]], list[str]]:
    """Lists artifacts whose loading may run code, and which are not trusted; and why others can't be looked at."""

def countersign(store: Store, payload_name: str, key: str, commit_id: str) -> None:
    """Signs an artifact of another account with the key of this one."""

def distrust(payload: Path) -> str | None:
    """Says why others may have written a payload of persistable 1.x; `None` if nobody can have."""

def distrust_of(path: Path, mode: int, owner: int, group: int) -> str | None:
    """Says the same of one file, by what the system told of it while it was open."""

def share_log(path: str) -> None:
    """Lets the accounts that share a data folder write to a log file in it, if it is new."""

def account_key_file() -> Path | None:
    """Returns the file of the signing key of this account. `None` if it is switched off, or if there is no home."""

def cache_folder() -> Path | None:
    """Returns the folder of this account for payloads that were downloaded; `None` if it has no home."""

def index_folder() -> Path | None:
    """Returns the folder of this account for indexes of stores; `None` if it has no home."""

def log_folder() -> Path | None:
    """Returns the folder of this account for logs of steps in stores that are not folders; `None` if it has no
    home."""

def forget_account_key() -> None:
    """Forgets the key of the account: for tests, which change where it is."""

def has_signing_key(payload_io: object) -> bool:
    """Returns whether a signing key is in force for a payload IO now, its own or that of the environment."""

def zstd_save(inner: object, level: int, suffix: str, payload: object, path: object) -> None:
    """Writes a payload to a path at which there is nothing yet, compressed, and syncs it.

    `suffix` is what a payload IO that is handed a path sees at its end, with `.zst`.
    """

def zstd_load(inner: object, suffix: str, path: object) -> Any:
    """Reads a payload that lies compressed at a path."""

def is_persisted(step: Persistable[Any, Any]) -> bool:
    """Returns whether the step's artifact is persisted, as far as its manifest tells."""

def snake_case(name: str) -> str:
    """Returns a class name in snake case, as payload names are by default."""

def input_value(path: str, pattern: str | None, name: str | None, digest: str | None) -> tuple[Value, str]:
    """Returns the value of a file, or of those files of a folder that match a pattern, made of a name and the present
    content; and the digest of that in hex."""

def file_digest(path: str | os.PathLike[str]) -> str:
    """Returns the digest of a file in hex, as manifests have it."""

def input_files(path: str, pattern: str) -> list[str]:
    """Returns the files of a folder that match a pattern, sorted."""

def pickle_index(stream_bytes: int, index_offset: int, buffers: list[tuple[int, int, bool]]) -> bytes:
    """Returns the end of a pickle with buffers, each of which has an offset, a size, and may be read-only."""

def pickle_parts(file: object) -> tuple[int, list[tuple[int, int, bool]]] | None:
    """Finds the end of the stream and the buffers of a pickle; `None` where it has none.

    A `ValueError` says what is wrong with a file."""

def remember_digests_in(folder: Path | None) -> None:
    """Remembers the digests of large input files in a folder, or in this process alone."""

@final
class Writer:
    """Where a payload IO writes to: has `write`, takes any bytes, and does not seek."""

    def write(self, data: Any) -> int:
        """Writes all bytes of an object with a contiguous buffer, and returns their number."""

    def flush(self) -> None:
        """Does nothing: what is written is complete when the payload is."""

@final
class Plain:
    """What a format of dicts, lists, texts and numbers gives back as it was given."""

    def __new__(
        cls,
        format_name: str,
        *,
        has_bytes: bool,
        has_any_keys: bool,
        has_non_finite_floats: bool,
        has_long_ints: bool,
        depth: int,
    ) -> Plain:
        """Takes whether there are bytes, keys other than texts, NaN and the infinities, and integers of more than 64
        bits; and how deeply lists and dicts may be nested."""

    def check(self, value: object) -> None:
        """Refuses a value of which anything would come back as something else: a `TypeError` names its place."""

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
