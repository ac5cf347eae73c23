"""What the payload IOs of this package say of files that they can't read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from persistable.exceptions import IncompatiblePayloadError


def unreadable(format_name: str, why: object) -> IncompatiblePayloadError:
    """Returns the error for a file that is not what the payload IO writes."""
    from persistable.exceptions import IncompatiblePayloadError

    return IncompatiblePayloadError(f"the file can't be read as {format_name}: {why}")


@contextmanager
def reading(format_name: str, file: memoryview) -> Iterator[None]:
    """Makes an `IncompatiblePayloadError` of what goes wrong while the bytes of a file are decoded, of which there have
    to be some.

    What says nothing about the file passes: a missing package, no memory, a failing disk.
    """
    from persistable.exceptions import PersistableError

    if not file:
        raise unreadable(format_name, "it is empty")
    try:
        yield
    except (PersistableError, ImportError, MemoryError):
        raise
    except OSError as error:
        # pyarrow raises OSError, without any number of the system, for files that are not of the format.
        if error.errno is not None:
            raise
        raise unreadable(format_name, error) from error
    except Exception as error:
        raise unreadable(format_name, f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        # What polars, which is written in Rust, raises for some files that contradict themselves. It can't be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(format_name, f"it contradicts itself, {error}") from error
