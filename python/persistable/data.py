"""Parameters of a step."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from persistable._dict_encodable import DictEncodable, Wrapped, attributes_of, declares_fields, excluded_names_of

__all__ = ["PersistableParam", "PersistableParams"]

ValueT = TypeVar("ValueT")


class PersistableParams(DictEncodable):
    """The base of a step's parameters.

    Write `@dataclass class P(PersistableParams): …`, frozen or not. What the fields hold is the step's identity.

    `2` and `2.0` are two identities, and so are a list and a tuple, a text and a path. With
    `_coerce_by_annotation = True` in the class, a field holds what its annotation says: given `2`, one annotated
    `float` holds `2.0`. So for `list` and `tuple`, for `str` and `Path`, and inside of containers. An annotation with
    alternatives is followed if the value fits none of them and exactly one can take it. What an annotation can't take
    stays as it is, and so does what is appended to a list later. It holds for the dataclasses that derive from the
    class, too.
    """

    _coerce_by_annotation = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Prepares a class that coerces its fields."""
        super().__init_subclass__(**kwargs)
        if cls._coerce_by_annotation:
            from persistable._coerce import coerces

            coerces(cls)

    # Not a dataclass itself, since a frozen dataclass could then not derive from it. Without fields it compares and
    # looks like one all the same.
    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return _are_equal(_compared(self), _compared(other), self, other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{k}={v!r}' for k, v in self.to_dict().items())})"


def _compared(params: PersistableParams) -> dict[str, Any]:
    """Returns the dict, with the private attributes of what neither declared fields nor a dict of its own identify."""
    cls, shown = type(params), params.to_dict()
    if cls.to_dict is not DictEncodable.to_dict or declares_fields(cls):
        return shown
    excluded = excluded_names_of(params)
    return {**{name: value for name, value in attributes_of(params, private=True) if name not in excluded}, **shown}


def _are_equal(left: Any, right: Any, left_owner: object, right_owner: object) -> bool:
    """Compares by `==`, and the owners by what identifies them where that gives no truth, as for arrays."""
    try:
        equal = left == right
    except Exception:  # Each library has an error of its own for this.
        equal = None
    # A number of NumPy's own gives NumPy's own truth, which is named as Python's from NumPy 2 on.
    if type(equal).__name__ in ("bool", "bool_"):
        return bool(equal)
    from persistable import _core

    return _core.encode(left_owner) == _core.encode(right_owner)


class PersistableParam(Wrapped, Generic[ValueT]):
    """A parameter's value, and whether it is part of the step's identity."""

    def __init__(self, param: ValueT, exclude_from_file_hash: bool = False) -> None:
        """Wraps `param`. If it is excluded, people see it, but it is not part of the key."""
        self.param = param
        self.exclude_from_file_hash = exclude_from_file_hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PersistableParam):
            return NotImplemented
        if self.exclude_from_file_hash != other.exclude_from_file_hash:
            return False
        return _are_equal(self.param, other.param, self.param, other.param)

    # Dataclasses take only what can be hashed as a field's default.
    def __hash__(self) -> int:
        return hash((self.param, self.exclude_from_file_hash))

    def __repr__(self) -> str:
        return f"PersistableParam({self.param!r}, exclude_from_file_hash={self.exclude_from_file_hash})"
