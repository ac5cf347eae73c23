"""Whether two classes or functions are one step, or two that must not share artifacts."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

from persistable._definition import definition_of

__all__ = ["conflict", "path_of"]


def path_of(step: Any) -> str:
    """Returns what names the definition of a step: its module, or its script, and its qualified name."""
    of_function = definition_of(step)
    definition: Any = type(step) if of_function is None else of_function.function
    return f"{_module_of(definition)}.{getattr(definition, '__qualname__', '?')}"


def conflict(step: Any, present: Any, earlier: Any) -> str | None:
    """Says why two definitions must not share an artifact; `None` if one is the other, perhaps edited or reloaded.

    ``earlier`` is `None` if that definition is gone.
    """
    if earlier is None or earlier is present:
        return None
    if _origin(present) != _origin(earlier):
        return _told(present, earlier)
    # One name in one file: the same again, an edited version of it, or two that are both there.
    here, there = _code_of(present), _code_of(earlier)
    if here is None or there is None:
        return None
    if here is there:
        return _told(present, earlier) if _has_other_closure(present, earlier) else None
    if here.co_filename == there.co_filename and here.co_firstlineno != there.co_firstlineno:
        lines = _lines_of_definitions(here.co_filename, present.__qualname__)
        if here.co_firstlineno in lines and there.co_firstlineno in lines:
            return _told(present, earlier)
    return None


def _told(present: Any, earlier: Any) -> str:
    return (
        f"{_shown(earlier)} and {_shown(present)} are two steps, and would share this artifact, since their payload "
        "names and params are equal: give one of them another payload_name"
    )


def _shown(definition: Any) -> str:
    name = f"{_module_of(definition)}.{definition.__qualname__}"
    code = _code_of(definition)
    return name if code is None else f"{name} ({Path(code.co_filename).name}:{code.co_firstlineno})"


def _origin(definition: Any) -> tuple[str, str]:
    return _module_of(definition), definition.__qualname__


def _module_of(definition: Any) -> str:
    """Returns the module's name: a script is called by its file, whether it is run or imported."""
    name = str(getattr(definition, "__module__", None) or "?")
    if name not in ("__main__", "__mp_main__"):
        return name
    path = getattr(sys.modules.get(name), "__file__", None)
    return name if path is None else Path(path).stem


def _code_of(definition: Any) -> Any:
    if isinstance(definition, type):
        definition = definition.__dict__.get("_generate_payload")
    definition = getattr(definition, "__wrapped__", definition)
    return getattr(definition, "__code__", None)


def _has_other_closure(present: Any, earlier: Any) -> bool:
    """Tells whether the code of one definition was made twice, around other functions, classes or values."""
    cells = [
        getattr(each.__dict__.get("_generate_payload") if isinstance(each, type) else each, "__closure__", None) or ()
        for each in (present, earlier)
    ]
    return any(not _is_same(a, b) for a, b in zip(*cells))


def _is_same(a: Any, b: Any) -> bool:
    try:
        here, there = a.cell_contents, b.cell_contents
    except ValueError:  # One of them is empty yet.
        return True
    if here is there:
        return True
    if isinstance(here, type) and isinstance(there, type):  # Such as the cell of `super()`.
        return _origin(here) == _origin(there)
    code = getattr(here, "__code__", None)
    if code is not None:
        return code is getattr(there, "__code__", None)
    try:
        return bool(here == there)
    except Exception:  # What can't be compared is left to the record of the code.
        return True


@functools.lru_cache(maxsize=64)
def _lines_of_file(path: str, stamp: tuple[int, int]) -> dict[str, set[int]]:
    import ast

    lines: dict[str, set[int]] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = prefix + child.name
                is_class = isinstance(child, ast.ClassDef)
                own = [child]
                if isinstance(child, ast.ClassDef):
                    own = [each for each in child.body if getattr(each, "name", None) == "_generate_payload"]  # type: ignore[misc]
                for each in own:
                    first = [each, *getattr(each, "decorator_list", ())]
                    lines.setdefault(name, set()).add(min(part.lineno for part in first))
                visit(child, f"{name}." if is_class else f"{name}.<locals>.")
            else:
                visit(child, prefix)

    try:
        visit(ast.parse(Path(path).read_text(encoding="utf-8")), "")
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    return lines


def _lines_of_definitions(path: str, qualname: str) -> set[int]:
    """Returns the lines of the present source that define this name."""
    try:
        found = Path(path).stat()
    except OSError:
        return set()
    return _lines_of_file(path, (found.st_mtime_ns, found.st_size)).get(qualname, set())
