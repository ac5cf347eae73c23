"""Pickles: the payload IO for any Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from persistable.io._file_io import PayloadTypeT
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from persistable.io._map import Buffer

_read_pickle: Callable[[Any], Any] | None = None
_write_pickle: Callable[[Any, Writer], None] | None = None


def _import_reading() -> Callable[[Any], Any]:
    # A statement that imports takes a tenth of the time that a small payload takes, each time.
    global _read_pickle
    from persistable.io._pickle_reading import read

    _read_pickle = read
    return read


def _import_writing() -> Callable[[Any, Writer], None]:
    global _write_pickle
    from persistable.io._pickle_container import write

    _write_pickle = write
    return write


class PickleFileIO(StreamedFileIO[PayloadTypeT]):
    """Stores any Python object that can be pickled. This is the default payload IO.

    The memory of arrays and frames is written behind the pickle stream, without a copy. When it is loaded, the file is
    mapped. So arrays inside any object are available immediately, whatever their size. You may write to them: the file
    does not change. If cloudpickle is installed, classes and functions of `__main__`, lambdas and closures are stored
    too.

    When a payload is loaded, its classes are looked up by name. A class of `__main__` is looked up in the program that
    loads. If that program has no such class, the class is rebuilt from the pickle.

    # Trust

    Loading a pickle runs code. So an artifact of another account is refused with `UntrustedPayloadError`. Your own are
    signed with the key of your account, and are loaded wherever a copy of them lies. An artifact of another account is
    loaded if `trust` is true, or if it was signed with the same `signing_key`. That is a secret that a team shares. By
    default, it is the environment variable `PERSISTABLE_SIGNING_KEY`. `persistable.trust` looks at the artifacts of
    others, and signs them for you.

    An artifact of persistable 1.x does not say where it was written. It is loaded if it belongs to this account, and if
    others can't write to it. This is also true for the files of an archive that you unpacked. The log has a warning for
    each. If you use a signing key, artifacts of 1.x are loaded only if `trust` is true.

    If you call `load` yourself, with a path, it trusts the file.
    """

    format_name = "pickle"
    loading_runs_code = True

    def __init__(self, trust: bool = False, signing_key: str | None = None) -> None:
        """Takes whom to trust."""
        # What is the default is the class's.
        if trust:
            self.trust = trust
        if signing_key is not None:
            if not isinstance(signing_key, str):
                raise TypeError(f"signing_key is a str, not an object of type {type(signing_key).__qualname__}")
            if not signing_key.strip():
                raise ValueError("signing_key is empty: anybody could sign with it")
            self.signing_key = signing_key

    def __repr__(self) -> str:
        """Shows what was given, but not the secret."""
        given = ["trust=True"] if self.trust else []
        if self.signing_key is not None:
            given.append("signing_key=…")
        return f"{type(self).__name__}({', '.join(given)})"

    def _write(self, payload: PayloadTypeT, writer: Writer) -> None:
        (_write_pickle or _import_writing())(payload, writer)

    def _read(self, buffer: Buffer) -> PayloadTypeT:
        payload: PayloadTypeT = (_read_pickle or _import_reading())(buffer)
        return payload
