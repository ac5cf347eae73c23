"""The record of a step's code: its items with digests, and whether they still are what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable._code.bytecode import TAG, digest_of, hex_of
from persistable._code.kinds import SCALARS
from persistable._code.rows import NamedTuple
from persistable._code.states import first_seen, is_state, note_state, value_of
from persistable._code.values import describe, digest_of_value

if TYPE_CHECKING:
    from types import CodeType

    from persistable._code.walk import Constant, Walk

__all__ = ["Item", "Record"]

VALUE_TAG = "value"
AST_TAG = "ast"


class Item(NamedTuple):
    """A function, class or constant."""

    name: str
    file: str | None
    line: int | None
    digests: dict[str, str]


class Record:
    """What a walk found."""

    def __init__(self, walk: Walk, constants: list[Constant]) -> None:
        """Takes a walk that is done, and the present values of its constants."""
        self._walk = walk
        self.constants = constants
        self.unseen = sorted(walk.unseen)
        self.steps = sorted(walk.steps)
        """Other steps that the code uses."""

    def quick(self) -> list[Item]:
        """Returns the items with digests of bytecode, which are comparable within one version of Python."""
        return self._items(is_full=False)

    def full(self) -> list[Item]:
        """Returns the items with digests of their source too, as far as that is what runs."""
        return self._items(is_full=True)

    def libraries(self) -> set[str]:
        """Returns the first names of the modules of others that the code uses. Their versions are not items."""
        return self._walk.libraries - {"builtins"}

    def _items(self, *, is_full: bool) -> list[Item]:
        walk = self._walk
        values: dict[str, tuple[str | None, list[str]]] = {}
        for name, (file, declared) in walk.declared.items():
            values[name] = file, [digest_of_value(declared)]
        for constant in self.constants:
            if constant.described.digest is not None:
                name = f"{constant.name} (value)" if constant.name in walk.codes else constant.name
                values.setdefault(name, (constant.file, []))[1].append(constant.described.digest)
        items = [Item(name, file, None, {VALUE_TAG: _joint(found)}) for name, (file, found) in values.items()]
        return sorted(items + self._code_items(is_full))

    def _code_items(self, is_full: bool) -> list[Item]:
        # Records of one walk that differ in the values of constants share them.
        walk = self._walk
        known = walk.code_items.get(is_full)
        if known is None:
            digests_of = _full_digests_of if is_full else _quick_digests_of
            known = walk.code_items[is_full] = [
                Item(name, *walk.files[name], _joint_by_tag([digests_of(code) for code in codes]))
                for name, codes in walk.codes.items()
            ]
        return known

    def filled(self) -> list[str]:
        """Returns the names of the constants that are state by what the source says, whoever changes them.

        Caches and counters that are empty at first are filled by what calls the same functions before a step does.
        """
        walk = self._walk
        if walk.filled is None:
            from persistable._code.written import beginnings_of, written_by

            namespaces = {id(function.__globals__): function.__globals__ for function in walk.functions.values()}
            beginnings = {address: beginnings_of(namespace) for address, namespace in namespaces.items()}
            places = {(address, name) for address, each in beginnings.items() for name in each.differing}
            for function in walk.functions.values():
                address = id(function.__globals__)
                places.update((address, name) for name in written_by(function) & beginnings[address].empty)
            held = [each for each in self.constants if each.namespace is not None]
            found = [each for each in held if (id(each.namespace), each.key) in places]
            # Other modules may have imported a container under another name.
            same = {id(each.value) for each in found if each.described.containers}
            walk.filled = sorted({each.name for each in held if id(each.value) in same} | {each.name for each in found})
        return walk.filled

    def key_problem(self) -> str | None:
        """Returns why no key can be made of this record; `None` if one can."""
        from persistable._code.sources import tree_digest_of

        state = set(self.filled())
        advice = "set code_change to another value than 'key' for this step"
        for name, codes in sorted(self._walk.codes.items()):
            if any(tree_digest_of(code) is None for code in codes):
                file, line = self._walk.files[name]
                place = f" ({file}:{line})" if file else ""
                return (
                    f"the code of {name}{place} can't be in a key, since its source is not the code that runs. If the "
                    f"file was edited since it was imported, start a new process. If it has no source, {advice}"
                )
        for constant in self.constants:
            problems = constant.described.problems
            if constant.name in state:
                continue
            if constant.described.digest is None or problems:
                problem = problems[0] if problems else constant.name
                return (
                    f"a value that the code uses can't be in a key: {problem}. Make it a parameter, make it in the "
                    f"function that uses it, or {advice}"
                )
        if not self._walk.codes:
            return f"the code of this step is not known ({'; '.join(self.unseen)}): {advice}"
        return None

    # --- whether it still holds -------------------------------------------------------------------------------------

    def watched(self) -> tuple[list[Any], list[Any], list[Any], list[Any], list[int]]:
        """Returns what the compiled module compares by identity.

        These are names with what they stand for, functions with their code, cells with their content, the containers
        in constants, and the numbers of the constants for which that is not enough. State is not watched.
        """
        walk = self._walk
        functions = [(function, function.__code__) for function in walk.functions.values()]
        watched = [
            (number, constant.described)
            for number, constant in enumerate(self.constants)
            if not is_state(constant.namespace, constant.key)
        ]
        containers = [each for _, described in watched for each in described.containers]
        opaque = [number for number, described in watched if described.is_opaque]
        references = [reference for reference in walk.references.values() if not is_state(*reference[:2])]
        cells = [cell for cell in walk.cells.values() if not is_state(cell[0], "cell_contents")]
        return references, functions, cells, containers, opaque

    def are_same(self, numbers: list[int]) -> bool:
        """Tells whether constants have the value that they had."""
        return all(self._is_same(self.constants[number]) for number in numbers)

    def state_since(self) -> list[str]:
        """Returns the names of the constants that changed since this record was made, which a generation did, and of
        those that are state by what the source says.

        From now on, they have the value that they had before, as far as records of this process are concerned.
        """
        names = set()
        by_source = set(self.filled())
        for constant in self.constants:
            if is_state(constant.namespace, constant.key):
                names.add(constant.name)  # The generation of another step changed it.
            elif constant.name in by_source or not self._is_same(constant):
                names.add(constant.name)
                if constant.namespace is not None:
                    note_state(constant.namespace, constant.key, constant.described)
        return sorted(names)

    def note_states(self, names: list[str]) -> None:
        """Notes that constants of these names are state, as another generation found: they are not watched any more."""
        for constant in self.constants:
            if constant.name in names and constant.namespace is not None:
                note_state(constant.namespace, constant.key, constant.described)

    def refreshed(self) -> Record | None:
        """Returns a record with the present values of the constants; `None` if the code has to be walked again."""
        constants = []
        for constant in self.constants:
            present = self._present(constant)
            if [id(code) for code, _ in present.described.codes] != [id(code) for code, _ in constant.described.codes]:
                return None
            constants.append(present)
        walk = self._walk
        for place, (namespace, key, _, is_value) in list(walk.references.items()):
            if is_value:
                walk.references[place] = (namespace, key, value_of(namespace, key), True)
        for cell_id, (cell, _, is_value) in list(walk.cells.items()):
            if is_value:
                walk.cells[cell_id] = (cell, value_of(cell, "cell_contents"), True)
        return Record(walk, constants)

    def _is_same(self, constant: Constant) -> bool:
        return self._present(constant).described.digest == constant.described.digest

    def _present(self, constant: Constant) -> Constant:
        """Returns a constant as it is now; state, as it was before a generation changed it."""
        namespace, key, value, described = constant.namespace, constant.key, constant.value, constant.described
        first = first_seen(namespace, key)
        if first is not None:
            return constant._replace(described=first)
        present = value if namespace is None else value_of(namespace, key)
        if present is value and (type(value) in SCALARS or not (described.containers or described.is_opaque)):
            return constant
        walk = self._walk
        described = describe(present, constant.name, walk.places, walk.shown, constant.folder, walk.is_state)
        return constant._replace(value=present, described=described)


def _quick_digests_of(code: CodeType) -> dict[str, str]:
    return {TAG: digest_of(code)}


def _full_digests_of(code: CodeType) -> dict[str, str]:
    from persistable._code.sources import tree_digest_of

    tree = tree_digest_of(code)
    return {TAG: digest_of(code)} if tree is None else {TAG: digest_of(code), AST_TAG: tree}


def _joint(digests: list[str]) -> str:
    """Returns one digest for several of one name, in whatever order they were met."""
    different = sorted(set(digests))
    return different[0] if len(different) == 1 else hex_of(*(digest.encode() for digest in different))


def _joint_by_tag(found: list[dict[str, str]]) -> dict[str, str]:
    tags = set.intersection(*(set(digests) for digests in found))
    return {tag: _joint([digests[tag] for digests in found]) for tag in sorted(tags)}
