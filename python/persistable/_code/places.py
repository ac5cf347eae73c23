"""Whose code a module is: the user's own, which is walked, or a library's, of which the version says enough."""

from __future__ import annotations

import functools
import os
import sys
import types
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["Places", "file_shown", "module_shown"]

# The second is what a process that was spawned calls the script.
_MAIN = frozenset({"__main__", "__mp_main__"})
_SITES = ("site-packages", "dist-packages")


def _folders_of_stdlib() -> tuple[str, ...]:
    """Returns where the standard library is: what `sysconfig` says, which takes long to import."""
    if os.name == "posix" and sys.platform != "darwin":
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        library = os.__file__ if hasattr(os, "__file__") else f"{sys.base_prefix}/lib/{version}/os.py"
        named = {
            str(Path(library).parent),
            f"{sys.base_prefix}/lib/{version}",
            f"{sys.exec_prefix}/{sys.platlibdir}/{version}",
        }
    else:
        import sysconfig

        named = {path for path in map(sysconfig.get_path, ("stdlib", "platstdlib")) if path}
    return tuple(named | {str(Path(path).resolve()) for path in named})


_STDLIB: tuple[str, ...] = _folders_of_stdlib()


def _names_of_stdlib() -> frozenset[str]:
    """Returns the top-level modules of the standard library. Some of them, which are written in C, have no file."""
    if sys.version_info >= (3, 10):
        return sys.stdlib_module_names | frozenset(sys.builtin_module_names)
    files = [file for folder in _STDLIB for file in (*Path(folder).glob("*"), *Path(folder).glob("lib-dynload/*"))]
    return frozenset(file.name.partition(".")[0] for file in files) | frozenset(sys.builtin_module_names)


_STDLIB_NAMES = _names_of_stdlib()

# Top-level names of distributions that were installed from a directory, by the folder that they are in.
_from_directories: dict[str, frozenset[str]] = {}


class Places:
    """Tells the user's modules from others, for one step."""

    def __init__(self, own_module: str, track: tuple[str, ...] = ()) -> None:
        """Takes the name of the step's module, and those of modules or packages that are always walked."""
        self._own_top = own_module.partition(".")[0]
        self._track = track
        self._known: dict[str, bool] = {}

    def is_users(self, name: str | None, file: str | None) -> bool:
        """Tells whether a module of this name and file is the user's own."""
        if name is None:
            name = ""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._find_out(name, file)
        return known

    def are_users(self, namespace: dict[str, Any]) -> bool:
        """Tells whether a module's namespace is the user's own."""
        name, file = namespace.get("__name__"), namespace.get("__file__")
        return self.is_users(name if isinstance(name, str) else None, file if isinstance(file, str) else None)

    def is_users_class(self, cls: type) -> bool:
        """Tells whether a class was defined by the user's own code."""
        name = getattr(cls, "__module__", None)
        module = sys.modules.get(name) if isinstance(name, str) else None
        if name == "types" and vars(types).get(cls.__name__) is not cls:
            return True  # What `types.new_class` makes is called so, such as by `dataclasses.make_dataclass`.
        if module is None:
            # Code made this class, and named a module that does not exist. Whose code that was is not known.
            return isinstance(name, str) and name not in _STDLIB_NAMES and self.is_users(name, None)
        return self.are_users(vars(module))

    def _find_out(self, name: str, file: str | None) -> bool:
        top = name.partition(".")[0]
        if top == "persistable":
            return False
        if any(name == each or name.startswith(f"{each}.") for each in self._track):
            return True
        if top in _MAIN:
            return True
        if top in _STDLIB_NAMES and not (file and self._own_top == top):
            return file is not None and not _is_standard(file) and not _is_installed(file)
        if top == self._own_top:
            return True
        if file is None:
            return True
        if _is_installed(file):
            return _is_from_directory(file, top)
        return not _is_standard(file)


def _is_standard(file: str) -> bool:
    return file.startswith((*_STDLIB, "<frozen"))


def _is_installed(file: str) -> bool:
    return any(f"/{site}/" in file or f"\\{site}\\" in file for site in _SITES)


def _is_from_directory(file: str, top: str) -> bool:
    """Tells whether a package was installed from a directory, as `pip install .` does: then it is somebody's own."""
    path = Path(file)
    for folder in path.parents:
        if folder.name in _SITES:
            names = _from_directories.get(str(folder))
            if names is None:
                names = _from_directories[str(folder)] = _names_from_directories(folder)
            return top in names
    return False


def _names_from_directories(site: Path) -> frozenset[str]:
    # The first load of a process comes by here: `Path.glob` and `json` would take a third of its time.
    found: set[str] = set()
    try:
        for name in os.listdir(site):  # noqa: PTH208
            # To fail to open the file takes four times as long, for each distribution.
            if name.endswith(".dist-info") and os.access(f"{site}/{name}/direct_url.json", os.R_OK):
                found |= _names_from_directory(f"{site}/{name}")
    except (OSError, ValueError):
        pass  # What can't be read says nothing.
    return frozenset(found)


def _names_from_directory(distribution: str) -> set[str]:
    """Returns what a distribution brought that was installed from a directory: PEP 610 has a `dir_info` for it."""
    with open(f"{distribution}/direct_url.json", encoding="utf-8") as url:  # noqa: PTH123
        # Within a text of JSON, the quotes would have backslashes before them.
        if '"dir_info":' not in "".join(url.read().split()):
            return set()
    with open(f"{distribution}/RECORD", encoding="utf-8") as record:  # noqa: PTH123
        names = {line.partition(",")[0].partition("/")[0] for line in record.read().splitlines()}
    is_code = (name for name in names if not name.endswith((".dist-info", ".data")) and name != "..")
    return {name.partition(".")[0] for name in is_code}


def module_shown(name: str | None, own_module: str, namespace: dict[str, Any] | None = None) -> str:
    """Returns what stands before the names of a module's items: nothing for the step's own module.

    So a step's code has the same names when its module is run as a script, imported or renamed, and in a notebook.
    `namespace` is that of the module, which may be the `__main__` of another process.
    """
    if name is None or name == own_module:
        return ""
    if name in _MAIN:
        main = getattr(sys.modules.get(name), "__dict__", {}) if namespace is None else namespace
        spec, file, package = main.get("__spec__"), main.get("__file__"), main.get("__package__")
        if spec is not None and getattr(spec, "name", None):
            name = str(spec.name)
            name = name[: -len(".__main__")] if name.endswith(".__main__") else name
            return "" if name == own_module else f"{name}."
        if not isinstance(file, str):
            return ""
        # In another process than that where it ran, only the package tells that it ran by `python -m`.
        name = ".".join(part for part in (package, Path(file).stem) if part and part != "__main__")
        return "" if name == own_module else f"{name}."
    return f"{name}."


@functools.lru_cache(maxsize=1024)
def file_shown(file: str | None, module: str | None) -> str | None:
    """Returns a source file as people know it: `proj/helpers.py`, the same on all machines."""
    if file is None:
        return None
    if file.startswith("<ipython-input") or "ipykernel_" in file:
        return "notebook cell"
    if file.startswith("<"):
        return file
    path = Path(file)
    depth = 0 if module is None or module in _MAIN else module.count(".")
    if path.stem == "__init__":
        depth += 1
    return "/".join(path.parts[-1 - depth :])


def top_of(value: Any) -> str | None:
    """Returns the first name of the module that an object says it is of."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name.partition(".")[0] if isinstance(name, str) else None
