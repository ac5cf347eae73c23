#!/usr/bin/env python3
"""Checks that modules form no cycles, and that files are small. Exits with 1 and says what to do.

Rules for Rust, in each crate and in its tests:

- Of two modules at most one uses the other. A module counts with all modules below it.
- A module that uses its children is not used by them. `mod x; pub use x::Y;` is not such a use.

Rules for Python: imports form no cycle. Imports inside of functions count, too: `METHODS_ABOVE` has the exceptions.
Imports for type checkers do not count.

Rules for both: a file has at most 500 lines, also a stub, and the median file of a crate or package at most 120.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 500
MOST_MEDIAN_LINES = 120
PYTHON_PACKAGES = [ROOT / "python" / "persistable"]

# Imports inside of methods that users find on a class, and that do what is built on the class.
METHODS_ABOVE = {
    ("persistable._persistable", "persistable._reproduce"): "`Persistable.reproduce` runs the step in a new process",
    ("persistable._store", "persistable._decorator"): "`Store.step` makes steps of functions, and steps need a store",
    ("persistable._store", "persistable._copying"): "`Store.push` takes steps, and steps need a store",
}


# Cycles

Graph = dict[str, dict[str, str]]  # From a node to the nodes that it uses, each with one spot where it does.


def cycles_of(graph: Graph) -> list[list[str]]:
    """Returns one shortest cycle of each strongly connected part."""
    found = []
    for part in _strong_parts(graph):
        if len(part) > 1:
            found.append(min((_shortest_cycle(graph, start, part) for start in sorted(part)), key=len))
    return found


def _strong_parts(graph: Graph) -> list[set[str]]:
    """Kosaraju's algorithm."""
    order: list[str] = []
    seen: set[str] = set()
    for root in graph:
        pending = [(root, False)]
        while pending:
            node, is_done = pending.pop()
            if is_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                pending.append((node, True))
                pending.extend((other, False) for other in graph.get(node, ()))
    users: dict[str, set[str]] = {}
    for node, others in graph.items():
        for other in others:
            users.setdefault(other, set()).add(node)
    parts, seen = [], set()
    for root in reversed(order):
        part, reachable = set(), [root]
        while reachable:
            node = reachable.pop()
            if node not in seen:
                seen.add(node)
                part.add(node)
                reachable.extend(users.get(node, ()))
        parts.append(part)
    return parts


def _shortest_cycle(graph: Graph, start: str, part: set[str]) -> list[str]:
    came_from: dict[str, str] = {}
    queue = [start]
    for node in queue:
        for other in sorted(graph.get(node, ())):
            if other == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if other in part and other not in came_from:
                came_from[other] = node
                queue.append(other)
    raise AssertionError("a strongly connected part has a cycle")


# Rust


ModulePath = tuple[str, ...]  # From the crate's root, whose path is empty.
Use = tuple[ModulePath, ModulePath, str]  # The module that uses, the one that is used, and the path as written.


@dataclass
class Module:
    path: ModulePath
    file_module: ModulePath  # The module whose file holds this one, for modules within a file.
    text: str = ""
    children: set[str] = field(default_factory=set)
    imports: dict[str, ModulePath] = field(default_factory=dict)


Modules = dict[ModulePath, Module]

_TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\bb?r(\#*)".*?"\1|\bb?"(?:\\.|[^"\\])*"|\bb?'(?:\\[^\n]{1,8}?|[^'\\\n])'|"(?:\\.|[^"\\])*\"""",
    re.S,
)
_TEST = re.compile(r"#\[cfg\((?:all\()?test\b[^\]]*\]")
_MOD = re.compile(r"\bmod\s+(\w+)\s*([;{])")
_USE = re.compile(r"(\bpub(?:\s*\([^)]*\))?\s+)?\buse\s+([^;]+);")
_PATH = re.compile(r"(?<![\w:.$])(\w+(?:::\w+)+)")


def check_crate(crate: Path) -> list[str]:
    roots = [crate / "src" / "lib.rs", crate / "src" / "main.rs", crate / "tests" / "it" / "main.rs"]
    return [problem for root in roots if root.exists() for problem in _check_program(crate, root)]


def _check_program(crate: Path, root: Path) -> list[str]:
    """Checks a library, a program or a crate's tests."""
    modules: Modules = {}
    _read(modules, root, root.parent, ())
    for module in modules.values():
        for _, path, name in _uses(module):
            target = _absolute(modules, module, path)
            if target is not None:
                module.imports.setdefault(name, target)
    uses: list[Use] = []
    for module in modules.values():
        for is_public, path, _ in _uses(module):
            uses.extend(_edges(modules, module, path, is_public))
        for match in _PATH.finditer(_USE.sub(";", module.text)):
            uses.extend(_edges(modules, module, tuple(match[1].split("::")), is_reexport=False))
    return _hierarchical_cycles(crate, modules, uses)


def _read(modules: Modules, file: Path, folder: Path, path: ModulePath) -> None:
    text = _TOKENS.sub(lambda token: re.sub(r"[^\n]", " ", token[0]), file.read_text())
    _split(modules, _without_tests(text), folder, path, path)


def _split(modules: Modules, text: str, folder: Path, path: ModulePath, file_module: ModulePath) -> None:
    """Takes the modules that stand within the text out of it, and reads those in files of their own."""
    module = modules[path] = Module(path, file_module)
    rest, position = [], 0
    for match in _MOD.finditer(text):
        if match.start() < position:
            continue
        name = match[1]
        if match[2] == "{":
            end = _end_of_block(text, match.end() - 1)
            module.children.add(name)
            _split(modules, text[match.end() : end], folder / name, (*path, name), file_module)
            rest.append(text[position : match.start()])
            position = end + 1
            continue
        for file in (folder / f"{name}.rs", folder / name / "mod.rs"):
            if file.exists():
                module.children.add(name)
                _read(modules, file, folder / name, (*path, name))
    module.text = "".join(rest) + text[position:]


def _end_of_block(text: str, start: int) -> int:
    depth = 0
    for match in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)


def _without_tests(text: str) -> str:
    while (match := _TEST.search(text)) is not None:
        end = re.compile(r"[;{]").search(text, match.end())
        if end is None:
            return text[: match.start()]
        stop = end.end() if end[0] == ";" else _end_of_block(text, end.start()) + 1
        text = text[: match.start()] + text[stop:]
    return text


def _uses(module: Module) -> list[tuple[bool, ModulePath, str]]:
    """Returns what is imported: whether for others as well, the path, and the name it has here."""
    found = []
    for match in _USE.finditer(module.text):
        for path, name in _leaves(match[2].strip()):
            found.append((bool(match[1]), path, name))
    return found


def _leaves(tree: str, prefix: ModulePath = ()) -> list[tuple[ModulePath, str]]:
    head, brace, rest = tree.partition("{")
    if not brace:
        path_text, _, alias = tree.partition(" as ")
        path = (*prefix, *(part for part in re.split(r"\s*::\s*", path_text.strip()) if part and part != "self"))
        if path_text.strip().startswith("self") and not prefix:
            path = ("self", *path)
        return [(path, alias.strip() or path[-1])] if path else []
    prefix = (*prefix, *(part for part in re.split(r"\s*::\s*", head.strip()) if part))
    leaves, depth, start = [], 0, 0
    inner = rest[: rest.rfind("}")]
    for position, letter in enumerate(inner + ","):
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            part = inner[start:position].strip()
            leaves.extend(_leaves(part, prefix) if part else [])
            start = position + 1
    return leaves


def _absolute(modules: Modules, module: Module, path: ModulePath) -> ModulePath | None:
    """Returns the path from the crate's root; nothing for what another crate holds."""
    base, rest = module.path, list(path)
    if rest[0] == "crate":
        return tuple(rest[1:])
    if rest[0] in ("self", "super"):
        while rest and rest[0] in ("self", "super"):
            if rest.pop(0) == "super":
                base = base[:-1]
        return (*base, *rest)
    if rest[0] in module.children:
        return (*base, *rest)
    imported = module.imports.get(rest[0])
    return None if imported is None or len(rest) == 1 else (*imported, *rest[1:])


def _edges(modules: Modules, module: Module, path: ModulePath, is_reexport: bool) -> list[Use]:
    target = _absolute(modules, module, path)
    if target is None:
        return []
    used = _home(modules, target)
    file_module = module.file_module
    if used == file_module or (is_reexport and used[: len(file_module)] == file_module):
        return []
    return [(file_module, used, "::".join(path))]


def _home(modules: Modules, target: ModulePath, most_hops: int = 8) -> ModulePath:
    """Returns the module whose file defines what a path names, through names that modules hand on."""
    at: ModulePath = ()
    for index, name in enumerate(target):
        module = modules[at]
        if name in module.children:
            at = (*at, name)
        elif name in module.imports and most_hops > 0:
            return _home(modules, (*module.imports[name], *target[index + 1 :]), most_hops - 1)
        else:
            break
    return modules[at].file_module


def _hierarchical_cycles(crate: Path, modules: Modules, uses: list[Use]) -> list[str]:
    """Looks at each module and its children, each of these with all below it."""
    problems: list[str] = []
    for parent in {module.file_module for module in modules.values()}:
        graph: Graph = {}
        depth = len(parent)
        for user, used, text in uses:
            if user[:depth] != parent or used[:depth] != parent:
                continue
            ends = [_shown(end[: depth + 1]) for end in (user, used)]
            if ends[0] != ends[1]:
                graph.setdefault(ends[0], {}).setdefault(ends[1], f"{_shown(user)} uses {text}")
                graph.setdefault(ends[1], {})
        problems.extend(
            f"{crate.relative_to(ROOT)}: a cycle of modules: {_told(graph, cycle)}\n"
            "    Move what they share into a module below both, or the code that needs both above them."
            for cycle in cycles_of(graph)
        )
    return sorted(problems)


def _shown(path: ModulePath) -> str:
    return "::".join(("crate", *path))


def _told(graph: Graph, cycle: list[str]) -> str:
    pairs = zip(cycle, [*cycle[1:], cycle[0]])
    return "".join(f"\n    {user} → {used}: {graph[user][used]}" for user, used in pairs)


# Python


def check_package(package: Path) -> list[str]:
    files = {_module_name(package, file): file for file in package.rglob("*.py")}
    graph: Graph = {}
    excepted = set()
    for name, file in files.items():
        tree = ast.parse(file.read_text(), str(file))
        is_package = file.name == "__init__.py"
        for statement in _imports(tree.body):
            is_deferred = statement.col_offset > 0
            for imported in _imported(statement, name, is_package, files):
                if is_deferred and (name, imported) in METHODS_ABOVE:
                    excepted.add((name, imported))
                elif imported != name:
                    place = f"{file.relative_to(ROOT)}:{statement.lineno}"
                    graph.setdefault(name, {}).setdefault(imported, place)
                    graph.setdefault(imported, {})
    problems = [
        f"{package.relative_to(ROOT)}: a cycle of imports: {_told(graph, cycle)}\n"
        "    Move what they share into a module below both."
        for cycle in cycles_of(graph)
    ]
    problems += [
        f"scripts/check-modules.py: {user} does not import {used}\n    Take the line out of METHODS_ABOVE."
        for user, used in METHODS_ABOVE.keys() - excepted
    ]
    return problems


def _module_name(package: Path, file: Path) -> str:
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(body: list[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """Returns all imports, also those inside of functions, but for those for type checkers."""
    found: list[ast.Import | ast.ImportFrom] = []
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            found.append(statement)
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            runs = statement.body if isinstance(statement.test, ast.UnaryOp) else statement.orelse
            found.extend(_imports(runs))
        else:
            for name in ("body", "orelse", "finalbody"):
                found.extend(_imports(getattr(statement, name, [])))
            for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
                found.extend(_imports(part.body))
    return found


def _imported(statement: ast.stmt, name: str, is_package: bool, files: dict[str, Path]) -> set[str]:
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names if alias.name in files}
    assert isinstance(statement, ast.ImportFrom)
    base = statement.module or ""
    if statement.level:
        parts = name.split(".")
        parts = parts[: len(parts) - statement.level + is_package]
        base = ".".join([*parts, *([base] if base else [])])
    found = set()
    for alias in statement.names:
        submodule = f"{base}.{alias.name}"
        if submodule in files:
            found.add(submodule)
        elif base in files and not _is_compiled(files[base], alias.name):
            found.add(base)
    return found


def _is_compiled(init: Path, name: str) -> bool:
    return init.name == "__init__.py" and (init.parent / f"{name}.pyi").exists()


# Sizes


def check_sizes() -> list[str]:
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.rs", "*.py", "*.pyi"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines: dict[Path, int] = {}
    for name in tracked.stdout.splitlines():
        if (ROOT / name).exists():
            lines[Path(name)] = len((ROOT / name).read_text().splitlines())
    problems = [
        f"{file}: {count} lines, which is more than {MOST_LINES}\n    Split it by what it is about."
        for file, count in sorted(lines.items())
        if count > MOST_LINES
    ]
    groups: dict[str, list[int]] = {}
    for file, count in lines.items():
        if "tests" not in file.parts and file.parts[0] in ("crates", "python"):
            groups.setdefault("/".join(file.parts[:2]), []).append(count)
    for group, counts in sorted(groups.items()):
        if median(counts) > MOST_MEDIAN_LINES:
            problems.append(
                f"{group}: the median file has {median(counts):g} lines, which is more than {MOST_MEDIAN_LINES}\n"
                "    Split its largest files by what they are about. (Tests do not count here.)"
            )
    return problems


def main() -> int:
    wanted = sys.argv[1:]
    problems = []
    for crate in sorted((ROOT / "crates").iterdir()):
        if not wanted or crate.name in wanted:
            problems.extend(check_crate(crate))
    if not wanted:
        for package in PYTHON_PACKAGES:
            problems.extend(check_package(package))
        problems.extend(check_sizes())
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
