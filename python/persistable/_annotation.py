"""What a field's annotation says of the type of its values."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

# Outdated names of builtins, which annotations have with capital letters.
_CAPITALISED = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "FrozenSet": "frozenset"}


def names_only(annotation: Any, kind: type) -> bool:
    """Tells whether an annotation names exactly a type, perhaps as an optional one, and no other.

    Annotations that are text are not evaluated, and compared by the type's name: what they name may be known to type
    checkers only, or be gone.
    """
    if isinstance(annotation, str):
        return _only_name(annotation) == kind.__name__
    if annotation is kind:
        return True
    if hasattr(annotation, "__forward_arg__"):
        return names_only(annotation.__forward_arg__, kind)
    origin = get_origin(annotation)
    # `A | B` has a type of its own, which came with Python 3.10.
    if origin is Union or getattr(origin, "__name__", None) == "UnionType":
        members = [member for member in get_args(annotation) if member is not type(None)]
        return len(members) == 1 and names_only(members[0], kind)
    if origin is Literal:
        return all(type(literal) is kind for literal in get_args(annotation))
    return origin is kind


@lru_cache(maxsize=1024)
def _only_name(annotation: str) -> str | None:
    """Returns the name of the only type in an annotation, or `None`."""
    import ast

    try:
        names = _names(ast.parse(annotation.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return names.pop() if len(names) == 1 else None


def _names(node: Any) -> set[str | None]:
    """Returns the names of an annotation's alternatives without `None`; that of one which has no name is `None`."""
    import ast

    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return {_only_name(node.value)}
        return set() if node.value is None else {None}
    if isinstance(node, ast.Name):
        return {_CAPITALISED.get(node.id, node.id)}
    if isinstance(node, ast.Attribute):
        return {_CAPITALISED.get(node.attr, node.attr)}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _names(node.left) | _names(node.right)
    if isinstance(node, ast.Subscript):
        base = _names(node.value)
        members = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if base in ({"Optional"}, {"Union"}):
            return set().union(*map(_names, members))
        if base == {"Literal"}:
            return {type(member.value).__name__ if isinstance(member, ast.Constant) else None for member in members}
        return base
    return {None}
