"""From annotations, also those that are text, to what they expect of a value."""

from __future__ import annotations

import ast
import builtins
import collections.abc
import pathlib
import sys
import typing
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Optional, Union, get_args, get_origin

from persistable._expected import AnyOf, Anything, Entries, Expected, Float, Instance, Items, OneOf, Parts, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["expected_by", "names_of"]

_ANYTHING = Anything()
_UNIONS = (Union, getattr(sys.modules["types"], "UnionType", Union))
_LISTS = (collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable)
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)

# Names that are often imported for type checkers only, so that no module has them.
_WELL_KNOWN: dict[str, Any] = {
    **{name: getattr(pathlib, name) for name in ("Path", "PurePath")},
    **{name: getattr(collections.abc, name) for name in ("Sequence", "Mapping", "Iterable", "Collection")},
    **{name: getattr(typing, name) for name in ("Annotated", "Literal", "Optional", "Union")},
}


def names_of(where: Any) -> Mapping[str, Any]:
    """Returns the names that the annotations of a function or class can use."""
    own = getattr(where, "__globals__", None)
    if own is None:
        own = getattr(sys.modules.get(getattr(where, "__module__", "")), "__dict__", {})
    if isinstance(where, type):
        return {**_WELL_KNOWN, **vars(builtins), **own, **vars(where)}
    return {**_WELL_KNOWN, **vars(builtins), **own}


def expected_by(annotation: Any, names: Mapping[str, Any]) -> Expected:
    """Returns what an annotation expects; anything where that can't be told."""
    try:
        return _expected(annotation, names)
    except Exception:  # Annotations may be anything, and looking up names may run code.
        return _ANYTHING


def _expected(annotation: Any, names: Mapping[str, Any]) -> Expected:
    annotation = getattr(annotation, "__forward_arg__", annotation)
    if isinstance(annotation, str):
        annotation = ast.parse(annotation.strip(), mode="eval").body
    if isinstance(annotation, ast.AST):
        return _of_node(annotation, names)
    if annotation is None:
        return Instance(type(None))
    if hasattr(annotation, "__supertype__"):  # A `NewType`.
        return _expected(annotation.__supertype__, names)
    if type(annotation).__name__ == "TypeAliasType" and not hasattr(annotation, "__origin__"):
        return _expected(annotation.__value__, names)
    origin = get_origin(annotation)
    return _of_class(annotation) if origin is None else _generic(origin, get_args(annotation), names)


def _of_class(cls: Any) -> Expected:
    if cls is float:
        return Float()
    if cls is str:
        return Text()
    if cls in (list, tuple, set, frozenset):
        return Items(cls, _ANYTHING)
    return Instance(cls) if isinstance(cls, type) else _ANYTHING


def _of_node(node: Any, names: Mapping[str, Any]) -> Expected:
    if isinstance(node, ast.Constant):
        return _expected(node.value, names) if node.value is None or isinstance(node.value, str) else _ANYTHING
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return AnyOf([_expected(node.left, names), _expected(node.right, names)])
    if isinstance(node, ast.Subscript):
        args = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(_looked_up(node.value, names), args, names)
    return _expected(_looked_up(node, names), names)


def _looked_up(node: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Attribute):
        return getattr(_looked_up(node.value, names), node.attr)
    return names[node.id]


def _generic(base: Any, args: Sequence[Any], names: Mapping[str, Any]) -> Expected:
    base = get_origin(base) or base  # `typing.List` is `list`.
    if base in _UNIONS:
        return AnyOf([_expected(arg, names) for arg in args])
    if base is Optional:
        return AnyOf([_expected(args[0], names), Instance(type(None))])
    if base in (Annotated, Final):
        return _expected(args[0], names)
    if base is Literal:
        return OneOf([ast.literal_eval(arg) if isinstance(arg, ast.AST) else arg for arg in args])
    if base is tuple and not (len(args) == 2 and _is_ellipsis(args[1])):
        return Parts([_expected(arg, names) for arg in args])
    if base in (list, tuple, set, frozenset):
        return Items(base, _expected(args[0], names))
    if base in _LISTS:
        return Items(None, _expected(args[0], names))
    if base in _DICTS:
        return Entries(_expected(args[0], names), _expected(args[1], names))
    return Instance(base) if isinstance(base, type) else _ANYTHING


def _is_ellipsis(arg: Any) -> bool:
    return arg is Ellipsis or (isinstance(arg, ast.Constant) and arg.value is Ellipsis)
