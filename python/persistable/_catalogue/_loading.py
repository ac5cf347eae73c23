"""Loading a payload that is known by its manifest, without the code of its step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable import _core
from persistable._persistable import Persistable

if TYPE_CHECKING:
    from persistable._store import Store
    from persistable.io import FileIO

__all__ = ["load"]


class _StepOfKey(Persistable[Any, None]):
    """A step of which only its name and its key are known."""

    code_change = "ignore"
    input_change = "ignore"
    dependency_change = "ignore"


def load(store: Store, manifest: dict[str, Any], payload_io: FileIO[Any] | None) -> Any:
    """Loads the payload of a manifest."""
    name, key = manifest["payload_name"], manifest["key"]
    if payload_io is None:
        payload_io = _io_of(manifest["payload"]["io"], name)
    step = _StepOfKey(store, None, payload_name=name, payload_io=payload_io)
    params_digest = manifest.get("params_digest")
    _core.freeze_as_key(step, name, key, bytes.fromhex(params_digest) if params_digest else bytes(32))
    step.load()
    return step.payload


def _io_of(format_name: str, payload_name: str) -> FileIO[Any]:
    """Returns the payload IO of a format's name, as manifests have it."""
    from persistable import io

    inner, _, compressed = format_name.partition("+")
    ready = [getattr(io, name) for name in io.__all__ if name.endswith("FileIO") and name != "FileIO"]
    kind = next((kind for kind in ready if kind.format_name == inner), None)
    if kind is None or compressed not in ("", "zstd"):
        raise TypeError(
            f"{payload_name} was persisted by the payload IO {format_name}, which is none of this package: "
            "pass it, as in entry.load(payload_io=MyFileIO())"
        )
    made: FileIO[Any] = kind()
    return io.ZstdFileIO(made) if compressed else made
