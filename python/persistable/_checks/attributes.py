"""Which attributes of an object only change when somebody changes the object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["declared_fields", "lasting_attributes"]

# Of objects with more attributes nothing is known.
_MOST = 256

_is_own: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def declared_fields(kind: type) -> list[str]:
    """Returns the fields that a data class, or a class of attrs, declares."""
    names = getattr(kind, "__dataclass_fields__", None)
    return list(names) if names is not None else [each.name for each in getattr(kind, "__attrs_attrs__", ())]


def lasting_attributes(held: Any) -> Iterator[tuple[str, Any]]:
    """Iterates over such attributes of an object that is not a container and declares no fields.

    Reading an object may fill a cache in it. Caches are private, or they are `None` or not there before that. So public
    attributes with a value are taken of the user's own classes. Of estimators as scikit-learn has them, what `fit` sets
    is taken, such as `coef_`. Of other classes of libraries nothing is known. A network of PyTorch is left out:
    `eval()`, which everybody calls, sets an attribute.
    """
    kind = type(held)
    attributes = getattr(held, "__dict__", None)
    if type(attributes) is not dict or len(attributes) > _MOST:
        return
    is_estimator = hasattr(kind, "fit") and hasattr(kind, "get_params")
    if hasattr(kind, "state_dict") or not (is_estimator or _is_users(kind)):
        return
    for name, value in attributes.items():
        if value is None or not isinstance(name, str) or name.startswith("_"):
            continue
        if not is_estimator or name.endswith("_"):
            yield name, value


def _is_users(kind: type) -> bool:
    known = _is_own.get(kind)
    if known is None:
        from persistable._code.places import Places

        known = _is_own[kind] = Places("").is_users_class(kind)
    return known
