"""Of `persistable._core`: values, keys and the record of code."""

from collections.abc import Iterable, Sequence
from typing import Any, final

from persistable._persistable import Persistable

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
