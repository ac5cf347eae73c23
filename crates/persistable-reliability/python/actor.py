"""The actor in Python: a process that does one thing to a data folder, and says what came of it.

`src/actor.rs` says what, and does the same.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams
from persistable.io import BytesFileIO, FileIO, PickleFileIO

_BLOCK = 4096
_FILES = {
    "file": {"": 200},
    "large": {"": 24 << 20},
    "folder": {"a": 100, "b.txt": 9000, "sub/c": 300},
    "pickle": {"": 8 << 20},
}


def content(shape: str, path: str, n: int, generation: str) -> bytes:
    """Returns what a file of the payload holds."""
    label = f"{shape}/{path}" if path else shape
    size = _FILES[shape].get(path, 0)
    blocks = []
    for number in range(-(-size // _BLOCK)):
        line = f"{label} {n} {generation} {number}\n".encode()
        blocks.append((line * (_BLOCK // len(line) + 1))[:_BLOCK])
    return b"".join(blocks)[:size]


def files_of(shape: str, n: int, generation: str) -> dict[str, bytes]:
    """Returns the files of a payload by their path, which is "" for one that is a file itself."""
    return {path: content(shape, path, n, generation) for path in _FILES[shape]}


def generation_of(shape: str, n: int, files: dict[str, bytes]) -> str:
    """Returns which generation a payload is of; raises `AssertionError` where it is not wholly of one."""
    words = next(iter(files.values()), b"").split(b"\n")[0].split(b" ")
    generation = words[2].decode(errors="replace") if len(words) > 2 else "unknown"
    if files != files_of(shape, n, generation):
        raise AssertionError(f"it begins as {generation} and is not, or has other files: {sorted(files)}")
    return generation


@dataclass
class Params(PersistableParams):
    n: int


class FolderIO(FileIO[dict[str, bytes]]):
    """Writes a folder by its path."""

    format_name = "reliability-folder"
    format_suffix = ".files"

    def _save(self, payload: dict[str, bytes], filepath: Path, **kwargs: Any) -> None:
        for path, data in payload.items():
            (filepath / path).parent.mkdir(parents=True, exist_ok=True)
            with (filepath / path).open("xb") as file:
                file.write(data)

    def _load(self, filepath: Path, **kwargs: Any) -> dict[str, bytes]:
        return {str(path.relative_to(filepath)): path.read_bytes() for path in filepath.rglob("*") if path.is_file()}


_IOS: dict[str, type[FileIO[Any]]] = {
    "file": BytesFileIO,
    "large": BytesFileIO,
    "folder": FolderIO,
    "pickle": PickleFileIO,
}


class Step(Persistable[Any, Params]):
    """Generates a payload of a shape; `shape` is its payload name."""

    is_loaded = False

    def _generate_payload(self, generation: str = "unknown", holds: bool = False, **_: Any) -> Any:
        if holds:
            hold_on()
        files = files_of(self.payload_name, self.params.n, generation)
        if self.payload_name == "pickle":
            import numpy as np

            return {"n": self.params.n, "array": np.frombuffer(files[""], np.uint8)}
        return files if self.payload_name == "folder" else files[""]

    def _post_load(self, **_: Any) -> None:
        self.is_loaded = True

    def files(self) -> dict[str, bytes]:
        """Returns the payload's files by their path."""
        if self.payload_name == "folder":
            return self.payload  # type: ignore[no-any-return]
        if self.payload_name == "pickle":
            if self.payload["n"] != self.params.n:
                raise AssertionError(f"it is of {self.payload['n']}")
            return {"": self.payload["array"].tobytes()}
        return {"": self.payload}


class NamedIO(FileIO[bytes]):
    """Writes bytes by their path."""

    format_name = "reliability-named"

    def _save(self, payload: bytes, filepath: Path, **kwargs: Any) -> None:
        filepath.write_bytes(payload)

    def _load(self, filepath: Path, **kwargs: Any) -> bytes:
        return filepath.read_bytes()


class Named(Persistable[bytes, Params]):
    """A step of any name."""

    def _generate_payload(self, **_: Any) -> bytes:
        return b"named"


def outcome_of_named(verb: str, name: str, suffix: str, folder: str) -> dict[str, str]:
    """Generates or loads a payload of a name and a suffix that `src/damage/names.rs` tells."""
    try:
        step = Named(Path(folder), Params(1), payload_name=name, payload_io=NamedIO(), payload_file_suffix=suffix)
        step.generate() if verb == "generate_named" else step.load()
        return {"outcome": "payload", "generation": step.payload.decode(), "origin": ""}
    except Exception as error:
        return of_error(error)


def outcome_of(words: list[str]) -> dict[str, str]:
    """Does one thing."""
    if words[0].endswith("_named"):
        return outcome_of_named(*words)
    verb, shape, n, *more, folder = words
    try:
        step = Step(Path(folder), Params(int(n)), None, payload_name=shape, payload_io=_IOS[shape]())
        if verb == "persist":
            generation, step.persist_durability = more
            step.generate(generation=generation)
        elif verb == "hold":
            step.generate(generation=more[0], holds=True)
        elif verb == "load":
            step.load()
        elif verb == "load_once":
            step.load_verification = "once_per_file"
            step.load()
        elif verb == "wait":
            step.lease_wait_seconds = float(more[1])
            step.load_generate(generation=more[0])
        elif verb in {"late_load", "late_load_generate"}:
            hold_on()
            step.load() if verb == "late_load" else step.load_generate(generation=more[0])
        elif verb == "load_generate":
            if "fast" in more:
                step.persist_durability = "fast"
            step.load_generate(generation=more[0])
        elif verb == "insist":
            generation, step.persist_durability = more
            try:
                step.generate(generation=generation)
            except Exception as error:
                tell(of_error(error))
                step.load_generate(generation="another")
        else:
            raise SystemExit(f"no actor does {words}")
    except Exception as error:
        return of_error(error)
    try:
        generation = generation_of(shape, int(n), step.files())
    except AssertionError as error:
        return {"outcome": "wrong", "message": str(error)}
    origin = "loaded" if step.is_loaded else "generated"
    return {"outcome": "payload", "generation": generation, "origin": origin}


def of_error(error: BaseException) -> dict[str, str]:
    """Returns what failed, with all causes in one text."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__
    kind = getattr(error, "kind", type(error).__name__)
    message = ": ".join(texts).encode(errors="backslashreplace").decode()
    return {"outcome": "error", "kind": kind, "message": message}


def hold_on() -> None:
    """Says that it pauses, and waits for the input's end."""
    tell({"outcome": "paused"})
    sys.stdin.read()


def tell(outcome: dict[str, str]) -> None:
    print(json.dumps(outcome), flush=True)


def main(words: list[str]) -> None:
    if words != ["serve"]:
        tell(outcome_of(words))
        return
    for line in sys.stdin:
        tell(outcome_of(json.loads(line)))


if __name__ == "__main__":
    main(sys.argv[1:])
