"""Pickles: the payload IO for any Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from persistable.io._file_io import PayloadTypeT
from persistable.io._streamed import StreamedFileIO, Writer

if TYPE_CHECKING:
    from persistable.io._map import Buffer

_read_pickle: Callable[[Any], Any] | None = None


def _import_reading() -> Callable[[Any], Any]:
    # A statement that imports takes a tenth of the time that a small payload takes, each time.
    global _read_pickle
    from persistable.io._pickle_reading import read

    _read_pickle = read
    return read


class PickleFileIO(StreamedFileIO[PayloadTypeT]):
    """Keeps any Python object that pickle can keep. The default.

    The memory of arrays and frames is written raw behind the pickle stream, without a copy, and the file is mapped on
    load: arrays inside any object come back at once and writable, whatever their size, and writing to them changes no
    file. With cloudpickle installed, classes and functions of `__main__`, lambdas and closures are kept too.

    A class is looked up by its name on load; one of `__main__` in the program that runs then, and only if that has
    none, it is rebuilt as it was.

    # Trust

    Loading a pickle runs code. An artifact that was copied to where it lies, that another account wrote, or that others
    may write to is refused with `UntrustedPayloadError`, unless it was signed with the same `signing_key` (a secret
    that a team shares, by default the environment variable `PERSISTABLE_SIGNING_KEY`), or `trust` is true.

    Not refused is an artifact of persistable 1.x that belongs to this account and that others can't write to. Nothing
    in it tells where it was written: of an archive that was unpacked here, all files belong to this account. Each one
    that is adopted is logged as a warning. With a signing key, none is, unless `trust` is true.

    Called by itself, with a path, `load` trusts what lies there.
    """

    format_name = "pickle"
    loading_runs_code = True

    def __init__(self, trust: bool = False, signing_key: str | None = None) -> None:
        """Takes whom to trust."""
        # What is the default is the class's.
        if trust:
            self.trust = trust
        if signing_key is not None:
            self.signing_key = signing_key

    def __repr__(self) -> str:
        """Shows what was given, but not the secret."""
        given = ["trust=True"] if self.trust else []
        if self.signing_key is not None:
            given.append("signing_key=…")
        return f"{type(self).__name__}({', '.join(given)})"

    def _write(self, payload: PayloadTypeT, writer: Writer) -> None:
        from persistable.io._pickle_container import write

        write(payload, writer)

    def _read(self, buffer: Buffer) -> PayloadTypeT:
        payload: PayloadTypeT = (_read_pickle or _import_reading())(buffer)
        return payload
