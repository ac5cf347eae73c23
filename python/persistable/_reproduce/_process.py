"""The other process: starting it, waiting for it, and reading what it found."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from persistable._reproduce import _elsewhere
from persistable._reproduce._transfer import Parcel
from persistable.exceptions import MissingPayloadError, ReproductionError

__all__ = ["Found", "run"]

# The package itself may be found by a path that only this process has.
_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from persistable._reproduce._child import main; main(sys.argv[1])"

_MOST_OUTPUT_BYTES = 64 << 10


class Found(NamedTuple):
    """What the other process left."""

    seconds: float
    """How long the generation took."""
    path: Path
    """Where the payload is, as the step's payload IO saved it."""
    output: str


def run(
    shown: str, parcel: Parcel, folder: Path, suffix: str, keep: frozenset[str], timeout_seconds: float | None
) -> Found:
    """Generates a payload in another process, which leaves it in the folder."""
    if not sys.executable:
        raise ReproductionError("sys.executable is empty, so this program can't start another Python process")
    payload = folder / f"payload{suffix}"
    (folder / "step.pickle").write_bytes(parcel.pickled)
    request = {
        "key": parcel.key,
        "main": parcel.main,
        "argv": sys.argv,
        "seeds_random": "random" not in keep,
        "payload": str(payload),
    }
    (folder / "request.json").write_text(json.dumps(request))
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    arguments = [sys.executable, *["-O"] * sys.flags.optimize, "-c", _BOOT, str(folder), *_elsewhere.paths()]
    cwd = None if "cwd" in keep else elsewhere
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=_elsewhere.environment(keep),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            message = f"{shown} was not generated again within {timeout_seconds} s"
            raise ReproductionError(message, output=_output(folder)) from None
        except BaseException:
            _end(process)
            raise
    return _found(shown, folder, payload, status, keep)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _output(folder: Path) -> str:
    with (folder / "output").open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _MOST_OUTPUT_BYTES))
        return file.read().decode("utf-8", "replace")


def _found(shown: str, folder: Path, payload: Path, status: int, keep: frozenset[str]) -> Found:
    output = _output(folder)
    try:
        result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    except (OSError, ValueError):
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        message = f"{shown} could not be generated again: the process {how}"
        raise ReproductionError(f"{message}\n{output}".rstrip(), output=output) from None
    if result["missing"]:
        raise MissingPayloadError(
            f"{shown} is generated again from the persisted payloads of its dependencies, but "
            f"{', '.join(result['missing'])} is not persisted: call load_generate() on it first"
        )
    if "error" in result:
        advice = ""
        if result["is_file_missing"] and "cwd" not in keep:
            advice = (
                "\nIt ran in another working directory. If it reads files by relative paths, give absolute ones, or "
                'call reproduce(step, keep=["cwd"])'
            )
        message = f"{shown} could not be generated again: {result['error']}{advice}\n\n{result['traceback']}"
        raise ReproductionError(message.rstrip(), output=output)
    return Found(float(result["seconds"]), payload, output)
