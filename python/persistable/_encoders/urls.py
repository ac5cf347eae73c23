"""Network types of pydantic: URLs, the names of databases' servers, and mail addresses with names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]

_MODULES = ("pydantic.networks", "pydantic.v1.networks")


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a URL by its text, as pydantic normalises it, or of a mail address."""
    core: Any = sys.modules.get("pydantic_core")
    if core is not None and cls in (core.Url, core.MultiHostUrl):
        return lambda url: Value.record(f"pydantic_core.{cls.__name__}", [("value", str(url))])
    if cls.__module__ not in _MODULES:
        return None
    if cls.__name__ == "NameEmail":
        return lambda mail: Value.record("pydantic.NameEmail", [("name", mail.name), ("email", mail.email)])
    networks: Any = sys.modules[cls.__module__]
    bases = (str, getattr(networks, "_BaseUrl", str), getattr(networks, "_BaseMultiHostUrl", str))
    if getattr(networks, cls.__name__, None) is not cls or not issubclass(cls, bases):
        return None
    # Of pydantic 1, a URL is a subclass of text.
    return lambda url: Value.record(f"pydantic.{cls.__name__}", [("value", _text(url))])


def _text(url: Any) -> str:
    return str.__str__(url) if isinstance(url, str) else str(url)
