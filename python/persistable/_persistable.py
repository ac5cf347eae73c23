"""A step: its parameters, how its payload is generated, and where it is persisted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Optional, TypeVar, Union

from persistable import _core
from persistable._checks.rng import RngOfKey
from persistable._listeners import default_level
from persistable._stale import issue
from persistable._tree import params_tree
from persistable.data import PersistableParams
from persistable.exceptions import (
    DamagedPayloadError,
    ExplainedNotImplementedError,
    InvalidPayloadWarning,
    MissingPayloadError,
    NoPayloadError,
    OutdatedPayloadError,
)
from persistable.io import FileIO, PickleFileIO

if TYPE_CHECKING:
    import logging

    from persistable._explanation import Explanation
    from persistable._generation import Generated
    from persistable._reproduce import Reproduction

PayloadT = TypeVar("PayloadT")
ParamsT = TypeVar("ParamsT", bound=Optional[PersistableParams])

Dependencies = Union[
    Iterable["Persistable[Any, Any]"],
    Mapping[str, Union["Persistable[Any, Any]", Iterable["Persistable[Any, Any]"], None]],
]


class _DefaultSuffix(str):
    """The suffix where none was given, which differs from one that was given and is the same."""


_DEFAULT_SUFFIX = _DefaultSuffix(".persistable")

# Payload names by class name: making one anew costs more than all else that `__init__` does.
_names: dict[str, str] = {}


class _Held(NamedTuple):
    """What is known of the payload in memory."""

    tree: _core.ParamsTree | str
    """The params that it was made for; out of a pickle, their digest."""
    made: _core.Made | None
    """What is known of how it was made."""
    is_pending: bool
    """Whether it was generated to be persisted, and is not yet."""
    changed_tree: _core.ParamsTree | str | None = None
    """What the generation made of the params, where it changed them in place."""


class _DefaultIO:
    """Gives a step its payload IO when that is first asked for: of a large graph, most steps are only keyed."""

    def __get__(self, step: Any, owner: Any) -> Any:
        if step is None:
            return self
        step.payload_io = PickleFileIO()
        return step.payload_io


class Persistable(Generic[PayloadT, ParamsT]):
    """Generates a payload once, persists it under the parameters that made it, and loads it ever after.

    Subclass it and say in ``_generate_payload`` how the payload is generated::

        @dataclass
        class Params(PersistableParams):
            n: int
            random_state: int = 100

        class GaussianDistributedPointsP(Persistable[NDArray[np.float64], Params]):
            def _generate_payload(self, **untracked_payload_params):
                np.random.seed(self.params.random_state)
                return np.random.random(self.params.n)

        points = GaussianDistributedPointsP(Path("data"), Params(n=100), None)
        points.payload  # generated and persisted; loaded the next time

    A payload has to be determined by the params, the tracked dependencies and ``payload_version`` alone. All attributes
    may be reassigned; ``persist_hash``, ``persist_filepath`` and ``params_tree`` answer for the present values.
    """

    payload_version: str | None = None
    """The version of what this step does. It is part of the key: another version is another artifact."""

    persist_durability: str = "synced"
    """``"synced"``: a persisted payload is on the disk. ``"fast"``: a power cut may lose the last ones."""

    load_verification: str = "default"
    """When loaded bytes are compared with their digest: ``"always"``, ``"once_per_file"``, ``"never"``, or by
    default always, and once per file for those that are mapped."""

    lease_wait_seconds: float | None = None
    """How long to wait while another process generates the same payload; ``None``: until it is done or dead."""

    code_change: str | None = None
    """What to do about a payload that other code made: `"warn"` and load it, `"refuse"` it, make the code part of the
    `"key"`, or `"ignore"` it. `None`: as set for all steps; see `persistable.configure`."""

    code_track: Sequence[str] = ()
    """Names of installed packages whose code counts as your own."""

    code_untracked: Sequence[str] = ()
    """Names of code and constants that don't count, as ``explain()`` shows them: ``DEBUG``, ``helpers.START``.
    What only they use doesn't count either."""

    input_change: str | None = None
    """What to do about a file that a `Path` param names and that has other content now: `"warn"`, `"refuse"`,
    `"ignore"`. (An `InputFile` is identified by its content.)"""

    dependency_change: str | None = None
    """What to do about a dependency that has another payload now: `"warn"`, `"refuse"`, `"ignore"`."""

    undeclared: str | None = None
    """What to do when this step asks for the payload of a step that is not a dependency: `"warn"`, `"refuse"`,
    `"ignore"`."""

    unseeded: str | None = None
    """What to do when this step draws numbers from a global generator without seeding it: `"warn"`, `"ignore"`."""

    none_payload: str | None = None
    """What to do about `None` from a step that does not say it may be: `"warn"`, `"ignore"`."""

    changed_in_place: str | None = None
    """What to do when this step changes the payload of a dependency in place: `"warn"`, `"ignore"`."""

    payload_io: FileIO[Any] = _DefaultIO()  # type: ignore[assignment]
    """How the payload is saved and loaded; by default a ``PickleFileIO()`` of this object's own."""

    rng = RngOfKey()
    """A NumPy generator that is seeded from the key: equal steps draw equal numbers, in every process.

    While the step is generated, it is one generator, whose draws go on. At other times it is a new one each time."""

    # What an object has before it is set, so that making one sets nothing in vain.
    _payload: PayloadT | None = None
    __is_payload_none: bool = False
    __held: _Held | None = None
    __generated: Generated | None = None
    __logger: logging.Logger | None = None
    __logger_of: tuple[str, Path, bool] | None = None
    __is_logger_default: bool = True

    def __init__(
        self,
        data_dir: Path,
        params: ParamsT,
        tracked_persistable_dependencies: Dependencies | None = None,
        *,
        payload_name: str | None = None,
        payload_io: FileIO[Any] | None = None,
        payload_file_suffix: str = _DEFAULT_SUFFIX,
        verbose: bool = False,
        logger: logging.Logger | None = None,
    ) -> None:
        """Sets the step up in a data folder, which is created with its parents where it is missing.

        A relative ``data_dir`` is taken against the folder that is current now. The step stays there when another
        folder becomes the current one, and so do its copies, also in other processes that see this folder.

        ``tracked_persistable_dependencies`` are the steps whose payloads this one's is generated from: an iterable,
        whose order counts, or a dict from the name of a place to the step or steps in it.

        ``payload_file_suffix`` is by default that of the payload IO, and ``".persistable"`` where that has none.

        Raises ``ValueError`` for a payload name that can't be a file name, before anything is written.
        """
        if payload_name is None:
            payload_name = _names.get(type(self).__name__) or _default_name(type(self).__name__)
        if payload_io is not None:
            self.payload_io = payload_io
            if payload_file_suffix is _DEFAULT_SUFFIX:
                payload_file_suffix = getattr(payload_io, "format_suffix", None) or _DEFAULT_SUFFIX
        if not isinstance(data_dir, Path):
            data_dir = Path(data_dir)
        self.tracked_persistable_dependencies = tracked_persistable_dependencies
        self._core_store = _core.open_store(data_dir, payload_name)
        self.data_dir = data_dir
        self.params = params
        self.payload_name = payload_name
        self.payload_file_suffix = str(payload_file_suffix)
        self.verbose = verbose
        if logger is not None:
            self.logger = logger

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def tracked_persistable_dependencies(self) -> Any:
        """The steps that this one depends on, as they were given; an iterator was read once and is a tuple."""
        return self.__dependencies

    @tracked_persistable_dependencies.setter
    def tracked_persistable_dependencies(self, dependencies: Dependencies | None) -> None:
        self.__dependencies = None if dependencies is None else _checked(dependencies)

    @property
    def params_tree(self) -> dict[str, Any]:
        """The params by name, and under each dependency's payload name its params tree."""
        return params_tree(self)

    @property
    def persist_hash(self) -> str:
        """The first half of the key in hex: the same for equal configurations, in any process, in Python and Rust."""
        return _core.persist_hash(self)

    @property
    def persist_filepath(self) -> Path:
        """Where the artifact is: the path of its files without their suffixes."""
        return self.data_dir / f"{self.payload_name}({self.persist_hash})"

    @property
    def logger(self) -> logging.Logger:
        """The logger; by default one that writes ``data_dir/{payload_name}.log``."""
        of = self.payload_name, Path(_core.folder_of(self)), self.verbose
        if self.__logger is None or (self.__is_logger_default and self.__logger_of != of):
            from persistable.logging import step_logger

            self.__logger_of = of
            self.__logger = step_logger(*of)
        return self.__logger

    @logger.setter
    def logger(self, logger: logging.Logger | None) -> None:
        self.__logger = logger
        self.__is_logger_default = logger is None

    # --- the payload ------------------------------------------------------------------------------------------------

    @property
    def payload(self) -> PayloadT:
        """The payload: the one in memory, else what ``load_generate()`` gives.

        One in memory that was made for other params than the present ones is none.
        """
        if not self._core_has_payload() or not self.__use_in_memory():
            self.load_generate()
        if "persistable._generation" in sys.modules:  # Something was generated in this process.
            from persistable._checks.in_place import note_use

            note_use(self, self._payload)
        return self._payload  # type: ignore[return-value]  # None is a legal payload.

    def __use_in_memory(self) -> bool:
        """Hands the payload in memory out, if it is that of the present params."""
        held = self.__held
        if held is None:  # The user set it.
            return _core.use_in_memory(self, None, None)
        if isinstance(held.tree, str):  # A copy, or one that came out of a pickle.
            return not self._core_is_of_other_params() and _core.use_in_memory(self, None, held.made)
        if _core.use_in_memory(self, held.tree, held.made):
            return True
        return not self._core_is_of_other_params() and _core.use_in_memory(self, None, held.made)

    def generate(self, persist: bool = True, **untracked_payload_params: Any) -> None:
        """Generates the payload, validates and keeps it, and persists it in place of what is persisted already.

        When persisting fails, the payload stays in memory: ``persist()`` and ``load_generate()`` try again.
        """
        _core.generate(self, persist, untracked_payload_params)
        self.__settle()
        _call_hook(self._post_generate, untracked_payload_params)

    def persist(self) -> None:
        """Persists the payload in memory.

        On return it is on the disk, whole, with its params (``.params.json``, for people) and its manifest.

        Raises ``NoPayloadError``, which is a ``ValueError``, when there is none, and ``OSError`` when it can't be
        written: what was persisted before is as it was then.
        """
        if not self._core_has_payload():
            raise NoPayloadError(
                f"there is no payload of {self.payload_name} to persist: call generate() or load() first"
            )
        if self._core_is_of_other_params():
            raise OutdatedPayloadError(
                f"the params of {self.payload_name} changed since its payload was generated: "
                "generate() it for the present ones"
            )
        self.__refuse_unpersistable()
        held = self.__held
        _core.persist(self, self._payload, None if held is None else held.made, self.__made_for())
        self.__settle()

    def __made_for(self) -> _core.ParamsTree | None:
        """Returns the params that the payload was made for, where the generation has changed them in place since."""
        held = self.__held
        if held is None or held.changed_tree is None or isinstance(held.tree, str) or _core.is_current(self, held.tree):
            return None
        return held.tree

    def load(self, warn_if_validation_fails: bool = False, **untracked_payload_params: Any) -> None:
        """Loads and validates the payload.

        Raises ``MissingPayloadError``, which is a ``FileNotFoundError``, when nothing is persisted for these
        parameters, a ``PayloadError`` when it is damaged or can't be read, and what the validator raises, unless that
        is to be a warning.
        """
        try:
            _core.load(self, warn_if_validation_fails)
        except MissingPayloadError:
            from persistable import _adoption

            if _adoption.find(self) is None:
                raise
            _core.load_adopt(self, warn_if_validation_fails)
        _call_hook(self._post_load, untracked_payload_params)

    def load_generate(self, **untracked_payload_params: Any) -> None:
        """Loads the payload, and generates and persists it where it is missing or damaged.

        Of many threads and processes that ask at once, one generates; the others wait and load.
        """
        held = self.__held
        if held is not None and held.is_pending and not self._core_is_of_other_params():
            # It was generated, perhaps for days, and could not be persisted. It must not be generated again.
            self.persist()
            return
        if _is_overridden(self):
            self.__load_generate_by_methods(untracked_payload_params)
            return
        is_generated = _core.load_generate(self, untracked_payload_params)
        self.__settle()
        _call_hook(self._post_generate if is_generated else self._post_load, untracked_payload_params)

    def __load_generate_by_methods(self, untracked: dict[str, Any]) -> None:
        """Loads or generates by methods that a subclass, or a test, has put in place of these."""
        try:
            self.load(**untracked)
        except (FileNotFoundError, DamagedPayloadError):
            self.generate(**untracked)

    def __settle(self) -> None:
        """Notes that the payload in memory is persisted, or was not to be."""
        if self.__held is not None:
            self.__held = self.__held._replace(is_pending=False)

    def validate_payload(self, payload: PayloadT | None = None) -> None:
        """Validates the given payload, or else the present one."""
        if payload is None:
            if not self._core_has_payload():
                raise NoPayloadError(f"there is no payload of {self.payload_name} to validate")
            payload = self._payload
        self._validate_payload(payload)  # type: ignore[arg-type]

    def reset_payload(self) -> None:
        """Forgets the payload in memory."""
        self.__held = None
        self._payload = None
        self.__is_payload_none = False

    # --- whether it is stale ----------------------------------------------------------------------------------------

    def accept_code(self) -> None:
        """Says that the present code makes the payload that is persisted: from then on it is loaded without a warning.

        Processes that still have the earlier code are not warned either.

        Raises ``MissingPayloadError`` when nothing is persisted.
        """
        _core.accept(self, "code")

    def accept_dependencies(self) -> None:
        """Says that the payloads that the dependencies have now give the payload that is persisted."""
        _core.accept(self, "dependencies")

    def accept_inputs(self) -> None:
        """Says that the files that the params name give the payload that is persisted, as they are now."""
        _core.accept(self, "inputs")

    def reproduce(self, **options: Any) -> Reproduction:
        """Generates the payload again in a fresh process, and compares it with the one that is persisted.

        Nothing is persisted. ``persistable.reproduce`` has the options; others are untracked params.
        """
        from persistable._reproduce import reproduce

        return reproduce(self, **options)

    def explain(self) -> Explanation:
        """Tells what identifies this step, what its code record sees, and what changed since it was persisted.

        Nothing is loaded or generated. In a notebook it shows as a table.
        """
        from persistable._explanation import Explanation

        return Explanation(*_core.explain(self))

    # --- what a user overrides --------------------------------------------------------------------------------------

    def _generate_payload(self, **untracked_payload_params: Any) -> PayloadT:
        """Returns the payload. Untracked params never touch the key: a thread count, a device, a progress bar."""
        raise ExplainedNotImplementedError("_generate_payload")

    def _validate_payload(self, payload: PayloadT) -> None:
        """Raises ``InvalidPayloadError`` for a payload that can't be right. Sees each that is generated or loaded."""

    def _post_generate(self, **untracked_payload_params: Any) -> None:
        """Runs after the payload was generated. An override may take no arguments."""

    def _post_load(self, **untracked_payload_params: Any) -> None:
        """Runs after the payload was loaded. An override may take no arguments."""

    # --- what the core calls ----------------------------------------------------------------------------------------

    def _core_generate(
        self, untracked: dict[str, Any], tree: _core.ParamsTree, may_adopt: bool
    ) -> tuple[PayloadT, float | None]:
        """Returns the payload, and how long its generation took; ``None`` for one of persistable 1.x."""
        adopted = self.__adopt() if may_adopt else None
        if adopted is not None:
            return adopted.payload, None
        from persistable._generation import generate

        generated = self.__generated = generate(self, untracked, tree)
        return generated.payload, generated.seconds

    def _core_adopt(self) -> PayloadT:
        adopted = self.__adopt()
        if adopted is None:
            raise MissingPayloadError(f"nothing that can be loaded is persisted for {self.payload_name}")
        return adopted.payload  # type: ignore[no-any-return]

    def __adopt(self) -> Any:
        from persistable import _adoption

        path = _adoption.find(self)
        return None if path is None else _adoption.load(self, path)

    def _core_accept(
        self,
        payload: PayloadT,
        warns: bool,
        tree: _core.ParamsTree,
        made: _core.Made | None,
        is_pending: bool,
    ) -> None:
        """Validates a payload that was generated or loaded for the params of ``tree``, and keeps it."""
        try:
            self._validate_payload(payload)
        except Exception as error:
            if not warns:
                raise
            import warnings

            message = f"{self.payload_name} is loaded, and its validator refuses it: {error}"
            warnings.warn(message, InvalidPayloadWarning, stacklevel=3)
        self.__held = None  # An interrupt before the last line leaves a payload that is not said to be of any params.
        self._payload = payload
        self.__is_payload_none = payload is None
        generated, self.__generated = self.__generated, None
        self.__held = _Held(tree, made, is_pending, None if generated is None else generated.changed_tree)
        if is_pending:
            self.__refuse_unpersistable()
        if generated is not None and generated.warnings:
            # Only now: as exceptions they must not cost the payload.
            issue(generated.warnings)

    def __refuse_unpersistable(self) -> None:
        """Refuses the payload in memory if it can't be persisted. It stays there, since it may have taken days."""
        from persistable._checks.refusal import refuse_unpersistable

        refuse_unpersistable(self._payload, self.payload_name, self.payload_io)

    def _core_note_made(self, made: _core.Made) -> None:
        """Notes what is known of the payload in memory once it is persisted."""
        if self.__held is not None:
            self.__held = self.__held._replace(made=made)

    def _core_log_level(self) -> tuple[int, bool]:
        """Returns the level from which the logger wants the core's events, and whether it is the default one."""
        if not self.__is_logger_default:
            return self.logger.getEffectiveLevel(), False
        if self.__logger is not None:
            return 0, True
        return default_level(self.verbose), True

    def _core_has_payload(self) -> bool:
        return self._payload is not None or self.__is_payload_none

    def _core_is_of_other_params(self) -> bool:
        """Returns whether the payload in memory was made for other params than the present ones."""
        held = self.__held
        if held is None:
            return False  # The user set it.
        return not any(self.__is_present(tree) for tree in (held.tree, held.changed_tree) if tree is not None)

    def __is_present(self, tree: _core.ParamsTree | str) -> bool:
        if isinstance(tree, str):  # A copy, or one that came out of a pickle.
            return tree == _core.params_tree(self).identity()
        return _core.is_current(self, tree)

    # --- how it shows -----------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        try:
            name = f"{self.payload_name}({self.persist_hash})"
        except Exception:  # A repr that raises hides what one debugs.
            name = str(getattr(self, "payload_name", "not initialised"))
        return f"<{type(self).__qualname__} {name}>"

    def _repr_html_(self) -> str:
        from persistable._table import html_of

        return html_of(self)


def _default_name(class_name: str) -> str:
    name = _core.snake_case(class_name)
    _names[class_name] = name
    return name


def _checked(dependencies: Any) -> Any:
    """Returns dependencies that can be read again, having checked what they are."""
    if isinstance(dependencies, (list, tuple, set, frozenset)):
        for dependency in dependencies:
            if not isinstance(dependency, Persistable):
                raise TypeError(f"a dependency is a Persistable, and not of type {type(dependency).__qualname__}")
        return dependencies
    if isinstance(dependencies, Mapping):
        for place in dependencies:
            if not isinstance(place, str):
                raise TypeError(f"the place of a dependency is named by a str, and not by {place!r}")
        checked = {place: _checked_in_place(held) for place, held in dependencies.items()}
        is_same = type(dependencies) is dict and all(checked[place] is held for place, held in dependencies.items())
        return dependencies if is_same else checked
    if isinstance(dependencies, Persistable):
        raise TypeError("tracked_persistable_dependencies is an iterable of Persistable: put the one into a list")
    return _checked(tuple(dependencies))


def _checked_in_place(held: Any) -> Any:
    if isinstance(held, Mapping):
        raise TypeError("the place of a dependency holds one Persistable, an iterable of them, or None")
    return held if held is None or isinstance(held, Persistable) else _checked(held)


def _is_overridden(step: Persistable[Any, Any]) -> bool:
    """Returns whether a subclass, or a test on the object, has its own load, generate or persist."""
    kind = type(step)
    if kind.load is Persistable.load and kind.generate is Persistable.generate and kind.persist is Persistable.persist:
        return not step.__dict__.keys().isdisjoint(("load", "generate", "persist"))
    return True


def _call_hook(hook: Any, untracked: dict[str, Any]) -> None:
    if not untracked:
        hook()
        return
    from persistable._hooks import accepted

    hook(**accepted(hook, untracked))
