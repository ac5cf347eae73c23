"""Whether a function has a `return` with a value, and where it is."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple


class Returns(NamedTuple):
    """What is known of how a function returns."""

    has_value: bool
    file: str
    line: int


def returns_of(function: Any) -> Returns | None:
    """Looks at a function's source. If there is no source, looks at its bytecode; `None` if there is neither."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    file = Path(code.co_filename).name
    if code.co_name == "<lambda>":
        return Returns(True, file, code.co_firstlineno)
    definition = _definition_of(function, code)
    if definition is None:
        return Returns(_has_value_in_bytecode(code), file, code.co_firstlineno)
    # The first line is that of the first decorator.
    decorators = [decorator.lineno for decorator in definition.decorator_list]
    line = code.co_firstlineno + definition.lineno - min([definition.lineno, *decorators])
    # The file may have been edited since: what runs counts too.
    has_value = any(map(_returns_value, definition.body)) or _has_value_in_bytecode(code)
    return Returns(has_value, file, line)


def _definition_of(function: Any, code: CodeType) -> ast.FunctionDef | None:
    try:
        lines, _ = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, ValueError, SyntaxError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            return node
    return None


def _returns_value(node: ast.AST) -> bool:
    if isinstance(node, ast.Return):
        return node.value is not None
    # What is defined within returns to others.
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    return any(_returns_value(child) for child in ast.iter_child_nodes(node))


def _has_value_in_bytecode(code: CodeType) -> bool:
    """Returns whether anything but the constant `None` is returned. `return None` can't be told from no `return`."""
    before: dis.Instruction | None = None
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "RETURN_CONST" and instruction.argval is not None:
            return True
        is_none = before is not None and before.opname.startswith("LOAD_CONST") and before.argval is None
        if name == "RETURN_VALUE" and (not is_none or instruction.is_jump_target):
            return True
        before = instruction
    return False
