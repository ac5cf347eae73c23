"""Running the code of a step as a module, as a script or in a notebook, and telling how two runs differ."""

from __future__ import annotations

import importlib
import linecache
import sys
import types
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from persistable import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = """
import collections, dataclasses, enum, functools, logging, re, typing
from persistable import Persistable, PersistableParams, step
"""

MODES = ("module", "script", "notebook")


class Workplace:
    """A folder with code that is edited and run again."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.mode = mode
        self.cells = 0
        self.namespace: dict[str, Any] = {}
        self.main = types.ModuleType("__main__")

    def run(self, sources: dict[str, str]) -> Any:
        """Writes the files, runs `main.py`, and returns the record of the code of its step `fit` or `FitP`."""
        with _modules_of(self.folder, self.main):
            for name, source in sources.items():
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(source)
            importlib.invalidate_caches()
            self.namespace = self._run(sources["main.py"])
            return self.record()

    def record(self) -> Any:
        """Returns the record of the code as it is now."""
        code = _core.code_of(self.step())
        assert code is not None
        code.digests()  # Reads the source, which may be edited later.
        return code

    def step(self) -> Any:
        definition = self.namespace.get("fit") or self.namespace["FitP"]
        folder = self.folder / "data"
        return definition(folder, None) if isinstance(definition, type) else definition(folder)

    def _run(self, source: str) -> dict[str, Any]:
        if self.mode == "module":
            return vars(importlib.import_module("main"))
        if self.mode == "script":
            path = str(self.folder / "main.py")
            self.main = sys.modules["__main__"] = types.ModuleType("__main__")
            self.main.__file__ = path
            exec(compile(source, path, "exec", dont_inherit=True), vars(self.main))
            return vars(self.main)
        for cell in source.split("# %%\n"):
            self.run_cell(cell)
        return vars(self.main)

    def run_cell(self, source: str) -> None:
        """Runs a notebook's cell as IPython does: its source is in `linecache` alone."""
        self.cells += 1
        name = f"<ipython-input-{self.cells}-{abs(hash(source)):x}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        exec(compile(source, name, "exec", dont_inherit=True), vars(self.main))


@contextmanager
def _modules_of(folder: Path, main: types.ModuleType) -> Iterator[None]:
    before = dict(sys.modules)
    sys.path.insert(0, str(folder))
    sys.modules["__main__"] = main
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name not in before and isinstance(file, str) and file.startswith(str(folder)):
                del sys.modules[name]
        sys.modules["__main__"] = before["__main__"]


def sources_of(text: str) -> dict[str, str]:
    """Splits a text into files at lines such as `# --- helpers.py`. The first is `main.py`."""
    parts = text.split("# --- ")
    sources = {"main.py": HEADER + parts[0]}
    for part in parts[1:]:
        name, _, source = part.partition("\n")
        sources[name.strip()] = source
    return sources


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the code"
    return text.replace(old, new)


def names_of(changes: list[str]) -> set[str]:
    """Returns the names of what changed, without the places."""
    return {change.partition(" (")[0].partition(" is ")[0] for change in changes}
