"""`reproduce()`: generates a payload again elsewhere, and compares it with the one that is persisted."""

from __future__ import annotations

import copy
import dataclasses
import filecmp
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from persistable import _core
from persistable._almost_equal import Tolerance
from persistable._audit._lineage import changed_dependencies
from persistable._persistable import Persistable
from persistable._reproduce import _elsewhere, _process
from persistable._reproduce._changes import is_unchanged, stale_below
from persistable._reproduce._compare import compare
from persistable._reproduce._reproduction import IDENTICAL, Reproduction
from persistable._reproduce._transfer import pack, settled
from persistable._steps import refuse_all_but_steps
from persistable.exceptions import DeniedError, MissingPayloadError, ReproductionError

__all__ = ["reproduce"]


def reproduce(
    step: Persistable[Any, Any],
    /,
    *,
    accept: bool = True,
    keep: Iterable[str] = (),
    timeout_seconds: float | None = None,
    relative_tolerance: float = 1e-6,
    absolute_tolerance: float = 1e-9,
    **untracked_payload_params: Any,
) -> Reproduction:
    """Generates a step's payload again in a new process, and compares it with the persisted payload.

    ```python
    print(persistable.reproduce(model)) # model(5f1e…): close (the same except for rounding), generated again in 12.3 s
    #   largest absolute error 3.6e-15, largest relative error 2.2e-16 #   .coefficients[17]: 0.12 and
    0.12000000000000001 (3 of 40 elements) #   If that is close enough, call accept_code() on the step.
    ```

    The other process has another hash seed, working directory, time zone, number of threads and state of the global
    random generators. Dependencies are loaded, and never generated. Nothing is persisted, and no log is written. The
    hook `_post_generate` of the step does not run. In the meantime, the new payload is in the folder for temporary
    files (`TMPDIR`). If the files of the two payloads differ, both payloads are loaded into memory.

    - `accept`: if the payload is identical or equal, accepts the present code, dependencies and inputs. Then later
      loads do not warn about them.
    - `keep`: what is the same as in this process: `"hash_seed"`, `"cwd"`, `"time_zone"`, `"threads"`, `"random"`. With
      it you find out on which of them a payload depends.
    - `timeout_seconds`: after this time, the other process is ended, and a `ReproductionError` is raised.
    - `relative_tolerance`, `absolute_tolerance`: numbers are close if their difference is at most the absolute
      tolerance plus the relative tolerance times the persisted number. Rounding in the last six bits of an array's
      numbers is always close.
    - Other arguments are untracked params, as `generate()` takes them.

    The step's own module is imported there. A script is imported, too, if it has `if __name__ == "__main__"`. Code of
    other scripts, of notebooks, and inside functions is sent to the process, with the present values of the globals
    that it uses. This needs cloudpickle.

    If the step or a dependency is not persisted, raises `MissingPayloadError`. If the payload can't be generated,
    raises `ReproductionError`. Its message has the traceback of the other process, and `output` has what the process
    printed.
    """
    refuse_all_but_steps(step, "reproduce")
    kept = _checked_keep(keep)
    if os.environ.get(_elsewhere.IS_REPRODUCING):
        raise ReproductionError(
            "reproduce() was called while another process reproduces a step: put the main part of the script below "
            'if __name__ == "__main__":'
        )
    manifest = _manifest_of(step)
    shown = f"{step.payload_name}({step.persist_hash})"
    parcel = pack(step, untracked_payload_params)
    with tempfile.TemporaryDirectory(prefix="persistable-") as name:
        found = _process.run(shown, parcel, Path(name), step.payload_file_suffix, kept, timeout_seconds)
        compared: dict[str, Any] = {"verdict": IDENTICAL}
        folder = _core.folder_of(step)
        if folder is None:
            is_identical = _has_digests(manifest["payload"], found.path)
        else:
            is_identical = _is_identical(Path(folder) / manifest["payload"]["file"], found.path)
        if not is_identical:
            tolerance = Tolerance(relative_tolerance, absolute_tolerance)
            comparison = compare(_persisted(step), step.payload_io.load(found.path), tolerance)
            compared = {
                "verdict": comparison.verdict,
                "differences": comparison.differences,
                "largest_absolute_error": comparison.largest_absolute,
                "largest_relative_error": comparison.largest_relative,
                "not_comparable": tuple(comparison.not_comparable),
            }
    if _manifest_of(step)["commit_id"] != manifest["commit_id"]:
        raise ReproductionError(f"{shown} was replaced while it was reproduced: try again")
    reproduction = Reproduction(
        step=shown,
        seconds=found.seconds,
        persisted_seconds=manifest["provenance"].get("generation_seconds"),
        output=found.output,
        notes=(*changed_dependencies(step), *stale_below(step)),
        is_unchanged=is_unchanged(step),
        **compared,
    )
    return _accepted(step, reproduction) if accept and reproduction.is_same else reproduction


def _accepted(step: Persistable[Any, Any], reproduction: Reproduction) -> Reproduction:
    try:
        step.accept_code()
        step.accept_dependencies()
        step.accept_inputs()
    except DeniedError as error:  # Of a store that can only be read.
        note = f"The present code could not be accepted: {error}"
        return dataclasses.replace(reproduction, notes=(*reproduction.notes, note))
    return dataclasses.replace(reproduction, is_accepted=True)


def _checked_keep(keep: Iterable[str]) -> frozenset[str]:
    kept = frozenset({keep} if isinstance(keep, str) else keep)
    unknown = sorted(kept - set(_elsewhere.KINDS))
    if unknown:
        raise ValueError(f"keep takes {', '.join(map(repr, _elsewhere.KINDS))}, not {unknown[0]!r}")
    return kept


def _manifest_of(step: Persistable[Any, Any]) -> dict[str, Any]:
    text = _core.manifest(step)
    if text is None:
        raise MissingPayloadError(
            f"nothing is persisted for {step!r}, so there is nothing to compare with: call generate() first"
        )
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def _persisted(step: Persistable[Any, Any]) -> Any:
    """Loads the payload that is persisted, and leaves alone what the step has in memory."""
    reader = copy.copy(step)
    reader.reset_payload()
    for name, value in settled(step).items():
        setattr(reader, name, value)
    reader._post_load = lambda **_: None  # type: ignore[method-assign]
    _core.load(reader, True, {})
    return reader._payload


def _is_identical(persisted: Path, generated: Path) -> bool:
    if not generated.is_dir():
        return persisted.is_file() and filecmp.cmp(persisted, generated, shallow=False)
    names = [sorted(str(path.relative_to(root)) for path in root.rglob("*")) for root in (persisted, generated)]
    if not persisted.is_dir() or names[0] != names[1]:
        return False
    files = [name for name in names[1] if (generated / name).is_file()]
    return all(filecmp.cmp(persisted / name, generated / name, shallow=False) for name in files)


def _has_digests(persisted: dict[str, Any], generated: Path) -> bool:
    """Tells whether a payload is the same as one that is not in a folder."""
    files = persisted.get("files")
    if files is None:
        return generated.is_file() and _core.file_digest(generated) == persisted["digest"]
    if not generated.is_dir():
        return False
    found = {path.relative_to(generated).as_posix(): path for path in generated.rglob("*") if path.is_file()}
    return found.keys() == {file["path"] for file in files} and all(
        _core.file_digest(found[file["path"]]) == file["digest"] for file in files
    )
