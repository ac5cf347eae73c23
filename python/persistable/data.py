"""Parameters of a step."""

from __future__ import annotations

from typing import Generic, TypeVar

from persistable._dict_encodable import DictEncodable

__all__ = ["PersistableParam", "PersistableParams"]

ValueT = TypeVar("ValueT")


class PersistableParams(DictEncodable):
    """The base of a step's parameters.

    Write `@dataclass class P(PersistableParams): …`, frozen or not. What the fields hold is the step's identity.
    """

    # Not a dataclass itself, since a frozen dataclass could then not derive from it. Without fields it compares and
    # looks like one all the same.
    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{k}={v!r}' for k, v in self.to_dict().items())})"


class PersistableParam(Generic[ValueT]):
    """A parameter's value, with a word on whether it is part of the step's identity."""

    def __init__(self, param: ValueT, exclude_from_file_hash: bool = False) -> None:
        """Wraps `param`. When excluded, it is shown to people, but other values of it find the same artifact."""
        self.param = param
        self.exclude_from_file_hash = exclude_from_file_hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PersistableParam):
            return NotImplemented
        return bool(self.param == other.param) and self.exclude_from_file_hash == other.exclude_from_file_hash

    # Dataclasses take only what can be hashed as a field's default.
    def __hash__(self) -> int:
        return hash((self.param, self.exclude_from_file_hash))

    def __repr__(self) -> str:
        return f"PersistableParam({self.param!r}, exclude_from_file_hash={self.exclude_from_file_hash})"
