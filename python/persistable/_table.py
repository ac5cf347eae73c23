"""A step as a small HTML table, for notebooks."""

from __future__ import annotations

import reprlib
from html import escape
from typing import TYPE_CHECKING, Any

from persistable import _core
from persistable._core import shown_duration, shown_size
from persistable._html import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]

_LONGEST = 120


def html_of(step: Step) -> str:
    """Returns the table. Never raises, generates or loads."""
    try:
        return table(type(step).__qualname__, [(name, [value]) for name, value in _cells(step)])
    except Exception:
        return f"<pre>{escape(object.__repr__(step))}</pre>"


def _cells(step: Step) -> Iterator[tuple[str, str]]:
    yield "name", step.payload_name
    yield "key", _tried(lambda: step.persist_hash)
    yield "params", _tried(lambda: _params(step))
    dependencies = _tried(lambda: _dependencies(step))
    if dependencies:
        yield "depends on", dependencies
    manifest, state = _manifest(step)
    yield "state", ", ".join(part for part in (_in_memory(step), state) if part)
    if manifest is None:
        return
    payload, provenance = manifest.get("payload", {}), manifest.get("provenance", {})
    if "size_bytes" in payload:
        yield "size", shown_size(payload["size_bytes"])
    if provenance.get("persisted_at"):
        yield "persisted", str(provenance["persisted_at"]).replace("T", " ").replace("Z", " UTC")
    if provenance.get("generation_seconds") is not None:
        yield "generated in", shown_duration(float(provenance["generation_seconds"]))
    if "file" in payload:
        yield "file", f"{_folder_of(step)}/{payload['file']}"


def _folder_of(step: Persistable[Any, Any]) -> str:
    folder = _core.folder_of(step)
    return step.data_dir.location if folder is None else folder


def _tried(function: Any) -> str:
    try:
        return str(function())
    except Exception as error:
        return f"not known: {_shortened(str(error))}"


def _params(step: Step) -> str:
    from persistable._tree import own_params

    return ", ".join(f"{name} = {_shown(value)}" for name, value in own_params(step).items())


def _shown(value: Any) -> str:
    shortening = reprlib.Repr()
    shortening.maxstring = shortening.maxother = _LONGEST // 2
    return _shortened(" ".join(shortening.repr(value).split()))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _dependencies(step: Step) -> str:
    from itertools import islice

    from persistable._tree import dependencies_of

    names = [dependency.payload_name for dependency in islice(dependencies_of(step), 11)]
    return ", ".join(names[:10] + ["…"][: len(names) - 10 if len(names) > 10 else 0])


def _manifest(step: Step) -> tuple[dict[str, Any] | None, str]:
    import json

    from persistable import _core
    from persistable.exceptions import DamagedPayloadError

    try:
        text = _core.manifest(step)
        if text is None:
            return None, "missing" if not _in_memory(step) else "not persisted"
        return json.loads(text), "persisted"
    except DamagedPayloadError:
        return None, "damaged"
    except Exception as error:
        return None, f"not known whether persisted: {_shortened(str(error))}"


def _in_memory(step: Step) -> str:
    if not _core.has_in_memory(step):
        return ""
    try:
        return "in memory" if _core.is_in_memory_current(step) else "in memory, for other params"
    except Exception:
        return "in memory"
