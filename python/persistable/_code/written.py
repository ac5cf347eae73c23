"""Names of a module that are state by what its source says: the code fills them, or they differ in each process."""

from __future__ import annotations

import ast
import collections
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable._code.origins import written_code_of
from persistable._code.sources import cells, node_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

__all__ = ["beginnings_of", "written_by"]

_MUTATORS = frozenset(
    {
        "add", "append", "appendleft", "clear", "discard", "extend", "insert", "move_to_end", "pop", "popitem",
        "popleft", "remove", "setdefault", "subtract", "update",
    }
)  # fmt: skip
# Methods of other classes that have these names often give something new.
_CONTAINERS = (list, dict, set, bytearray, collections.deque, collections.UserDict, collections.UserList)

_EMPTY = frozenset(
    {"bytearray", "Counter", "deque", "dict", "list", "OrderedDict", "set", "WeakKeyDictionary", "WeakValueDictionary"}
)

# Functions that give another value in each process, by the end of their names.
_OF_PROCESS = frozenset(
    {
        "datetime.now", "datetime.utcnow", "Timestamp.now", "getpid", "gethostname", "mkdtemp", "mkstemp", "monotonic",
        "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "time.time", "time.time_ns", "token_bytes",
        "token_hex", "token_urlsafe", "urandom", "uuid1", "uuid4",
    }
)  # fmt: skip


def written_by(function: FunctionType) -> set[str]:
    """Returns the names of the module that a function assigns, or whose containers it changes.

    Nothing where the source is not what runs.
    """
    try:
        root = node_of(written_code_of(function))
    except Exception:  # A file that can't be read or parsed.
        return set()
    if root is None:
        return set()
    is_global: set[str] = set()
    assigned: set[str] = set()
    changed: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.Global):
            is_global.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            assigned.add(node.id)
        elif isinstance(node, ast.arg):
            assigned.add(node.arg)
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            changed.update(_held_in(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
            changed.update(
                name for name in _held_in(node.func) if isinstance(function.__globals__.get(name), _CONTAINERS)
            )
    # What is assigned and not declared global is a local variable.
    return (assigned & is_global) | (changed - (assigned - is_global))


def _held_in(node: ast.Subscript | ast.Attribute) -> Iterator[str]:
    held: ast.AST = node
    while isinstance(held, (ast.Subscript, ast.Attribute)):
        held = held.value
    if isinstance(held, ast.Name):
        yield held.id


class Beginnings(NamedTuple):
    """What a module's source says of the values that its names have at first."""

    empty: frozenset[str]
    """Names of empty containers, of `None`, and of zero."""
    differing: frozenset[str]
    """Names of values of the time, of the process, or of chance."""


def beginnings_of(namespace: dict[str, Any]) -> Beginnings:
    """Returns what the source of a module, or the last cell of a notebook that does so, gives its names."""
    file = namespace.get("__file__")
    found: dict[str, str] = {}
    for source in [source_of(file) or ""] if isinstance(file, str) else cells():
        found.update(_beginnings_in(source))
    return Beginnings(
        frozenset(name for name, kind in found.items() if kind == "empty"),
        frozenset(name for name, kind in found.items() if kind == "differing"),
    )


@functools.lru_cache(maxsize=2048)
def _beginnings_in(source: str) -> dict[str, str]:
    """Returns the names that a source gives values, with the kind of those: `empty`, `differing`, or `other`."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # Such as a cell with magic commands.
        return {}
    found: dict[str, str] = {}
    for node in _statements(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            kind = "empty" if _is_empty(node.value) else "differing" if _is_of_process(node.value) else "other"
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found[target.id] = kind if found.get(target.id, kind) == kind else "other"
    return found


def _is_empty(value: ast.AST) -> bool:
    if isinstance(value, ast.Constant):
        return not value.value
    if isinstance(value, ast.Call):  # `set()`, `defaultdict(list)`, `weakref.WeakValueDictionary()`.
        name = ast.unparse(value.func).rpartition(".")[2]
        return name == "defaultdict" or (name in _EMPTY and not value.args and not value.keywords)
    return (isinstance(value, ast.List) and not value.elts) or (isinstance(value, ast.Dict) and not value.keys)


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Returns the statements that run when a module is imported, but for those of classes."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            pending.extend(ast.iter_child_nodes(node))


def _is_of_process(value: ast.AST) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")
            if name[-1] in _OF_PROCESS or ".".join(name[-2:]) in _OF_PROCESS:
                return True
    return False
