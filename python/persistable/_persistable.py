"""A step: its parameters, how its payload is generated, and where it is persisted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Optional, SupportsIndex, TypeVar, Union

from persistable import _core
from persistable._checks.rng import RngOfKey
from persistable._copies import HANDLE, with_handle
from persistable._defaults import DEFAULT_SUFFIX, DefaultIO, checked_io, default_name
from persistable._dependencies import split
from persistable._first_load import prepare_first_load
from persistable._frameless import frameless
from persistable._is_persisted import IsPersisted
from persistable._is_step import StepBase
from persistable._lazy import Lazy
from persistable._store import data_dir_of
from persistable._tree import params_tree
from persistable.data import PersistableParams
from persistable.exceptions import ExplainedNotImplementedError, NoPayloadError
from persistable.io import FileIO

if TYPE_CHECKING:
    import logging

    from persistable._explanation import Explanation
    from persistable._reproduce import Reproduction
    from persistable._store import DataDir, Store

PayloadT = TypeVar("PayloadT")
ParamsT = TypeVar("ParamsT", bound=Optional[PersistableParams])

_Dependency = Union["Persistable[Any, Any]", Lazy[Any]]
Dependencies = Union[Iterable[_Dependency], Mapping[str, Union[_Dependency, Iterable[_Dependency], None]]]


class Persistable(StepBase, Generic[PayloadT, ParamsT]):
    """Generates a payload once, persists it under the parameters that made it, and later loads it.

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
    """The version of this step. It is part of the key: another version has another artifact."""

    persist_durability: str = "synced"
    """``"synced"``: a persisted payload is on the disk. ``"fast"``: a power cut may lose the last ones."""

    load_verification: str = "default"
    """When loaded bytes are compared with their digest: ``"always"``, ``"once_per_file"``, ``"never"``. By
    default always, but only once per file for mapped payloads."""

    lease_wait_seconds: float | None = None
    """How long to wait for another process that generates the same payload. ``None``: until it is done or dies."""

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
    """What to do if this step asks for the payload of a step that is not a dependency: `"warn"`, `"refuse"`,
    `"ignore"`."""

    unseeded: str | None = None
    """What to do if this step draws numbers from a global generator without seeding it: `"warn"`, `"ignore"`."""

    none_payload: str | None = None
    """What to do if this step returns `None`, and its annotation does not allow it: `"warn"`, `"ignore"`."""

    changed_in_place: str | None = None
    """What to do if this step changes the payload of a dependency in place: `"warn"`, `"ignore"`."""

    resources: Mapping[str, float] = MappingProxyType({})
    """What a run of this step needs of its engine, as in ``{"gpus": 1}``. It is not part of the key."""

    pickles_payload: bool = False
    """Whether a pickle of this step has the payload that is in memory, although it is persisted. A run sends none."""

    payload_io: FileIO[Any] = DefaultIO()  # type: ignore[assignment]
    """How the payload is saved and loaded. By default, each step has its own ``PickleFileIO()``."""

    is_persisted = IsPersisted()
    """Whether the payload is persisted. It reads the manifest, and not the payload.

    If the manifest is damaged, it is `False`, as the payload has to be generated again. An artifact of persistable 1.x
    counts after it was adopted, which its first load does."""

    rng = RngOfKey()
    """A NumPy generator whose seed comes from the key: equal steps draw equal numbers, in every process.

    While the step is generated, this is always the same generator. At other times it is a new one each time."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not str(cls.__module__).startswith("persistable."):
            prepare_first_load()
        if "resources" in cls.__dict__:
            from persistable._resources import checked_resources

            cls.resources = checked_resources(cls.resources, f"{cls.__qualname__}.resources")

    def __init__(
        self,
        data_dir: DataDir,
        params: ParamsT,
        tracked_persistable_dependencies: Dependencies | None = None,
        *,
        payload_name: str | None = None,
        payload_io: FileIO[Any] | None = None,
        payload_file_suffix: str = DEFAULT_SUFFIX,
        verbose: bool = False,
        logger: logging.Logger | None = None,
    ) -> None:
        """Sets the step up in a data folder. If the folder is missing, it is created with its parents.

        ``data_dir`` is a path, the URL of another place such as ``"s3://bucket/folder"``, or a ``Store``.

        A relative ``data_dir`` is resolved now, against the current folder. If the current folder changes later, the
        step and its copies still use this data folder, also in other processes.

        ``tracked_persistable_dependencies`` are the steps whose payloads this step uses. They are an iterable, or a
        dict from a name to the step or steps of that name. The order in an iterable counts. If a step is in a `Lazy`, a
        run does not generate it in advance.

        ``payload_file_suffix`` is by default the suffix of the payload IO. If that has none, it is ``".persistable"``.

        Raises ``ValueError`` for a payload name that can't be a file name, before anything is written.
        """
        if payload_name is None:
            payload_name = default_name(type(self).__name__)
        if payload_io is not None:
            self.payload_io = checked_io(payload_io)
            if payload_file_suffix is DEFAULT_SUFFIX:
                payload_file_suffix = getattr(payload_io, "format_suffix", None) or DEFAULT_SUFFIX
        found = data_dir_of(data_dir)
        self.tracked_persistable_dependencies = tracked_persistable_dependencies
        _core.open_folder(self, found, payload_name)
        self.__dict__["data_dir"] = found
        self.params = params
        self.payload_name = payload_name
        self.payload_file_suffix = str(payload_file_suffix)
        self.verbose = verbose
        if logger is not None:
            self.logger = logger

    # --- what it is -------------------------------------------------------------------------------------------------

    # These properties keep what was given under their own names.

    @property
    def tracked_persistable_dependencies(self) -> Any:
        """The steps that this one depends on, as they were given. If an iterator was given, this is a tuple."""
        return _given(self, "tracked_persistable_dependencies")

    @tracked_persistable_dependencies.setter
    def tracked_persistable_dependencies(self, dependencies: Dependencies | None) -> None:
        plain, lazy = split(dependencies, Persistable)
        self.__dict__["tracked_persistable_dependencies"] = plain
        if lazy or HANDLE in self.__dict__:  # A new step has none yet.
            _core.set_lazy(self, lazy)

    @property
    def data_dir(self) -> Any:
        """The ``Path`` of the data folder, as it was given. For a store that is not just a folder, the ``Store``.

        A relative path was resolved when it was given.
        """
        return _given(self, "data_dir")

    @data_dir.setter
    def data_dir(self, data_dir: DataDir) -> None:
        self.__dict__["data_dir"] = data_dir_of(data_dir)
        _core.note_folder(self)

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
        """Where the artifact is: the path of its files without their suffixes.

        In a store that is not a folder, artifacts have no path, and this raises a ``ValueError``.
        """
        data_dir: Path | Store = self.data_dir
        folder = data_dir if isinstance(data_dir, Path) else data_dir.path
        return folder / f"{self.payload_name}({self.persist_hash})"

    @property
    def logger(self) -> logging.Logger:
        """The logger; by default one that writes ``data_dir/{payload_name}.log``."""
        given: logging.Logger | None = self.__dict__.get("logger")
        if given is not None:
            return given
        from persistable.logging import default_logger

        return default_logger(self)

    @logger.setter
    def logger(self, logger: logging.Logger | None) -> None:
        self.__dict__["logger"] = logger

    # --- the payload ------------------------------------------------------------------------------------------------

    @property
    def payload(self) -> PayloadT:
        """The payload. If it is not in memory, ``load_generate()`` runs first.

        If the payload in memory was made for other params than the present ones, it is not used.
        """
        return _core.get_payload(self)  # type: ignore[no-any-return]

    @property
    def _payload(self) -> PayloadT | None:
        """The payload in memory, also if it was made for other params; `None` if there is none. Tests may set it."""
        return _core.in_memory(self)  # type: ignore[no-any-return]

    @_payload.setter
    def _payload(self, payload: PayloadT | None) -> None:
        _core.set_in_memory(self, payload)

    @frameless
    def generate(self, persist: bool = True, **untracked_payload_params: Any) -> None:
        """Generates and validates the payload, and keeps it in memory. Persists it, and replaces an earlier one.

        If persisting fails, the payload stays in memory. ``persist()`` and ``load_generate()`` try again.
        """
        _core.generate(self, persist, untracked_payload_params)

    @frameless
    def persist(self) -> None:
        """Persists the payload in memory. If the validator refuses it, gives an ``InvalidPayloadWarning``.

        When this returns, the payload, its params (``.params.json``, for people) and its manifest are on the disk.

        If there is no payload, raises ``NoPayloadError``, a ``ValueError``. If it can't be written, raises ``OSError``,
        and an earlier persisted payload is unchanged.
        """
        _core.persist(self)

    @frameless
    def load(self, warn_if_validation_fails: bool = False, **untracked_payload_params: Any) -> None:
        """Loads and validates the payload.

        If nothing is persisted for these parameters, raises ``MissingPayloadError``, a ``FileNotFoundError``. If the
        payload is damaged or can't be read, raises a ``PayloadError``. If the validator refuses it, raises the
        validator's error, or warns with ``warn_if_validation_fails``.
        """
        _core.load(self, warn_if_validation_fails, untracked_payload_params)

    @frameless
    def load_generate(self, **untracked_payload_params: Any) -> None:
        """Loads the payload. If it is missing or damaged, generates and persists it.

        If many threads and processes ask at once, one generates. The others wait, and then load. Threads that share a
        step load once.
        """
        _core.load_generate(self, untracked_payload_params)

    @frameless
    def validate_payload(self, payload: PayloadT | None = None) -> None:
        """Validates the given payload. If none is given, validates the payload in memory."""
        if payload is None:
            if not _core.has_in_memory(self):
                raise NoPayloadError(
                    f"there is no payload of {self.payload_name} to validate: load or generate it first"
                )
            payload = self._payload
        self._validate_payload(payload)  # type: ignore[arg-type]

    def reset_payload(self) -> None:
        """Forgets the payload in memory."""
        _core.set_in_memory(self, None)

    def remove(self) -> bool:
        """Removes the artifact of this step, also a damaged one. Returns whether there was one.

        The payload in memory is forgotten too, so the next use generates it again. If it was never persisted, it stays.

        Artifacts of other steps stay. An artifact of persistable 1.x stays too, and may be adopted later.

        The store keeps a record of when it was removed, so that ``why`` of a catalogue knows. If somebody pinned the
        artifact, it stays, and this raises a ``DeniedError``.
        """
        return _core.remove(self)

    # --- whether it is stale ----------------------------------------------------------------------------------------

    def accept_code(self) -> None:
        """Declares that the present code makes the persisted payload. Later loads give no warning about it.

        Processes that still have the earlier code are not warned either.

        If nothing is persisted, raises ``MissingPayloadError``.
        """
        _core.accept(self, "code")

    def accept_dependencies(self) -> None:
        """Declares that the present payloads of the dependencies make the persisted payload."""
        _core.accept(self, "dependencies")

    def accept_inputs(self) -> None:
        """Declares that the present files that the params name make the persisted payload."""
        _core.accept(self, "inputs")

    def reproduce(self, **options: Any) -> Reproduction:
        """Generates the payload again in a new process, and compares it with the persisted payload.

        Nothing is persisted. ``persistable.reproduce`` lists the options. Other arguments are untracked params.
        """
        from persistable._reproduce import reproduce

        return reproduce(self, **options)

    def explain(self) -> Explanation:
        """Shows what identifies this step, which of your code it uses, and what changed since it was persisted.

        Nothing is loaded or generated. In a notebook it shows as a table.
        """
        from persistable._explanation import Explanation

        return Explanation(*_core.explain(self))

    # --- what a user overrides --------------------------------------------------------------------------------------

    def _generate_payload(self, **untracked_payload_params: Any) -> PayloadT:
        """Returns the payload. Untracked params are not part of the key, such as a number of threads or a device."""
        raise ExplainedNotImplementedError("_generate_payload")

    def _validate_payload(self, payload: PayloadT) -> None:
        """Raises ``InvalidPayloadError`` if the payload is wrong. Runs after each generation and each load."""

    def _post_generate(self, **untracked_payload_params: Any) -> None:
        """Runs after the payload was generated. An override may take no arguments."""

    def _post_load(self, **untracked_payload_params: Any) -> None:
        """Runs after the payload was loaded. An override may take no arguments."""

    # --- how it is copied and shows ---------------------------------------------------------------------------------

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        reduced = with_handle(super().__reduce_ex__(protocol))
        if not self.__dict__.get("tracked_persistable_dependencies"):
            return reduced
        from persistable._deep import After, steps_before

        first = steps_before(self)
        return with_handle(reduced, lambda handle: After(first, handle)) if first else reduced

    def __repr__(self) -> str:
        from persistable._repr import shown_step

        return shown_step(self)

    def _repr_html_(self) -> str:
        from persistable._table import html_of

        return html_of(self)


# A function of the core in place of the one that calls it: a frame of Python's takes time at each use of a payload.
Persistable.payload = property(_core.get_payload, doc=Persistable.payload.__doc__)  # type: ignore[method-assign, assignment]
_core.note_own_methods({name: vars(Persistable)[name] for name in ("load", "generate", "persist", "load_generate")})


def _given(step: Persistable[Any, Any], name: str) -> Any:
    try:
        return step.__dict__[name]
    except KeyError:
        raise AttributeError(
            f"{type(step).__name__} has no {name} yet: call super().__init__(data_dir, params, dependencies) first"
        ) from None
