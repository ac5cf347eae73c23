"""The compiled module of the Python package: the Rust core as Python calls it."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, final

from persistable._fsspec import Objects
from persistable._persistable import Persistable
from persistable._store import Store as PublicStore
from persistable.exceptions import PersistableError

__all__ = [
    "ERROR_KINDS",
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
    "remember_digests_in",
    "remove",
    "run_command",
    "seed",
    "set_default",
    "set_in_memory",
    "set_wait_notice",
    "share_log",
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

@final
class Value:
    """A parameter's value, in its canonical form.

    Encoders return one where the object has a form that no plain Python object has. Two values are equal where
    their canonical bytes are."""

    @staticmethod
    def null() -> Value:
        """Returns the absence of a value."""
    @staticmethod
    def float32(number: float) -> Value:
        """Returns the float of the same value, which people are shown with the digits that 32 bits take."""
    @staticmethod
    def date(year: int, month: int, day: int) -> Value:
        """Returns a day of the proleptic Gregorian calendar."""
    @staticmethod
    def time(nanoseconds: int) -> Value:
        """Returns a time of day, in nanoseconds since midnight."""
    @staticmethod
    def datetime(year: int, month: int, day: int, nanoseconds: int) -> Value:
        """Returns a day and a time of day, without a zone."""
    @staticmethod
    def zoned(seconds: int, nanoseconds: int, offset_seconds: int, zone: str) -> Value:
        """Returns a moment: seconds since 1970-01-01T00:00:00Z, rounded down, nanoseconds above them, the offset at
        which it is meant, and the IANA name of its zone, empty where only the offset is known."""
    @staticmethod
    def duration(nanoseconds: int) -> Value:
        """Returns a span of time."""
    @staticmethod
    def decimal(text: str) -> Value:
        """Returns a decimal of its canonical text, as in `150E-2`."""
    @staticmethod
    def uuid(bytes: bytes) -> Value:
        """Returns a UUID of its 16 bytes, in the order of its text."""
    @staticmethod
    def path(text: str) -> Value:
        """Returns a path with `/` between its components, normalised but not resolved."""
    @staticmethod
    def enum(type_name: str, member: str, data: object = ...) -> Value:
        """Returns a member of an enum, with the data it carries, if any."""
    @staticmethod
    def record(type_name: str, fields: Iterable[tuple[str, object]]) -> Value:
        """Returns a record of pairs of a name and an object."""
    @staticmethod
    def array(dtype: str, shape: Sequence[int], elements: Any) -> Value:
        """Returns an array of a dtype of the specification, whose elements lie in C order, little-endian."""
    @staticmethod
    def object_array(shape: Sequence[int], elements: Iterable[object]) -> Value:
        """Returns an array whose elements are any objects, in C order."""
    @staticmethod
    def table(columns: Iterable[tuple[str, str, object]]) -> Value:
        """Returns a table of columns: name, a text that tells the type, and values that become an array or a list."""
    @staticmethod
    def list_(elements: Iterable[object]) -> Value:
        """Returns the elements of any iterable as a list."""
    @staticmethod
    def tuple_(elements: Iterable[object]) -> Value:
        """Returns the elements of any iterable as a tuple."""
    @staticmethod
    def set_(members: Iterable[object]) -> Value:
        """Returns the members of any iterable as a set."""
    @staticmethod
    def map_(pairs: Iterable[tuple[object, object]]) -> Value:
        """Returns pairs of a key and a value as a map."""
    @staticmethod
    def from_json(text: str) -> Value:
        """Reads the typed JSON of the specification."""
    def to_json(self) -> str:
        """Returns the typed JSON of the specification."""
    def kind(self) -> str:
        """Returns the name of the kind, as the specification has it."""
    def canonical_bytes(self) -> bytes:
        """Returns the canonical bytes."""
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class StepCode:
    """The record of a step's code, as it was when it was looked at."""

    @property
    def record(self) -> Any:
        """The `persistable._code.Record`."""
    def items(self) -> list[str]:
        """Returns the names of the items, and where each stands in the source."""
    def quick(self, state: Sequence[str] = ...) -> tuple[str, str]:
        """Returns the tag of bytecode, and the digest over all items but those of the given names."""
    def digests(self, state: Sequence[str] = ...) -> dict[str, str]:
        """Returns the digests over all items by their tags, without the items of the given names."""
    def state_since(self) -> list[str]:
        """Returns the names of the constants that changed since, for which a generation is to blame."""
    def key_digest(self) -> str:
        """Returns the digest that a key has; raises `UnsupportedParameterError` where the record does not tell all."""
    def changes_since(self, earlier: StepCode) -> list[str]:
        """Returns how this code differs from an earlier one, in words."""
    def watched_count(self) -> int:
        """Returns how many references are compared on each hit."""

def code_of(step: Persistable[Any, Any]) -> StepCode | None:
    """Returns the record of a step's code as it is now; `None` where there can't be any."""

def holds_steps(object: object) -> bool:
    """Returns whether there are steps in an argument: in lists, tuples and dicts, at any depth."""

def encode(object: object) -> Value:
    """Returns the value of an object, as the field of a step's params would have it."""

def free_names(own: list[str], below: list[tuple[str, str]]) -> list[str]:
    """Returns the name of each dependency in a params tree, given the names of the step's own params, and the payload
    name of each dependency with the name that its artifact has."""

def forget_encoders() -> None:
    """Forgets what was found out about types, because an encoder was registered or a class was changed."""

def step_key(
    payload_name: str, version: str | None, params: object, dependencies: Sequence[tuple[str, str]]
) -> tuple[bytes, str, str]:
    """Returns the canonical bytes of a step, its key and the digest of its params.

    `dependencies` are pairs of a payload name and a key in hex."""

# The catalogue

@final
class Catalogue:
    """An open catalogue. `persistable.Catalogue` keeps one. Answers with a structure of their own are JSON texts."""

    @staticmethod
    def open(store: Store, folder: str | os.PathLike[str] | None) -> Catalogue:
        """Opens the catalogue of a store. Its index is in `folder`, if one is given."""
    def refresh(self) -> tuple[int, int]:
        """Looks at the store anew. Returns how many manifests were read, and how many artifacts are gone."""
    def rows(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        shown: tuple[list[str] | None, bool, str | None, bool, int | None],
    ) -> tuple[list[str], list[tuple[Any, ...]], int, int, list[str]]:
        """Lists artifacts: those of a payload name, of a filter, and of stems; their columns, whether only those that
        vary, by what they are sorted, whether it descends, and how many at most."""
    def find(self, text: str) -> str:
        """Finds an artifact by the first digits of its key, by `name(digits)` or by the name of a file. Returns its
        stem."""
    def why(self, step: Persistable[Any, Any]) -> str:
        """Says why a step is not persisted."""
    def why_artifact(self, stem: str) -> str:
        """Says why an artifact was generated."""
    def knows(self, name: str) -> bool: ...
    def why_params(self, payload_name: str, params: str) -> str:
        """Says which artifacts of a payload name are nearest to some params."""
    def diff(self, before: str, after: str) -> str:
        """Returns how two artifacts differ."""
    def lineage(self, stem: str, is_up: bool, depth: int) -> str:
        """Returns what an artifact was made from, or what was made from it."""
    def usage(self, selection: tuple[str | None, str | None, list[str] | None], by: str | None) -> str:
        """Counts what takes the space: by step, by a param, or by each param that varies if its name is empty."""
    def status(self, selection: tuple[str | None, str | None, list[str] | None], inputs: bool) -> str:
        """Says what is in order, and what is not."""
    def manifest(self, stem: str) -> str:
        """Returns the manifest of an artifact; of one that was removed, that in its record."""
    def verify(self, stem: str, repair: bool) -> str:
        """Compares an artifact with its digest. If `repair` says so, a damaged one goes to quarantine."""
    def label(
        self,
        stem: str,
        added: list[str],
        removed: list[str],
        pin: tuple[str | None] | None,
        note: tuple[str | None] | None,
    ) -> str:
        """Changes what people say of an artifact, and returns it."""
    def labels(self, stem: str) -> str:
        """Returns what people say of an artifact."""
    def plan_removal(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        is_all: bool,
        limits: tuple[int | None, float | None, float | None],
        damaged: bool,
        stale: bool,
    ) -> RemovalPlan:
        """Plans what to remove: all that is selected; what is beyond a size, older than an age or unused for longer;
        what is damaged; what is stale."""
    def remove(self, plan: RemovalPlan, progress: Callable[[int, int], object] | None) -> str:
        """Removes what was planned. `progress` is told how many are done."""
    def export(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        file: str | os.PathLike[str],
        progress: Callable[[int, int], object] | None,
    ) -> str:
        """Writes artifacts into one file, with what they were made from. `progress` is told how many bytes are
        done."""
    def import_file(self, file: str | os.PathLike[str], progress: Callable[[int, int], object] | None) -> str:
        """Reads the artifacts of a file that was exported."""
    def former(self) -> str:
        """Lists what persistable 1.x left in the folder."""
    def log(self, entries: tuple[list[str], str | None, str | None, float | None, str | None], limit: int) -> str:
        """Returns the last entries of the log: those of these payload names, of a key, of a level, of an age in
        seconds, and with a text."""

@final
class RemovalPlan:
    """What would be removed, and why. `persistable` shows it."""

    def to_json(self) -> str:
        """Returns the plan as JSON."""

def size_in_bytes(text: str) -> int:
    """Reads a size such as `10 GB`."""

def age_in_seconds(text: str) -> float:
    """Reads an age such as `30d`."""

# Runs

@final
class RunPlan:
    """What a run of steps would do, with the steps themselves."""

    def __new__(
        cls, targets: list[Any], is_local: Callable[[Any], bool], regenerates_stale: bool = False
    ) -> RunPlan: ...
    def __len__(self) -> int: ...
    @property
    def steps(self) -> list[Any]:
        """The steps, in the order of the plan."""
    @property
    def objects(self) -> list[list[Any]]:
        """For each step, all objects that are this step. Each has a payload of its own in memory."""
    @property
    def lazy_objects(self) -> list[Any]:
        """Objects that the steps may ask for and that the plan does not have: lazy dependencies, and all below them."""
    def rows(self) -> list[tuple[str, str, str, float | None, bool]]:
        """For each step: its payload name, its key, its state, its seconds, and whether it was asked for."""
    def sizes(self) -> list[int | None]:
        """For each step: how large its persisted payload is; `None` where it is missing."""
    def stale(self) -> list[str | None]:
        """For each step: why its persisted payload is stale; `None` if it is not."""
    def counts(self) -> tuple[int, int, int]:
        """Returns how many steps are there, missing and ready."""
    def expected_seconds(self, workers: int) -> float:
        """Returns how long the missing steps will take together."""
    def priority(self, index: int) -> float: ...
    def needs(self, index: int) -> dict[str, float]: ...
    def needed_by(self, index: int) -> list[int]: ...
    def freeze(self) -> None:
        """Lets the steps be what they are now, until they are thawed, whatever becomes of their params."""
    def thaw(self) -> None: ...
    def machine(self, on_error: str, retries: int, offer: dict[str, float]) -> RunMachine:
        """Returns the state machine of a run."""
    def bound_to_process(self) -> tuple[str, str] | None: ...
    def copies(self, job: str | None, retries: int) -> RunCopies:
        """Begins to share the missing steps with other copies of this program."""
    def failed_elsewhere(self, copies: RunCopies) -> tuple[int, BaseException] | None:
        """Returns a missing step that failed in another copy of this program and is not tried again, with its error."""
    def sync_what_is_left(self) -> None:
        """Makes durable what other runs persisted of these steps.

        One may still run, or was killed before it did that itself.
        """
    def group_sync(self) -> RunSync | None: ...

@final
class RunCopies:
    """This copy of a program, of which several share the steps of a run."""

    @staticmethod
    def of_run(run: str) -> RunCopies:
        """Returns what the workers of one run tell each other. `run` is a name that no other run has."""

@final
class RunSync:
    """Makes durable together what steps persisted."""

    def sync(self, indices: list[int]) -> None: ...
    def finish(self) -> None:
        """Says that all is durable that was persisted."""

@final
class RunMachine:
    """The state machine of a run. One thread drives it."""

    def too_large(self) -> tuple[int, str] | None: ...
    def begin_at(self, first: int) -> None: ...
    def next(self, now: float) -> int | None: ...
    def end(self, index: int, ending: str, now: float) -> bool: ...
    def stop(self) -> None: ...
    @property
    def is_stopping(self) -> bool: ...
    @property
    def is_over(self) -> bool: ...
    @property
    def next_look(self) -> float | None: ...
    @property
    def counts(self) -> tuple[int, int, int, int]: ...
    def remaining_seconds(self, workers: int) -> float: ...
    def state(self, index: int) -> str: ...
    def blocked_by(self, index: int) -> int | None: ...
    def restarts(self, index: int) -> int: ...
    def take_unused(self) -> list[Any]:
        """Returns the objects whose payloads are not needed in memory any longer, each once."""

def ensure(
    step: Any,
    is_synced_later: bool,
    adopts: bool,
    regenerates_stale: bool = False,
    copies: RunCopies | None = None,
) -> str:
    """Makes sure that a step is persisted, without loading it and without waiting for others."""

def check_fresh(step: Any) -> None:
    """Compares what is persisted with the present code, inputs and dependencies, as a load does: warns, or refuses."""

def group_sync_of(steps: list[Any]) -> RunSync | None:
    """Returns what makes durable together what steps persist from now on; `None` where a store can't do that."""

def forget(step: Any) -> None:
    """Forgets the payload of a step, unless only memory has it."""

def is_pending(step: Any) -> bool:
    """Returns whether a step has a payload in memory that was generated and could not be persisted."""

def freeze_as_key(step: Any, payload_name: str, key: str, params_digest: bytes) -> None:
    """Makes a step one of which nothing is known but its name and its key."""

def key_parts(step: Any) -> tuple[str, str, list[int]]:
    """Returns what a worker can't work out of a step that it loads: its name, its key, the digest of its params."""
