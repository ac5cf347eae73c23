"""What the other process does: it generates one payload, and persists nothing."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from persistable import _adoption, _core
from persistable._main_script import import_main
from persistable._persistable import Persistable
from persistable._tree import dependencies_of
from persistable.exceptions import MissingPayloadError, ReproductionError, StalePayloadWarning

# Another state of the global generators than any program has by chance.
_SEED = 20261128


def main(folder_name: str) -> None:
    """Generates the payload of the step in the folder, and leaves it there, with what became of it."""
    folder = Path(folder_name)
    missing: list[str] = []
    result: dict[str, Any] = {"missing": missing}
    try:
        result["seconds"] = _generate(folder, json.loads((folder / "request.json").read_text()), missing)
    except BaseException as error:
        result["error"] = f"{type(error).__name__}: {error}"
        result["traceback"] = traceback.format_exc()
        result["is_file_missing"] = isinstance(error, FileNotFoundError)
    draft = folder / "result.draft"
    draft.write_text(json.dumps(result))
    draft.rename(folder / "result.json")


def _generate(folder: Path, request: dict[str, Any], missing: list[str]) -> float:
    import pickle

    sys.argv = request["argv"]
    warnings.simplefilter("ignore", StalePayloadWarning)
    generate = _persist_nothing(missing)
    if request["main"] is not None:
        import_main(request["main"])
    contents = pickle.loads((folder / "step.pickle").read_bytes())
    # So that payloads of classes of a notebook are of the very classes that the step knows.
    vars(sys.modules["__main__"]).update(contents["definitions"])
    step = contents["step"]
    _keep_silent(step)
    key = _core.full_key(step)
    if key != request["key"]:
        raise ReproductionError(
            f"its key is {key} in a new process, not {request['key']}: a param has another value there"
        )
    if request["seeds_random"]:
        _seed()
    begin = time.perf_counter()
    if type(step).generate is Persistable.generate:
        step._post_generate = lambda **_: None  # Without the step's hooks, which may tell others of it.
        generate(step, False, contents["untracked"])
    else:
        step.generate(persist=False, **contents["untracked"])
    seconds = time.perf_counter() - begin
    if not missing:
        step.payload_io.save(step._payload, Path(request["payload"]))
    return seconds


def _persist_nothing(missing: list[str]) -> Any:
    """Makes every step of this process load what is persisted, and do nothing else; returns what generates."""
    core: Any = _core
    generate = core.generate

    def refuse(step: Any, *_: Any) -> None:
        missing.append(repr(step))
        raise MissingPayloadError(f"{step!r} is not persisted")

    def load_only(step: Any, **untracked: Any) -> None:
        try:
            core.load(step, False, untracked)
        except MissingPayloadError:
            refuse(step)

    def generate_unpersisted(step: Any, persist: bool, untracked: dict[str, Any]) -> None:
        if persist:
            refuse(step)
        generate(step, False, untracked)

    core.generate = generate_unpersisted
    # Of the class, and not of the core: a payload that is asked for comes from the core's own unless it is overridden.
    Persistable.load_generate = load_only  # type: ignore[method-assign, assignment]
    _adoption.find = lambda *_: None
    core.persist = core.accept = lambda *_: None
    return generate


def _keep_silent(step: Persistable[Any, Any]) -> None:
    """Keeps what this process does out of the logs of the steps."""
    silent = logging.getLogger("persistable.reproduce")
    silent.addHandler(logging.NullHandler())
    silent.setLevel(logging.CRITICAL)
    silent.propagate = False
    seen: set[int] = set()
    pending = [step]
    while pending:
        current = pending.pop()
        if id(current) not in seen:
            seen.add(id(current))
            current.logger = silent
            pending.extend(dependencies_of(current))


def _seed() -> None:
    import random

    random.seed(_SEED)
    for name in ("numpy", "torch"):
        module = sys.modules.get(name)
        if module is None:
            continue
        # An old version may have no such function.
        with contextlib.suppress(Exception):
            (module.random.seed if name == "numpy" else module.manual_seed)(_SEED)
