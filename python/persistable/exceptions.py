"""What can go wrong, grouped by what a caller would do about it.

Every error is a `PersistableError`, and also the built-in exception that fits: code that catches `FileNotFoundError` or
`ValueError` catches it too. The attribute `kind` is stable across versions and the same as in Rust.
"""

from __future__ import annotations

import errno
from typing import Any, ClassVar

__all__ = [
    "BusyError",
    "ChangedInPlaceWarning",
    "CodeChangedWarning",
    "ConflictingStepsError",
    "DamagedPayloadError",
    "DeniedError",
    "DependencyChangedWarning",
    "ExplainedNotImplementedError",
    "FilterError",
    "FullError",
    "GenerationError",
    "IncompatiblePayloadError",
    "InputChangedWarning",
    "InputError",
    "InterruptedWaitError",
    "InvalidNameError",
    "InvalidOptionError",
    "InvalidPayloadError",
    "InvalidPayloadWarning",
    "MissingInputError",
    "MissingPayloadError",
    "NoArtifactError",
    "NoPayloadError",
    "NonePayloadWarning",
    "NotCachedWarning",
    "NotFetchedError",
    "OutdatedPayloadError",
    "ParamsChangedWarning",
    "PayloadError",
    "PersistableError",
    "ReproductionError",
    "SavingError",
    "StalePayloadWarning",
    "UnavailableError",
    "UndeclaredDependencyError",
    "UndeclaredDependencyWarning",
    "UnpersistablePayloadError",
    "UnseededRandomnessWarning",
    "UnsupportedParameterError",
    "UntrustedPayloadError",
]


class PersistableError(Exception):
    """The root of all errors of this package."""

    kind: ClassVar[str] = "other"
    """A word for the sort of failure. It stays the same in later versions."""

    _errno: ClassVar[int | None] = None

    step: str | None = None
    """The step that failed, as it is shown to people."""
    key: str | None = None
    """The step's key in hex, if it was known."""
    operation: str | None = None
    """What was being done: load, generate, persist, …"""
    is_retryable: bool = False
    """Whether the same call may succeed later."""

    def __init__(self, *args: Any) -> None:
        """Takes the message, like any exception."""
        super().__init__(*args)
        # `errno` lies outside of `__dict__`, so that unpickling must come through here to have it again.
        if self._errno is not None:
            error: Any = self
            error.errno = self._errno


class PayloadError(PersistableError):
    """Something is wrong with a payload, or there is none."""

    kind = "payload"


class MissingPayloadError(PayloadError, FileNotFoundError):
    """Nothing is persisted for these parameters: generate it."""

    kind = "missing"
    _errno = errno.ENOENT


class DamagedPayloadError(PayloadError, OSError):
    """The stored files were changed or cut off. If the store can be written to, they are moved to quarantine."""

    kind = "damaged"


class InvalidPayloadError(PayloadError, ValueError):
    """The validator refuses the payload. Validators of users raise it."""

    kind = "invalid_payload"


class NoPayloadError(PayloadError, ValueError):
    """There is no payload in memory to persist or to validate."""

    kind = "no_payload"


class IncompatiblePayloadError(PayloadError, ValueError):
    """The artifact is whole, but another payload IO or a newer version of this package wrote it."""

    kind = "incompatible"


class OutdatedPayloadError(PayloadError, ValueError):
    """Other code, inputs or params than the present ones made the payload, and it is refused."""

    kind = "outdated"


class UntrustedPayloadError(PayloadError, PermissionError):
    """Loading the artifact would run code that this account did not write and does not trust."""

    kind = "untrusted"
    _errno = errno.EPERM


class UnsupportedParameterError(PersistableError, TypeError, ValueError):
    """A parameter cannot be identified by content; the message names its path and what to do."""

    kind = "unsupported_parameter"


class InputError(PersistableError, ValueError):
    """A file can't be an input, or its content differs from the pinned digest. The message says what to do."""

    kind = "input"


class MissingInputError(InputError, FileNotFoundError):
    """An input file or folder is not there: correct the path, or create it."""

    # Some libraries that rebuild an error ask for this by name. `ValueError`, which comes first, would refuse.
    __new__ = FileNotFoundError.__new__  # type: ignore[assignment]
    kind = "missing_input"
    _errno = errno.ENOENT


class InvalidNameError(PersistableError, ValueError):
    """The payload name or the suffix cannot be part of a file name."""

    kind = "invalid_name"


class InvalidOptionError(PersistableError, ValueError):
    """The URL of a store or one of its options is wrong: correct the call."""

    kind = "invalid_option"


class ConflictingStepsError(PersistableError, ValueError):
    """Two different steps of this process would share one artifact. Give one of them another payload name."""

    kind = "conflict"


class UndeclaredDependencyError(PersistableError, ValueError):
    """A step asked for the payload of a step that is not among its dependencies, and the settings refuse that."""

    kind = "undeclared"


class GenerationError(PersistableError, RuntimeError):
    """Generating failed, but not by an exception of your code. Your exceptions are raised unchanged."""

    kind = "generation"


class SavingError(PersistableError, OSError):
    """The payload IO could not write the payload; its error is the cause."""

    kind = "encoding"


class UnpersistablePayloadError(SavingError, TypeError):
    """The payload can be read only once, or only refers to data outside of this process. Nothing was persisted.

    The message names the part of the payload, and what to return instead. The payload stays in memory. If a payload IO
    of yours stores such payloads completely, set `takes_lazy_payloads = True` on it.
    """

    kind = "unpersistable"


class BusyError(PersistableError, TimeoutError):
    """Another thread or process is generating this artifact, and waiting longer is not allowed."""

    kind = "busy"
    _errno = errno.EAGAIN


class InterruptedWaitError(PersistableError, InterruptedError):
    """The wait for another process or thread was interrupted."""

    kind = "interrupted"
    _errno = errno.EINTR


class DeniedError(PersistableError, PermissionError):
    """The account lacks a permission, or the store is read-only."""

    kind = "denied"
    _errno = errno.EACCES


class FullError(PersistableError, OSError):
    """There is no room left, or a quota is used up."""

    kind = "full"
    _errno = errno.ENOSPC


class UnavailableError(PersistableError, OSError):
    """The store cannot be reached or failed; the cause says how."""

    kind = "unavailable"
    _errno = errno.EIO


class NotFetchedError(UnavailableError):
    """In place of the artifact is a symbolic link, and a tool such as git-annex or DVC has not fetched its content.

    The message says what to run. Nothing is generated, and nothing changes: the payload exists, only elsewhere. To
    replace the link by a new payload, call `generate()`.
    """

    kind = "not_fetched"


class ExplainedNotImplementedError(PersistableError, NotImplementedError):
    """A method that a subclass must override was called without being overridden."""

    kind = "not_implemented"

    def __init__(self, method_name: str) -> None:
        """Takes the method's name; the message tells what to do."""
        super().__init__(method_name)
        self.method_name = method_name

    def __str__(self) -> str:
        return f"`{self.method_name}` is not implemented: define it in a subclass"


class FilterError(PersistableError, ValueError):
    """A filter of a catalogue can't be understood, or names a param that no artifact has. The message points at it."""

    kind = "filter"


class NoArtifactError(PersistableError, LookupError):
    """A catalogue has no artifact of this key or step. Or several match: then write more of the key."""

    kind = "no_artifact"


class ReproductionError(PersistableError, RuntimeError):
    """A payload could not be generated again elsewhere. The message has the traceback of the process that tried."""

    kind = "reproduction"

    def __init__(self, *args: Any, output: str = "") -> None:
        """Takes the message, and what that process printed."""
        super().__init__(*args)
        self.output = output


class InvalidPayloadWarning(UserWarning):
    """The validator refuses a payload, but it was loaded or persisted nevertheless."""


class NotCachedWarning(UserWarning):
    """A function of scikit-learn ran without the store, since one of its arguments can't be identified."""


class StalePayloadWarning(UserWarning):
    """The root of all warnings about payloads that the present code and inputs may not make.

    `warnings.simplefilter("error", StalePayloadWarning)` turns all of them into errors, for example in CI.
    """


class CodeChangedWarning(StalePayloadWarning):
    """Other code than the present one made the payload that was loaded."""


class InputChangedWarning(StalePayloadWarning):
    """A file that a param names has other content now than when the payload was generated."""


class DependencyChangedWarning(StalePayloadWarning):
    """A dependency has another payload now than the one that the loaded payload was made from."""


class UndeclaredDependencyWarning(StalePayloadWarning):
    """A step asked for the payload of a step that is not among its dependencies. So its key does not have that step."""


class NonePayloadWarning(StalePayloadWarning):
    """A step generated `None`, and nothing says that it may: did it forget its `return`?"""


class UnseededRandomnessWarning(StalePayloadWarning):
    """A step drew numbers from a global generator that it did not seed: another run gives another payload."""


class ChangedInPlaceWarning(StalePayloadWarning):
    """A step changed the payload of a dependency in place. So other code gets the changed payload."""


class ParamsChangedWarning(StalePayloadWarning):
    """A param changed while the payload was being generated. The payload belongs to the value that it had before."""


_BY_KIND: dict[str, type[PersistableError]] = {
    error.kind: error
    for error in (
        MissingPayloadError,
        DamagedPayloadError,
        InvalidPayloadError,
        NoPayloadError,
        UnsupportedParameterError,
        MissingInputError,
        InputError,
        InvalidNameError,
        InvalidOptionError,
        ConflictingStepsError,
        UndeclaredDependencyError,
        GenerationError,
        SavingError,
        IncompatiblePayloadError,
        OutdatedPayloadError,
        UntrustedPayloadError,
        BusyError,
        InterruptedWaitError,
        DeniedError,
        FullError,
        UnavailableError,
        NotFetchedError,
    )
}


def error_of_kind(kind: str) -> type[PersistableError]:
    """Returns the class of a kind of the Rust core; the root for a kind that is not known here."""
    return _BY_KIND.get(kind, PersistableError)
