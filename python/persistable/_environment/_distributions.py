"""Which distributions the imported modules belong to, and their versions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Provided", "provided"]


class Provided:
    """The installed distributions, by the top-level names of the modules that they provide."""

    def __init__(self, by_name: dict[str, list[Any]]) -> None:
        """Takes the distributions."""
        self._by_name = by_name

    def versions_of(self, top_level: Iterable[str]) -> dict[str, str]:
        """Returns the versions of those that provide modules of these names, by the distributions' names.

        Where several distributions share a name, as parts of a namespace package do, all of them are returned.
        """
        versions = {}
        for name in top_level:
            for distribution in self._by_name.get(name, ()):
                named = _name_and_version(distribution)
                if named is not None:
                    versions[named[0]] = named[1]
        return versions


def provided() -> Provided:
    """Looks at what is installed.

    `importlib.metadata.packages_distributions` takes fourteen times as long, and Python 3.9 has none.
    """
    from importlib import metadata  # Importing it takes longer than all that follows.

    by_name: dict[str, list[Any]] = {}
    for distribution in metadata.distributions():
        # One that is broken is left out.
        try:
            names = _top_level_names(distribution)
        except Exception:
            continue
        for name in names:
            by_name.setdefault(name, []).append(distribution)
    return Provided(by_name)


def _top_level_names(distribution: Any) -> set[str]:
    listed = distribution.read_text("top_level.txt")
    if listed is not None:
        names = set(listed.split())
    else:
        paths = (line.partition(",")[0] for line in (distribution.read_text("RECORD") or "").splitlines())
        names = {_module_of(path) for path in paths}
    # An editable install records no module. Most are named as their distribution is.
    path = getattr(distribution, "_path", None)
    if path is not None:
        names.add(re.sub(r"[-.]+", "_", path.name.partition("-")[0]))
    return {name for name in names if name.isidentifier()}


def _module_of(path: str) -> str:
    first, _, rest = path.strip('"').partition("/")
    if rest:
        return first
    return first.partition(".")[0] if first.endswith((".py", ".so", ".pyd")) else ""


def _name_and_version(distribution: Any) -> tuple[str, str] | None:
    try:
        name, version = distribution.metadata["Name"], distribution.version
    except Exception:
        return None
    return (str(name), str(version)) if name and version else None
