"""What a function assigns or changes beside its own variables: told from its bytecode, without running it."""

from __future__ import annotations

import dis
import sys
from types import CodeType
from typing import Callable

from persistable._code.rows import NamedTuple

__all__ = ["Effect", "effects_of"]

MUTATORS = frozenset(
    {
        "add", "append", "appendleft", "clear", "discard", "difference_update", "extend", "extendleft", "insert",
        "intersection_update", "move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "setdefault",
        "sort", "subtract", "symmetric_difference_update", "update",
    }
)  # fmt: skip
# Those of them that do the same wherever they are: an object in a container may be of any class.
_SURE = frozenset({"append", "appendleft", "extend", "extendleft", "popitem", "setdefault"})
_STORES = frozenset(
    {
        "STORE_ATTR", "DELETE_ATTR", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE",
        "STORE_DEREF", "DELETE_DEREF",
    }
)  # fmt: skip
_STORING = frozenset(dis.opmap[name] for name in _STORES if name in dis.opmap)
_INPLACE = frozenset(opcode for name, opcode in dis.opmap.items() if name.startswith("INPLACE_"))
# From Python 3.11 on, one opcode is for all operators. Its argument tells `+=` from `+`.
_OPERATION = dis.opmap.get("BINARY_OP")
_PLAIN_OPERATORS = frozenset(
    number for number, (name, _) in enumerate(getattr(dis, "_nb_ops", ())) if not name.startswith("NB_INPLACE_")
)

_NOTHING = frozenset(
    {
        "CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "GEN_START", "GET_ITER", "KW_NAMES", "MAKE_CELL", "NOP", "NOT_TAKEN",
        "PRECALL", "RESUME", "RETURN_GENERATOR", "SETUP_ANNOTATIONS",
    }
)  # fmt: skip
# They take from the stack, and put nothing in its place.
_TAKING = ("POP_", "JUMP_", "RETURN_", "STORE_", "DELETE_", "LIST_APPEND", "SET_ADD", "MAP_ADD", "END_", "RERAISE")
_LEAVING = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE", "RETURN_", "RAISE_", "RERAISE")
_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)
_MAX_KNOWN = 20_000
_known: dict[int, tuple[CodeType, tuple[Effect, ...]]] = {}


class Symbol(NamedTuple):
    """What stands on the stack, as far as it has a name: `helpers.CACHE["a"]`."""

    kind: str
    """`global`; `cell`, of a closure; `param`; `class`, which is that of the first param."""
    name: str
    path: tuple[str, ...] = ()
    is_inside: bool = False
    """Whether it is something in what the name stands for."""


class Effect(NamedTuple):
    """Something that is assigned or changed."""

    kind: str
    name: str
    path: tuple[str, ...]
    action: str
    """`assign`: the name stands for something else then. `item`: what it stands for has other items. `method`: a method
    of it was called that changes lists, dicts or sets. `add`: it was added to in place."""


def effects_of(code: CodeType) -> tuple[Effect, ...]:
    """Returns what a code object, with those in it, assigns and changes."""
    known = _known.get(id(code))
    if known is None:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        cells: dict[str, Symbol | None] = {name: Symbol("cell", name) for name in code.co_freevars}
        known = _known[id(code)] = (code, tuple(dict.fromkeys(_of_all(code, cells))))
    return known[1]


def _of_all(code: CodeType, cells: dict[str, Symbol | None]) -> list[Effect]:
    if not _may_have_effects(code):
        return []
    scan = _Scan(code, cells)
    scan.run()
    found = scan.found
    for each in _inner(code):
        found += _of_all(each, {name: scan.look_up(name) for name in each.co_freevars})
    return found


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if type(constant) is CodeType]


def _may_have_effects(code: CodeType) -> bool:
    opcodes = frozenset(code.co_code[::2])
    return (
        bool(opcodes & _STORING or opcodes & _INPLACE)
        or not MUTATORS.isdisjoint(code.co_names)
        or (_OPERATION in opcodes and _has_operator_in_place(code.co_code))
        or any(map(_may_have_effects, _inner(code)))
    )


def _has_operator_in_place(raw: bytes) -> bool:
    pairs = zip(raw[::2], raw[1::2])
    return any(opcode == _OPERATION and argument not in _PLAIN_OPERATORS for opcode, argument in pairs)


class _Handling(NamedTuple):
    """What is done for an opcode."""

    run: Callable[[_Scan, dis.Instruction], None] | None
    is_jump: bool
    leaves: bool
    """Whether what follows is not reached from here."""


_handlings: dict[int, _Handling] = {}


def _handling_of(opcode: int, name: str) -> _Handling:
    run = getattr(_Scan, f"_on_{name.lower()}", None)
    if run is None:
        if name.startswith("LOAD_FAST"):
            run = _Scan._on_load_fast
        elif name.startswith("INPLACE_"):
            run = _Scan._add_in_place
        else:
            run = _Scan._on_any
    return _Handling(None if name in _NOTHING else run, opcode in _JUMPS, name.startswith(_LEAVING))


class _Scan:
    """One pass over the instructions, with what is known of the stack."""

    def __init__(self, code: CodeType, cells: dict[str, Symbol | None]) -> None:
        self._code = code
        self._cells = cells
        count = code.co_argcount + code.co_kwonlyargcount
        self._params = frozenset(code.co_varnames[:count])
        self._variables: dict[str, Symbol | None] = {}
        self._stack: list[Symbol | None] = []
        self.found: list[Effect] = []

    def look_up(self, name: str) -> Symbol | None:
        """Returns what a local variable or one of the closure stands for."""
        if name == "__class__":
            return Symbol("class", "")
        if name in self._cells:
            return self._cells[name]
        if name in self._variables:
            return self._variables[name]
        return Symbol("param", name) if name in self._params else None

    def run(self) -> None:
        stacks: dict[int, list[Symbol | None]] = {}
        is_reached = True
        for instruction in dis.get_instructions(self._code):
            if not is_reached:
                self._stack = stacks.get(instruction.offset, [])
            handling = _handlings.get(instruction.opcode)
            if handling is None:
                handling = _handlings[instruction.opcode] = _handling_of(instruction.opcode, instruction.opname)
            if handling.is_jump and isinstance(instruction.argval, int):
                change = dis.stack_effect(instruction.opcode, instruction.arg, jump=True)
                depth = max(len(self._stack) + change, 0)
                stacks.setdefault(instruction.argval, (self._stack + [None] * max(change, 0))[:depth])
            if handling.run is not None:
                handling.run(self, instruction)
            is_reached = not handling.leaves

    def _on_any(self, instruction: dis.Instruction) -> None:
        argument = instruction.arg if instruction.opcode >= dis.HAVE_ARGUMENT else None
        change = dis.stack_effect(instruction.opcode, argument, jump=False)
        for _ in range(-change):
            self._pop()
        if change > 0:
            self._stack += [None] * change
        elif not instruction.opname.startswith(_TAKING) and self._stack:
            self._stack[-1] = None

    def _pop(self) -> Symbol | None:
        return self._stack.pop() if self._stack else None

    def _note(self, symbol: Symbol | None, action: str) -> None:
        if symbol is not None:
            self.found.append(Effect(symbol.kind, symbol.name, symbol.path, action))

    # --- names ------------------------------------------------------------------------------------------------------

    def _on_load_fast(self, instruction: dis.Instruction) -> None:
        names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
        self._stack += [self.look_up(name) for name in names]

    _on_load_deref = _on_load_classderef = _on_load_fast

    def _on_load_global(self, instruction: dis.Instruction) -> None:
        symbol = Symbol("global", instruction.argval)
        is_called = sys.version_info >= (3, 11) and (instruction.arg or 0) & 1
        if is_called and sys.version_info < (3, 13):
            self._stack.append(None)
        self._stack.append(symbol)
        if is_called and sys.version_info >= (3, 13):
            self._stack.append(None)

    def _on_load_name(self, instruction: dis.Instruction) -> None:
        self._stack.append(None)

    def _on_store_fast(self, instruction: dis.Instruction) -> None:
        self._variables[instruction.argval] = self._pop()

    def _on_store_fast_store_fast(self, instruction: dis.Instruction) -> None:
        for name in instruction.argval:
            self._variables[name] = self._pop()

    def _on_store_fast_load_fast(self, instruction: dis.Instruction) -> None:
        stored, loaded = instruction.argval
        self._variables[stored] = self._pop()
        self._stack.append(self.look_up(loaded))

    def _on_store_deref(self, instruction: dis.Instruction) -> None:
        value = self._pop()
        if instruction.argval in self._cells:
            self._note(self._cells[instruction.argval], "assign")
        else:
            self._variables[instruction.argval] = value

    def _on_store_global(self, instruction: dis.Instruction) -> None:
        self._pop()
        self._note(Symbol("global", instruction.argval), "assign")

    def _on_delete_global(self, instruction: dis.Instruction) -> None:
        self._note(Symbol("global", instruction.argval), "assign")

    # --- attributes -------------------------------------------------------------------------------------------------

    def _on_load_attr(self, instruction: dis.Instruction) -> None:
        if sys.version_info >= (3, 12) and (instruction.arg or 0) & 1:
            self._on_load_method(instruction)
            return
        base, name = self._pop(), instruction.argval
        self._note_method(base, name)
        if base is None or base.is_inside:
            self._stack.append(None)
        elif name == "__class__" and not base.path:
            self._stack.append(Symbol("class", base.name))
        else:
            self._stack.append(base._replace(path=(*base.path, name)))

    def _on_load_method(self, instruction: dis.Instruction) -> None:
        self._note_method(self._pop(), instruction.argval)
        self._stack += [None, None]

    def _note_method(self, base: Symbol | None, name: str) -> None:
        if base is not None and name in (_SURE if base.is_inside else MUTATORS):
            self._note(base, "item" if base.is_inside else "method")

    def _on_store_attr(self, instruction: dis.Instruction) -> None:
        base = self._pop()
        self._pop()
        self._on_attribute(base, instruction.argval)

    def _on_delete_attr(self, instruction: dis.Instruction) -> None:
        self._on_attribute(self._pop(), instruction.argval)

    def _on_attribute(self, base: Symbol | None, name: str) -> None:
        if base is None:
            return
        if base.is_inside:
            self._note(base, "item")
        else:
            self._note(base._replace(path=(*base.path, name)), "assign")

    # --- items ------------------------------------------------------------------------------------------------------

    def _on_binary_subscr(self, instruction: dis.Instruction) -> None:
        self._pop()
        base = self._pop()
        self._stack.append(None if base is None else base._replace(is_inside=True))

    def _on_binary_op(self, instruction: dis.Instruction) -> None:
        if instruction.argrepr == "[]":  # From Python 3.14 on.
            self._on_binary_subscr(instruction)
        elif instruction.argrepr.endswith("="):
            self._add_in_place(instruction)
        else:
            self._pop()
            self._pop()
            self._stack.append(None)

    def _add_in_place(self, instruction: dis.Instruction) -> None:
        self._pop()
        base = self._pop()
        if base is not None and base.kind == "param" and not base.path and not base.is_inside:
            self._note(base, "add")
        self._stack.append(None)

    def _on_for_iter(self, instruction: dis.Instruction) -> None:
        base = self._stack[-1] if self._stack else None
        self._stack.append(None if base is None else base._replace(is_inside=True))

    def _on_unpack_sequence(self, instruction: dis.Instruction) -> None:
        self._pop()
        self._stack += [None] * (instruction.arg or 0)

    def _on_store_subscr(self, instruction: dis.Instruction) -> None:
        self._pop()
        base = self._pop()
        self._pop()
        self._note(base, "item")

    def _on_delete_subscr(self, instruction: dis.Instruction) -> None:
        self._pop()
        self._note(self._pop(), "item")

    def _on_store_slice(self, instruction: dis.Instruction) -> None:
        self._pop()
        self._on_store_subscr(instruction)

    # --- calls and the stack ----------------------------------------------------------------------------------------

    def _on_call(self, instruction: dis.Instruction) -> None:
        count = instruction.arg or 0
        is_type = count == 1 and Symbol("global", "type") in self._stack[-3:-1]
        argument = self._stack[-1] if self._stack else None
        for _ in range(count + (2 if instruction.opname == "CALL" else 1)):
            self._pop()
        is_type = is_type and argument is not None and argument.kind == "param" and not argument.path
        self._stack.append(Symbol("class", argument.name) if is_type and argument is not None else None)

    _on_call_function = _on_call

    def _on_copy(self, instruction: dis.Instruction) -> None:
        depth = instruction.arg or 1
        self._stack.append(self._stack[-depth] if depth <= len(self._stack) else None)

    def _on_swap(self, instruction: dis.Instruction) -> None:
        depth = instruction.arg or 1
        self._fill(depth)
        self._stack[-1], self._stack[-depth] = self._stack[-depth], self._stack[-1]

    def _on_dup_top(self, instruction: dis.Instruction) -> None:
        self._fill(1)
        self._stack.append(self._stack[-1])

    def _on_dup_top_two(self, instruction: dis.Instruction) -> None:
        self._fill(2)
        self._stack += self._stack[-2:]

    def _on_rot_two(self, instruction: dis.Instruction) -> None:
        self._rotate(2)

    def _on_rot_three(self, instruction: dis.Instruction) -> None:
        self._rotate(3)

    def _on_rot_four(self, instruction: dis.Instruction) -> None:
        self._rotate(4)

    def _on_rot_n(self, instruction: dis.Instruction) -> None:
        self._rotate(instruction.arg or 1)

    def _rotate(self, depth: int) -> None:
        self._fill(depth)
        self._stack.insert(len(self._stack) - depth, self._stack.pop())

    def _fill(self, depth: int) -> None:
        self._stack[:0] = [None] * (depth - len(self._stack))
