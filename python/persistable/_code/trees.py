"""A digest of a function's syntax tree that layout, comments and the version of Python don't change."""

from __future__ import annotations

import ast
from typing import Any

from persistable._code.bytecode import hex_of
from persistable._code.scopes import Scope, binds_of

__all__ = ["tree_digest"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# What no payload depends on.
_DROPPED = frozenset({"ctx", "kind", "type_comment", "type_params", "type_ignores"})
# Decorators that read no annotations. `step` reads one thing of them, which decides what the function is called with.
_BLIND = frozenset(
    {
        "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "final", "lru_cache", "override",
        "overload", "property", "setter", "getter", "deleter", "staticmethod", "step", "wraps",
    }
)  # fmt: skip
# After one of these, the names of local variables may mean something.
_SHOWS_NAMES = frozenset({"dir", "eval", "exec", "locals", "vars"})


def tree_digest(function: ast.AST) -> str:
    """Returns the digest of a function or lambda, without its name, its docstring and its decorators."""
    text = _Writer(function).text()
    return hex_of(b"ast", text.encode("utf-8", "surrogatepass"))


class _Writer:
    def __init__(self, root: ast.AST) -> None:
        self._root = root
        self._parts: list[str] = []
        self._is_renaming = not any(isinstance(node, ast.Name) and node.id in _SHOWS_NAMES for node in ast.walk(root))
        self._scope = Scope(None, frozenset(), frozenset(), "module")
        self._numbers: dict[tuple[int, str], int] = {}
        # Scopes are told by their addresses, so they live as long as the writer.
        self._scopes: list[Scope] = []

    def text(self) -> str:
        self._function(self._root)
        return "".join(self._parts)

    # --- values -----------------------------------------------------------------------------------------------------

    def _put(self, value: Any) -> None:
        if isinstance(value, ast.AST):
            self._node(value)
        elif isinstance(value, list):
            self._parts.append("[")
            for each in value:
                self._put(each)
                self._parts.append(",")
            self._parts.append("]")
        else:
            self._parts.append(_constant(value))

    def _node(self, node: ast.AST) -> None:
        if isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, ast.JoinedStr):
            self._fields(node, values=_merged(node.values))
        elif isinstance(node, ast.AnnAssign) and self._scope.kind != "class":
            # Outside of a class, the annotation of a variable is read by nobody.
            if node.value is not None:
                self._fields(ast.Assign(targets=[node.target], value=node.value))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            self._fields(node, names=sorted(node.names))
        elif isinstance(node, ast.Name):
            self._fields(node, id=self._name(node.id))
        elif isinstance(node, ast.ExceptHandler):
            self._fields(node, name=self._name(node.name), body=_statements(node.body))
        elif isinstance(node, ast.alias):
            self._fields(node, asname=self._name(node.asname))
        elif type(node).__name__ in ("MatchAs", "MatchStar"):
            self._fields(node, name=self._name(getattr(node, "name", None)))
        elif type(node).__name__ == "MatchMapping":
            self._fields(node, rest=self._name(getattr(node, "rest", None)))
        else:
            self._fields(node)

    def _fields(self, node: ast.AST, **replaced: Any) -> None:
        self._parts.append(f"({type(node).__name__}")
        for name in sorted(node._fields):
            if name in _DROPPED:
                continue
            value = replaced[name] if name in replaced else getattr(node, name, None)
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                value = _statements(value)
            is_literal = isinstance(node, ast.Constant) and name == "value"
            if (value is None and not is_literal) or (isinstance(value, list) and not value):
                continue
            self._parts.append(f" {name}=")
            self._put(value)
        self._parts.append(")")

    # --- scopes -----------------------------------------------------------------------------------------------------

    def _function(self, node: Any) -> None:
        is_root = node is self._root
        decorators = getattr(node, "decorator_list", [])
        is_annotated = bool(decorators) and not (is_root and all(_last_name(each) in _BLIND for each in decorators))
        self._parts.append("(lambda" if isinstance(node, ast.Lambda) else f"({type(node).__name__}")
        if not is_root:
            self._put(getattr(node, "name", ""))
            self._put(decorators)
            self._put([*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)])
            self._put([each is not None for each in node.args.kw_defaults])
        body = node.body if isinstance(node.body, list) else [ast.Return(value=node.body)]
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        rest = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        if is_annotated:
            self._put([each.annotation for each in (*every, *rest)])
            self._put(getattr(node, "returns", None))
        self._put([len(arguments.posonlyargs), len(arguments.args), len(arguments.kwonlyargs)])
        self._put([each.arg for each in every])
        for each in (arguments.vararg, arguments.kwarg):
            self._put(None if each is None else each.arg)
        earlier = self._scope
        self._scope = Scope(earlier, *binds_of(body, {each.arg for each in (*every, *rest)}), "function")
        self._put(_statements(body))
        self._scope = earlier
        self._parts.append(")")

    def _class(self, node: ast.ClassDef) -> None:
        self._parts.append("(ClassDef")
        self._put(node.name)
        self._put(node.decorator_list)
        self._put(node.bases)
        self._put(node.keywords)
        earlier = self._scope
        variables, fixed = binds_of(node.body, set())
        self._scope = Scope(earlier, frozenset(), variables | fixed, "class")
        self._put(_statements(node.body))
        self._scope = earlier
        self._parts.append(")")

    def _comprehension(self, node: Any) -> None:
        targets = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        earlier = self._scope
        self._scope = Scope(earlier, frozenset(targets), frozenset(), "function")
        self._fields(node)
        self._scope = earlier

    def _name(self, name: str | None) -> str | None:
        """Returns a number in place of a local variable's name: renaming it changes nothing."""
        if name is None or not self._is_renaming:
            return name
        scope = self._scope.of(name)
        if scope is None:
            return name
        number = self._numbers.setdefault((id(scope), name), len(self._numbers))
        self._scopes.append(scope)
        return f"local {number}"


def _statements(body: list[Any]) -> list[Any]:
    """Returns statements without those that do nothing: docstrings, other constants, `pass`, bare annotations."""
    kept = []
    for statement in body:
        is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_constant and not isinstance(statement, ast.Pass):
            kept.append(statement)
    return kept


def _merged(values: list[Any]) -> list[Any]:
    """Joins neighbouring texts of an f-string, which versions of Python split in different ways."""
    merged: list[Any] = []
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if not value.value:
                continue
            before = merged[-1] if merged else None
            if isinstance(before, ast.Constant) and isinstance(before.value, str):
                merged[-1] = ast.Constant(value=before.value + value.value)
                continue
        merged.append(value)
    return merged


def _constant(value: Any) -> str:
    if type(value) is int:
        return hex(value)  # Python refuses to write very large numbers in decimal digits.
    return ascii(value)  # What `repr` shows as it is depends on the characters that a version of Python knows.


def _last_name(decorator: ast.AST) -> str:
    if isinstance(decorator, ast.Call):
        return _last_name(decorator.func)
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""
