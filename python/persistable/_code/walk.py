"""The walk from a step's function through all code of the user's own that it may run."""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
from collections import deque
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from persistable._code import unwrap
from persistable._code.bytecode import mentions_of
from persistable._code.classes import ClassWalk
from persistable._code.kinds import SCALARS, is_code, is_inert, is_step
from persistable._code.origins import is_rebuilt, namespace_of, written_code_of
from persistable._code.paths import Folder, folder_of
from persistable._code.places import Places, file_shown, module_shown, top_of
from persistable._code.rows import NamedTuple
from persistable._code.runtime import NO_STATE, State, is_changed_param
from persistable._code.states import ABSENT, first_seen
from persistable._code.values import Described, describe
from persistable._is_step import is_step_class

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["Constant", "Walk"]

MAX_ITEMS = 10_000
# So many members of a library's container are looked at.
_MAX_MEMBERS = 100

# Built-in functions after which nobody can tell what else is used.
_HIDING = frozenset({"getattr", "eval", "exec", "compile", "__import__", "globals", "vars"})
_BY_NAME = frozenset({"getattr", "hasattr", "attrgetter", "methodcaller", "import_module", "__import__"})


class Constant(NamedTuple):
    """A value that code uses, and where that is held."""

    name: str
    file: str | None
    folder: Folder
    namespace: Any
    """The module's or the class's namespace, or a closure's cell; `None` for a default, which stays what it is."""
    key: str
    value: Any
    described: Described


class Walk:
    """What is found from the roots on."""

    def __init__(
        self,
        own_module: str,
        track: tuple[str, ...] = (),
        untracked: frozenset[str] = frozenset(),
        state: State = NO_STATE,
    ) -> None:
        """Takes the name of the step's module, what is the user's own wherever it lies, and what to leave out."""
        self.own_module = own_module
        self._untracked = untracked
        self.state = state
        self.met: list[tuple[FunctionType, CodeType, str]] = []
        """The functions with their code and names."""
        self._attributes: set[str] = set()
        self.places = Places(own_module, track)
        self.codes: dict[str, list[CodeType]] = {}
        self.files: dict[str, tuple[str | None, int | None]] = {}
        self.constants: list[Constant] = []
        self.declared: dict[str, tuple[str | None, Any]] = {}
        """What is known of classes beside their members, by name: file and a value."""
        self.references: dict[tuple[int, str], tuple[Any, str, Any, bool]] = {}
        self.cells: dict[int, tuple[Any, Any, bool]] = {}
        self.functions: dict[int, FunctionType] = {}
        self.code_items: dict[bool, list[Any]] = {}
        """The items of functions, with and without digests of their source, once they were asked for."""
        self.filled: list[str] | None = None
        """The names of constants that are state by what the source says, once they were asked for."""
        self.unseen: dict[str, None] = {}
        self.steps: dict[str, None] = {}
        """Other steps that the code uses."""
        self.libraries: set[str] = set()
        """Top-level modules of libraries that were met."""
        self.mentioned: set[str] = {"_generate_payload"}
        self._classes = ClassWalk(self)
        self._roots: set[int] = set()
        self._pending: deque[tuple[Any, str]] = deque()
        self._seen: dict[int, Any] = {}
        self._seen_modules: set[tuple[int, int]] = set()
        self._kept: list[Any] = []
        self.file: str | None = None
        self._folders: dict[str | None, Folder] = {}
        self._folder = folder_of(None, None)

    def run(self, roots: list[Any], params: tuple[Any, ...] = ()) -> None:
        """Walks from the roots. `params` are classes and functions that the step's params consist of."""
        self._roots = {id(root) for root in roots}
        for root in roots:
            self.see(root, getattr(root, "__name__", "step"))
        self._follow()
        # Classes that the code names were taken in whole. Of others, the methods count: the key has the values.
        for root in params:
            if isinstance(root, type) and id(root) not in self._seen:
                self._classes.params.add(id(root))
        for root in params:
            self.see(root, getattr(root, "__name__", "step"))
        self._follow()

    def _follow(self) -> None:
        while True:
            while self._pending:
                value, name = self._pending.popleft()
                if self._is_full():
                    return
                try:
                    if isinstance(value, type):
                        if id(value) in self._roots or not self.is_untracked(self.shown(value)):
                            self._classes.visit(value)
                    else:
                        self._function(value, name)
                except Exception as error:  # Code of others runs here, such as a metaclass.
                    self.unseen[f"{name}: {type(error).__name__} when looking into it"] = None
            # Members of classes whose names came up since.
            self._classes.take_members()
            if not self._pending:
                return

    def enter(self, namespace: dict[str, Any]) -> None:
        """Notes which module is looked at, for what is found there."""
        file, module = namespace.get("__file__"), namespace.get("__name__")
        file, module = (each if isinstance(each, str) else None for each in (file, module))
        self.file = file_shown(file, module)
        folder = self._folders.get(module)
        if folder is None:
            folder = self._folders[module] = folder_of(file, module)
        self._folder = folder

    def _is_full(self) -> bool:
        if len(self.codes) + len(self.constants) < MAX_ITEMS:
            return False
        self.unseen[f"more than {MAX_ITEMS} functions and constants"] = None
        return True

    # --- names ------------------------------------------------------------------------------------------------------

    def shown(self, value: Any) -> str:
        """Returns the name of a function, class or module; nothing where it has none of its own."""
        if isinstance(value, ModuleType):
            return value.__name__
        if is_step(value):
            value = getattr(value, "function", None) or type(value)
        elif not isinstance(value, (type, FunctionType)):
            value = unwrap.inner(value) or value
        name = getattr(value, "__qualname__", None)
        if not isinstance(name, str) or name.endswith("<lambda>"):
            return ""
        module = getattr(value, "__module__", None)
        shown = module_shown(module if isinstance(module, str) else None, self.own_module, _namespace_of(value))
        name = name.replace("<locals>.", "")
        if type(value) is FunctionType and "__wrapped__" in value.__dict__:
            # It took the name of the function that it wraps.
            name = f"{name}@{value.__code__.co_name}"
        return f"{shown}{name}"

    def is_untracked(self, name: str) -> bool:
        """Tells whether the user wants an item to be left out, and notes that it was."""
        if name not in self._untracked:
            return False
        self.unseen[f"{name}: left out by code_untracked"] = None
        return True

    def keys(self) -> set[str]:
        """Returns the names of all that holds a value which was met."""
        held = {key for _, key in self.references} | self._attributes
        return held | {"cell_contents"} if self.cells else held

    def is_state(self, value: Any, key: str, held: Any) -> bool:
        """Tells whether an attribute of an object is state."""
        self._attributes.add(key)
        return self.state.has_of_object(value, key, held)

    def note_state(self, value: Any, name: str, names: frozenset[str] = frozenset()) -> None:
        """Notes that a value is state. Its class is code all the same."""
        self.unseen[f"{name}: left out, since the code itself changes it"] = None
        if self.places.is_users_class(type(value)):
            self.see(type(value), name, names)

    # --- what is met ------------------------------------------------------------------------------------------------

    def hold(self, namespace: Any, key: str, value: Any, name: str, names: frozenset[str]) -> None:
        """Follows what a name of a module or class stands for."""
        if self.is_untracked(name):
            return
        place = id(namespace), key
        is_known = place in self.references
        kind = type(value)
        code = kind is FunctionType or kind is ModuleType or (kind not in SCALARS and is_code(value))
        if not code and self.state.has(namespace, key, value):
            self.note_state(value, name, names)
            return
        if not is_known:
            self._kept.append(namespace)
            self.references[place] = (namespace, key, value, not code)
        if code:
            self.see(value, name, names)
        elif not is_known:
            self.constant(namespace, key, value, name, names)

    def constant(self, namespace: Any, key: str, value: Any, name: str, names: frozenset[str] = frozenset()) -> None:
        """Takes in a value, and the code in it."""
        if is_inert(value) or self.is_untracked(name):
            return
        described = first_seen(namespace, key)
        described = described or describe(value, name, self.places, self.shown, self._folder, self.is_state)
        self.constants.append(Constant(name, self.file, self._folder, namespace, key, value, described))
        for problem in described.problems:
            self.unseen[problem] = None
        for code, place in described.codes:
            self.see(code, place, names)

    def see(self, value: Any, name: str, names: frozenset[str] = frozenset()) -> None:
        """Follows a function, class, module or step. `names` are those that the code which has it mentions."""
        kind = type(value)
        if kind is FunctionType or issubclass(kind, type):
            if id(value) not in self._seen:
                self._seen[id(value)] = value
                if is_step_class(value):
                    self._note_step(value)
                self._pending.append((value, name))
        elif issubclass(kind, ModuleType):
            self._module(value, names)
        elif is_step(value):
            definition = getattr(value, "function", None) or type(value)
            self._note_step(definition)
            self.see(definition, name, names)
        else:
            parts = unwrap.parts(value)
            for part in parts:
                if is_code(part):
                    self.see(part, name, names)
                elif id(part) not in self._seen:  # Such as a partial.
                    self._seen[id(part)] = part
                    self.constant(None, name, part, name, names)
            if not parts:
                self._library(value, name)

    def _note_step(self, definition: Any) -> None:
        if id(definition) not in self._roots and self.places.is_users(getattr(definition, "__module__", None), None):
            self.steps[self.shown(definition)] = None

    def _library(self, value: Any, name: str) -> None:
        top = top_of(value)
        if top is None or top == "builtins":
            return
        module = sys.modules.get(top)
        if module is not None and self.places.are_users(vars(module)) and not isinstance(value, type):
            self.unseen[f"{name}: it is not written in Python"] = None
        else:
            self.libraries.add(top)

    def _module(self, module: ModuleType, names: frozenset[str]) -> None:
        if (id(module), id(names)) in self._seen_modules:
            return
        self._seen_modules.add((id(module), id(names)))
        self._kept.append(names)
        namespace = vars(module)
        if not self.places.are_users(namespace):
            self.libraries.add(module.__name__.partition(".")[0])
            return
        prefix = module_shown(module.__name__, self.own_module)
        earlier = self.file, self._folder
        self.enter(namespace)
        for name in sorted(names & namespace.keys()):
            if not _is_dunder(name):
                self.hold(namespace, name, namespace[name], f"{prefix}{name}", names)
        self.file, self._folder = earlier
        if type(namespace.get("__getattr__")) is FunctionType:
            self.see(namespace["__getattr__"], f"{prefix}__getattr__")

    # --- functions --------------------------------------------------------------------------------------------------

    def _function(self, function: FunctionType, name: str) -> None:
        if not self.places.are_users(function.__globals__):
            self._library_function(function, name)
            return
        code = written_code_of(function)
        name = self.shown(function) or name
        if id(function) not in self._roots and self.is_untracked(name):
            return
        module = function.__globals__.get("__name__")
        self.enter(function.__globals__)
        if not is_rebuilt(code):  # Otherwise the module knows where it came from.
            self.file = file_shown(code.co_filename, module if isinstance(module, str) else None)
        self.codes.setdefault(name, []).append(code)
        self.files.setdefault(name, (self.file, code.co_firstlineno))
        self.functions[id(function)] = function
        self.met.append((function, code, name))
        mentions = mentions_of(code)
        self.mentioned |= mentions.names
        if not _BY_NAME.isdisjoint(mentions.names):
            self._named_by_text(mentions.texts, mentions.names)
        self._closure(function, name, mentions.names)
        self._defaults(function, name, mentions.names)
        for key in sorted(mentions.names & function.__dict__.keys()):
            self.hold(function.__dict__, key, function.__dict__[key], f"{name}.{key}", mentions.names)
        wrapped = function.__dict__.get("__wrapped__")
        if wrapped is not None and is_code(wrapped):
            self.see(wrapped, name, mentions.names)
        self._imports(function, mentions.imports, mentions.names, name)
        self._globals(function, mentions.globals, mentions.names, name)
        if "import_module" in mentions.names:
            self._hide("import_module", name)

    def _globals(self, function: FunctionType, mentioned: tuple[str, ...], names: frozenset[str], name: str) -> None:
        namespace = function.__globals__
        module = namespace.get("__name__")
        prefix = module_shown(module if isinstance(module, str) else None, self.own_module, namespace)
        for key in mentioned:
            if _is_dunder(key) and key != "__import__":
                continue
            value = namespace.get(key, ABSENT)
            if value is not ABSENT:
                self.hold(namespace, key, value, f"{prefix}{key}", names)
            elif not hasattr(builtins, key):
                # It may be defined later, as in a notebook.
                self._kept.append(namespace)
                self.references.setdefault((id(namespace), key), (namespace, key, ABSENT, False))
            elif key in _HIDING:
                self._hide(key, name)

    def _hide(self, what: str, name: str) -> None:
        file, line = self.files.get(name, (None, None))
        self.unseen[f"{what} in {name}" + (f" ({file}:{line})" if file else "")] = None

    def _named_by_text(self, texts: frozenset[str], names: frozenset[str]) -> None:
        """Follows texts that may be names of attributes or modules: `getattr(self, "fit")`, `import_module("a.b")`."""
        self.mentioned |= texts
        for text in sorted(texts):
            module = sys.modules.get(text)
            if isinstance(module, ModuleType):
                self._module(module, names)

    def _closure(self, function: FunctionType, name: str, names: frozenset[str]) -> None:
        for key, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            if id(cell) in self.cells:
                continue
            try:
                value = cell.cell_contents
            except ValueError:
                value = ABSENT
            code = value is ABSENT or is_code(value)
            if not code and self.state.has(cell, "cell_contents", value):
                self.note_state(value, f"{name}.{key}", names)
                continue
            self.cells[id(cell)] = (cell, value, not code)
            if value is ABSENT:
                continue
            if code:
                self.see(value, f"{name}.{key}", names)
            else:
                self.constant(cell, "cell_contents", value, f"{name}.{key}", names)

    def _defaults(self, function: FunctionType, name: str, names: frozenset[str]) -> None:
        code = function.__code__
        values = function.__defaults__ or ()
        keys = code.co_varnames[code.co_argcount - len(values) : code.co_argcount]
        for key, value in (*zip(keys, values), *sorted((function.__kwdefaults__ or {}).items())):
            if is_code(value):
                self.see(value, f"{name}.{key}", names)
            elif is_changed_param(function.__code__, key, value) or self.state.has(None, key, value):
                self.note_state(value, f"{name}.{key}", names)
            else:
                self.constant(None, key, value, f"{name}.{key}", names)

    def _imports(
        self,
        function: FunctionType,
        imports: tuple[tuple[str, int, tuple[str, ...]], ...],
        names: frozenset[str],
        name: str,
    ) -> None:
        for wanted, level, members in imports:
            try:
                full = _resolved(function, wanted, level) if level else wanted
                if not self._import(full, names):
                    continue
                for member in members:
                    submodule = f"{full}.{member}"
                    if not hasattr(sys.modules[full], member) and self._import(submodule, names):
                        self._module(sys.modules[full], names)
            except (Exception, SystemExit) as error:  # The import runs the user's code.
                self.unseen[f"{'.' * level}{wanted}, imported in {name}: {type(error).__name__}"] = None

    def _import(self, full: str, names: frozenset[str]) -> bool:
        """Follows a module that a function imports, and imports it first where it is the user's own."""
        top = full.partition(".")[0]
        module = sys.modules.get(full)
        if module is None:
            if not self._is_users_top(top):
                self.libraries.add(top)
                return False
            module = importlib.import_module(full)
        self._module(module, names)
        if full != top and top in sys.modules:
            self._module(sys.modules[top], names)
        return self.places.are_users(vars(module))

    def _is_users_top(self, top: str) -> bool:
        module = sys.modules.get(top)
        if module is not None:
            return self.places.are_users(vars(module))
        spec = _spec_of(top)
        return spec is not None and self.places.is_users(top, spec.origin)

    def _library_function(self, function: FunctionType, name: str) -> None:
        """Looks for the user's code in a function of a library, such as what a decorator made."""
        self.libraries.add(str(function.__globals__.get("__name__")).partition(".")[0])
        held: list[Any] = list(function.__dict__.values())
        for cell in function.__closure__ or ():
            try:
                held.append(cell.cell_contents)
            except ValueError:
                continue
        for value in held:
            members = [value]
            if isinstance(value, (dict, MappingProxyType)):  # As `singledispatch` has.
                members = list(value.values())
            elif isinstance(value, (list, tuple)):
                members = list(value)
            for member in members[:_MAX_MEMBERS]:
                if isinstance(member, functools.partial):
                    self.constant(None, name, member, name)
                elif type(member) is FunctionType or (isinstance(member, type) and self.places.is_users_class(member)):
                    self.see(member, name)


def _spec_of(top: str) -> ModuleSpec | None:
    # As `importlib.util.find_spec` does for a module that is not imported. It takes long to import itself.
    for finder in sys.meta_path:
        spec = finder.find_spec(top, None)
        if spec is not None:
            return spec
    return None


def _namespace_of(value: Any) -> dict[str, Any] | None:
    if isinstance(value, type):
        return namespace_of(value)
    namespace = getattr(value, "__globals__", None)
    return namespace if isinstance(namespace, dict) and namespace.get("__name__") == value.__module__ else None


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _resolved(function: FunctionType, wanted: str, level: int) -> str:
    """Returns the full name of what a function imports relatively."""
    from importlib.util import resolve_name

    return resolve_name("." * level + wanted, function.__globals__.get("__package__") or "")
