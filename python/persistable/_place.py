"""The places that a store may be at, each with what opens it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from persistable import _core

if TYPE_CHECKING:
    from persistable._fsspec import Objects
    from persistable._store import Store

__all__ = ["FilesystemPlace", "FolderPlace", "LayersPlace", "Options", "Place", "UrlPlace"]

_SHOWN = frozenset(
    {
        "cache_size", "concurrency", "connect_timeout", "endpoint", "part_size", "profile", "region", "retries",
        "retry_timeout", "timeout",
    }
)  # fmt: skip
"""Options that `repr` shows with their values. Others may be secret."""

_VARIABLES = ("PERSISTABLE_", "AWS_", "GOOGLE_", "AZURE_", "SSL_CERT_", "CLOUDSDK_", "HOME", "XDG_")
_MOST_OPEN = 64

_opened: dict[tuple[Any, ...], _core.Store] = {}
"""The stores that are open in this process, by all that counts for them."""


@dataclass(frozen=True, repr=False)
class Options:
    """The options of a store, as texts."""

    given: tuple[tuple[str, str], ...] = ()
    cache: str | bool | None = None
    trusted: bool = False

    def __repr__(self) -> str:
        return f"Options({self.shown()[2:]})"

    def shown(self) -> str:
        """Returns the options as arguments, without what may be secret."""
        shown = [f", {name}={value if name in _SHOWN else '…'!r}" for name, value in self.given]
        if self.cache is not None:
            shown.append(f", cache={self.cache!r}")
        if self.trusted:
            shown.append(", trusted=True")
        return "".join(shown)

    def settings(self, has_logs: bool) -> dict[str, Any]:
        """Returns what the core is told."""
        return {
            "options": list(self.given),
            "has_cache": self.cache is not False,
            "cache": _core.cache_folder() if self.cache is True else self.cache or None,
            "default_cache": _core.cache_folder(),
            "logs": _core.log_folder() if has_logs else None,
            "trusted": self.trusted,
        }


@dataclass(frozen=True)
class FolderPlace:
    """A folder."""

    given: str
    path: Path
    options: Options

    @property
    def is_plain(self) -> bool:
        """Whether its path says all about it."""
        return self.options == Options()

    @property
    def location(self) -> str:
        """Where it is, for people."""
        return str(self.path)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for equal stores."""
        return ("folder", self.path, self.options)

    def shown(self) -> str:
        """Returns the arguments of `Store`."""
        return f"{self.given!r}{self.options.shown()}"

    def open(self) -> _core.Store:
        """Opens it."""
        return _core.Store.open(self.path, self.options.settings(has_logs=False))


@dataclass(frozen=True)
class UrlPlace:
    """A URL."""

    url: str = field(repr=False)  # Its query may hold a secret.
    options: Options

    is_plain = False
    path = None

    @property
    def location(self) -> str:
        """Where it is, for people."""
        return self.open().location

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for equal stores."""
        return ("url", self.url, self.options)

    def shown(self) -> str:
        """Returns the arguments of `Store`. The query of the URL may hold a secret."""
        return f"{self.location!r}{self.options.shown()}"

    def open(self) -> _core.Store:
        """Opens it, once in a process as long as the environment is the same."""
        key = (*self.identity, _environment())
        store = _opened.get(key)
        if store is None:
            is_memory = self.url.startswith("memory:")
            store = _core.Store.open(self.url, self.options.settings(has_logs=not is_memory))
            # Of two threads that come here first, both get the same one.
            store = _opened.setdefault(key, store)
            for old in list(_opened)[:-_MOST_OPEN]:
                _opened.pop(old, None)
        return store


@dataclass(frozen=True)
class FilesystemPlace:
    """A folder in a file system of fsspec's."""

    filesystem: Any
    folder: str
    options: Options

    is_plain = False
    path = None

    @property
    def location(self) -> str:
        """Where it is, for people."""
        return self._objects().location

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for equal stores. (Equality of file systems depends on the thread.)"""
        return ("filesystem", type(self.filesystem), self.location, self.options)

    def shown(self) -> str:
        """Returns the arguments of `Store`."""
        return f"<{type(self.filesystem).__name__}>, {self.folder!r}{self.options.shown()}"

    def open(self) -> _core.Store:
        """Opens it."""
        return _core.Store.over(self._objects(), self.options.settings(has_logs=True))

    def _objects(self) -> Objects:
        from persistable._fsspec import Objects

        return Objects(self.filesystem, self.folder)


@dataclass(frozen=True)
class LayersPlace:
    """Several stores."""

    stores: tuple[Store, ...]

    is_plain = False
    path = None

    @property
    def location(self) -> str:
        """Where it is, for people."""
        return " + ".join(store.location for store in self.stores)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What is equal for equal stores."""
        return ("layers", self.stores)

    def shown(self) -> str:
        """Returns the arguments of `Store.layers`."""
        return ", ".join(map(repr, self.stores))

    def open(self) -> _core.Store:
        """Opens it."""
        return _core.Store.layers([store._persistable_store for store in self.stores])


Place = Union[FolderPlace, UrlPlace, FilesystemPlace, LayersPlace]


def _environment() -> bytes:
    """Returns what tells whether the variables are the same that options and credentials may come from."""
    pairs = sorted(pair for pair in os.environ.items() if pair[0].startswith(_VARIABLES))
    return hashlib.sha256(repr(pairs).encode("utf-8", "surrogateescape")).digest()
