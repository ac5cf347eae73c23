#!/usr/bin/env python3
"""Checks that docs/ARCHITECTURE.md tells of the code that there is. Exits with 1 and says what to do.

- Each crate of the workspace is in the tree of folders.
- Each module is in a table of its crate's section, and each module in a table exists. So is each module of the package.
- If a function is named with its type or module, as in `Store::find`, this type or module has it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "ARCHITECTURE.md"

# The section of the page, and the folders whose modules stand in its tables.
FOLDERS = {
    "Modules of `persistable-base`": ["crates/persistable-base/src"],
    "Modules of `persistable-key`": ["crates/persistable-key/src"],
    "Modules of `persistable-derive`": ["crates/persistable-derive/src"],
    "Modules of `persistable`": ["crates/persistable/src", "crates/persistable/src/running"],
    "Modules of `persistable-store`": [
        "crates/persistable-store/src",
        *(f"crates/persistable-store/src/{kind}" for kind in ("folder", "remote", "layers", "copying", "on_disk")),
        "crates/persistable-store/src/remote/payload",
        "crates/persistable-store/src/remote/cache",
    ],
    "Modules of `persistable-objects`": ["crates/persistable-objects/src"],
    "Modules of `persistable-compare`": ["crates/persistable-compare/src"],
    "Modules of `persistable-catalogue`": ["crates/persistable-catalogue/src"],
    "Modules of `persistable-cli`": ["crates/persistable-cli/src"],
    "Modules for Python": ["crates/persistable-python/src", "python/persistable"],
}
# These say nothing by themselves. `mod` of a folder is the folder.
LEFT_OUT = {"lib", "main", "mod", "tests", "testing", "py", "_core", "_core_stubs"}


def main() -> int:
    page = PAGE.read_text()
    problems = [*_crates(page), *_functions(page)]
    for section, folders in FOLDERS.items():
        problems.extend(_modules(page, section, [ROOT / folder for folder in folders]))
    for problem in problems:
        print(f"docs/ARCHITECTURE.md: {problem}")
    return 1 if problems else 0


def _crates(page: str) -> list[str]:
    tree = page.partition("```")[2].partition("```")[0]
    crates = [path.parent.name for path in sorted((ROOT / "crates").glob("*/Cargo.toml"))]
    return [f"the tree of folders lacks {crate}" for crate in crates if f"  {crate}/ " not in tree]


def _modules(page: str, section: str, folders: list[Path]) -> list[str]:
    _, found, rest = page.partition(f"\n## {section}\n")
    if not found:
        return [f"there is no section “{section}”"]
    rows = re.findall(r"^\| (`[^|]*`) \|", rest.partition("\n## ")[0], re.MULTILINE)
    named = {part for row in rows for name in re.findall(r"`([^`]+)`", row) for part in name.split("/")}
    there = {name for folder in folders for name in _names_in(folder)}
    problems = [f"“{section}” has no row for `{name}`" for name in sorted(there - named)]
    return problems + [f"“{section}” has a row for `{name}`, which is not there" for name in sorted(named - there)]


def _names_in(folder: Path) -> set[str]:
    names = {path.name.partition(".")[0] for path in folder.iterdir() if path.suffix in ("", ".rs", ".py")}
    return {name for name in names - LEFT_OUT if not name.startswith("__")}


def _functions(page: str) -> list[str]:
    sources = {path: path.read_text() for path in sorted((ROOT / "crates").glob("*/src/**/*.rs"))}
    problems = []
    for owner, function in sorted(set(re.findall(r"`([A-Za-z]\w+)::(\w+)`", page))):
        is_type = owner[0].isupper()
        parts = _of_type(owner, sources.values()) if is_type else _of_module(owner, sources)
        if not parts:
            problems.append(f"there is no {'type' if is_type else 'module'} {owner}, which `{owner}::{function}` names")
        elif not any(re.search(rf"\bfn {function}\b", part) for part in parts):
            problems.append(f"{owner} has no function {function}, which `{owner}::{function}` names")
    return problems


def _of_type(owner: str, sources: Iterable[str]) -> list[str]:
    """Returns the blocks that define what a type or trait can do."""
    block = re.compile(
        rf"^(?:impl(?:<[^{{]*?>)? (?:[^{{]*?\bfor )?|(?:pub(?:\(\w+\))? )?trait ){owner}\b[^{{]*{{(?:}}|.*?^}})",
        re.M | re.S,
    )
    return [found for text in sources if owner in text for found in block.findall(text)]


def _of_module(name: str, sources: dict[Path, str]) -> list[str]:
    return [text for path, text in sources.items() if path.stem == name or path.match(f"{name}/mod.rs")]


if __name__ == "__main__":
    sys.exit(main())
