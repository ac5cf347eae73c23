"""The source of a running function, as long as it is what runs."""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
from pathlib import Path
from types import CodeType
from typing import Union

from persistable._code.bytecode import digest_of
from persistable._code.trees import tree_digest

__all__ = ["cells", "codes_in", "functions_in", "node_of", "source_of", "tree_digest_of"]

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]

_FUTURE = 0
for _feature in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _feature).compiler_flag
_FUTURE &= ~inspect.CO_NESTED  # What was the flag of a feature says that a function is in another one.

_MAX_KNOWN = 20_000
_MAX_FILES = 64
_digests: dict[int, tuple[CodeType, str]] = {}
# What is in a file, by its name and a text that tells its content.
_files: dict[tuple[str, int], tuple[str, dict[str, list[tuple[CodeType, FunctionNode]]]]] = {}


def tree_digest_of(code: CodeType) -> str | None:
    """Returns the digest of the source that a code object was compiled from.

    `None` if there is no source, or if compiling it gives other code: the file was edited since it was imported.
    """
    known = _digests.get(id(code))
    if known is not None:
        return known[1]
    try:
        node = node_of(code)
        digest = None if node is None else tree_digest(node)
    except Exception:  # A file that can't be read or parsed; a tree that is too deep.
        return None
    if digest is not None:
        if len(_digests) >= _MAX_KNOWN:
            _digests.clear()
        _digests[id(code)] = (code, digest)
    return digest


def node_of(code: CodeType) -> FunctionNode | None:
    """Returns the tree that a code object was compiled from; `None` if that is not known."""
    wanted = digest_of(code)
    candidates = functions_in(code.co_filename, code.co_flags).get(code.co_name, [])
    nearest = sorted(candidates, key=lambda each: abs(each[0].co_firstlineno - code.co_firstlineno))
    return next((node for candidate, node in nearest if digest_of(candidate) == wanted), None)


def functions_in(filename: str, flags: int) -> dict[str, list[tuple[CodeType, FunctionNode]]]:
    """Returns the functions in a file, or a cell, by name. `flags` are those of a code object that is looked for."""
    source = source_of(filename)
    if source is None:
        return {}
    flags &= _FUTURE
    key = filename, flags
    known = _files.get(key)
    if known is not None and known[0] == source:
        return known[1]
    tree = ast.parse(source)
    # A cell of a notebook may use `await` outside of functions, and has what earlier cells imported from the future.
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    module = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
    functions = _paired(tree, module)
    if len(_files) >= _MAX_FILES:
        _files.clear()
    _files[key] = source, functions
    return functions


def source_of(filename: str) -> str | None:
    """Returns the text of a file as it is now, or of a cell as it was run."""
    entry = linecache.cache.get(filename)
    if entry is not None and len(entry) == 4 and entry[1] is None:
        return "".join(entry[2])
    path = Path(filename)
    if not path.is_file():
        return None
    import tokenize

    with tokenize.open(path) as file:
        return file.read()


def cells() -> list[str]:
    """Returns the texts of the cells of a notebook that were run."""
    return ["".join(entry[2]) for entry in list(linecache.cache.values()) if len(entry) == 4 and entry[1] is None]


def _paired(tree: ast.Module, module: CodeType) -> dict[str, list[tuple[CodeType, FunctionNode]]]:
    """Returns the functions of a module by name: each code object with its tree."""
    nodes: dict[tuple[str, int], list[FunctionNode]] = {}
    _collect_nodes(tree, nodes)
    codes = codes_in(module)
    paired: dict[str, list[tuple[CodeType, FunctionNode]]] = {}
    for place, found in codes.items():
        at_place = nodes.get(place, [])
        # Several in one line: they come in the same order on both sides.
        if len(at_place) == len(found):
            paired.setdefault(place[0], []).extend(zip(found, at_place))
    return paired


def _collect_nodes(node: ast.AST, found: dict[tuple[str, int], list[FunctionNode]]) -> None:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef)):
            line = min([current.lineno, *(decorator.lineno for decorator in current.decorator_list)])
            found.setdefault((current.name, line), []).append(current)
        elif isinstance(current, ast.Lambda):
            found.setdefault(("<lambda>", current.lineno), []).append(current)
        pending.extend(reversed(list(ast.iter_child_nodes(current))))


def codes_in(module: CodeType) -> dict[tuple[str, int], list[CodeType]]:
    """Returns all code in a module, by name and first line."""
    found: dict[tuple[str, int], list[CodeType]] = {}
    _collect_codes(module, found)
    return found


def _collect_codes(code: CodeType, found: dict[tuple[str, int], list[CodeType]]) -> None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found.setdefault((constant.co_name, constant.co_firstlineno), []).append(constant)
            _collect_codes(constant, found)
