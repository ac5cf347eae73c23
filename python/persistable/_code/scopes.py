"""Which names are local variables of a function."""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["Scope", "binds_of"]

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """The names of one function or comprehension, and the scope around it."""

    def __init__(self, outer: Scope | None, variables: frozenset[str], fixed: frozenset[str], kind: str) -> None:
        """Takes the local variables, and names that mean something else in this scope and may not be renamed."""
        self.outer = outer
        self.variables = variables
        self.fixed = fixed
        self.kind = kind

    def of(self, name: str) -> Scope | None:
        """Returns the scope that a name is a local variable of; `None` if it is not one."""
        scope: Scope | None = self
        is_first = True
        while scope is not None:
            # Names of a class are attributes, and functions in it don't see them.
            if name in scope.fixed and (is_first or scope.kind != "class"):
                return None
            if name in scope.variables:
                return scope
            scope, is_first = scope.outer, False
        return None


def binds_of(body: list[Any], parameters: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the local variables of a function, and the names that may not be renamed.

    Parameters, functions, classes and modules keep their names, which can be seen from outside of the function.
    """
    stored: set[str] = set()
    fixed = set(parameters)
    outside: set[str] = set()
    pending: list[Any] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, _NESTED):
            name = getattr(node, "name", None)
            if name is not None:
                fixed.add(name)
            # Decorators, defaults and bases belong to the scope around it.
            pending.extend(getattr(node, "decorator_list", []))
            if isinstance(node, ast.ClassDef):
                pending.extend(node.bases)
                pending.extend(node.keywords)
            else:
                pending.extend(node.args.defaults)
                pending.extend(each for each in node.args.kw_defaults if each is not None)
            continue
        if isinstance(node, _COMPREHENSIONS):
            pending.extend(_outer_parts(node))
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            outside.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stored.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            if node.asname:
                stored.add(node.asname)
            else:
                fixed.add(node.name.partition(".")[0])
        elif type(node).__name__ in ("MatchAs", "MatchStar") and getattr(node, "name", None):
            stored.add(getattr(node, "name", ""))
        elif type(node).__name__ == "MatchMapping" and getattr(node, "rest", None):
            stored.add(getattr(node, "rest", ""))
        pending.extend(ast.iter_child_nodes(node))
    # A name that is declared to be of outside is looked up there, whatever this function stores.
    return frozenset(stored - fixed - outside), frozenset(fixed - outside)


def _outer_parts(node: Any) -> list[Any]:
    """Returns what of a comprehension binds names around it: `:=`, and all that is evaluated before it begins."""
    parts: list[Any] = [node.generators[0].iter]
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr):
            parts.append(inner.target)
    return parts
