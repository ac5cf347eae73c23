"""What `Store` is called with, made into a place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from persistable import _core
from persistable._data_folder import checked, named, shown_url
from persistable._fsspec import is_filesystem
from persistable._place import FilesystemPlace, FolderPlace, Options, Place, UrlPlace

__all__ = ["place_of"]


def place_of(
    given: Any,
    folder: str | None,
    cache: str | os.PathLike[str] | bool | None,
    cache_size: str | int | None,
    trusted: bool,
    options: Mapping[str, Any],
) -> Place:
    """Returns the place of a store. Refuses options that it does not have."""
    if cache_size is not None:
        options = {**options, "cache_size": cache_size}
    texts = tuple(sorted((name, _text(name, value)) for name, value in options.items() if value is not None))
    chosen = Options(texts, _cache(cache), bool(trusted))
    if is_filesystem(given):
        if not isinstance(folder, str):
            raise TypeError('a file system needs a folder beside it: Store(filesystem, "folder")')
        place: Place = FilesystemPlace(given, folder, chosen)
        place.open()
        return place
    if folder is not None:
        shown = shown_url(given) if isinstance(given, str) else given
        raise TypeError(f"{shown!r} is not a file system of fsspec's, so no folder in it can be named: {folder!r}")
    return _at(given, chosen)


def _at(given: Any, options: Options) -> Place:
    text = os.fspath(checked(given))
    found = named(given)
    if isinstance(found, str):
        # The store may be opened again after `os.chdir`, or in a worker with another current folder.
        url, absolute = _core.with_absolute_paths(found, list(options.given))
        place: Place = UrlPlace(url, replace(options, given=tuple(absolute)))
        place.open()  # So that a wrong option is refused here. Nothing is sent.
        return place
    # A folder reads nothing from a cache, but `cache=False` says nothing wrong of it.
    wrong = [name for name, _ in options.given]
    if isinstance(options.cache, str) or options.cache is True:
        wrong.append("cache")
    if wrong:
        raise TypeError(f"a folder has no option {wrong[0]!r}: it is for URLs, such as s3://bucket")
    return FolderPlace(text, found.absolute(), Options(trusted=options.trusted))


def _cache(cache: Any) -> str | bool | None:
    if isinstance(cache, (str, os.PathLike)):
        return str(Path(cache).expanduser().absolute())
    if cache is None or isinstance(cache, bool):
        return cache
    raise TypeError(f"cache is a folder, True or False, not an object of type {type(cache).__qualname__}")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(Path(value).expanduser()) if value.startswith("~/") else value
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, os.PathLike):
        return str(Path(value).expanduser())
    raise TypeError(f"the option {name} must be a str, a number, a bool or a path, not {type(value).__qualname__}")
