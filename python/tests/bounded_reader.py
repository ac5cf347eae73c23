"""Reads files in a process of its own, which can have little more memory than it has when it begins."""

from __future__ import annotations

import io
import resource
import select
import struct
import subprocess
import sys
import traceback
from os import environ
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from support import STUCK_SECONDS

from persistable.exceptions import IncompatiblePayloadError
from persistable.io import (
    ArrowFileIO,
    AvroFileIO,
    CsvFileIO,
    JsonFileIO,
    MessagePackFileIO,
    NumpyFileIO,
    ParquetFileIO,
)

MOST_GROWTH_BYTES = 512 << 20
SIZES = struct.Struct("<QQ")


class Greedy:
    """Believes a length: what must not be."""

    def _read(self, buffer: bytearray) -> bytes:
        return bytes(int(buffer))


def frames() -> list[Any]:
    columns = {"number": [1.5, 2.5], "text": ["a", "bcd"], "count": [1, 2]}
    return [pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)]


FORMATS: dict[str, tuple[Any, list[Any]]] = {
    "npy": (NumpyFileIO(), [np.arange(6.0).reshape(2, 3), np.zeros(3, [("a", "i4"), ("b", "U2")]), np.array(True)]),
    "json": (JsonFileIO(), [{"a": [1, 2.5, None, "text"]}, [[[[]]]]]),
    "msgpack": (MessagePackFileIO(), [{"a": [1, 2.5, None, "text"]}, [b"bytes", -1, 1 << 60]]),
    "csv": (CsvFileIO(), frames()[:1]),
    "avro": (AvroFileIO(), frames()),
    "arrow": (ArrowFileIO(), frames()),
    "parquet": (ParquetFileIO(), frames()),
}


def originals(name: str) -> list[bytes]:
    """Returns some files of a format."""
    file_io, payloads = FORMATS[name]
    files = []
    for payload in payloads:
        file = io.BytesIO()
        file_io._write(payload, file)
        files.append(file.getvalue())
    return files


class BoundedReader:
    """A process that reads; another one where that one died."""

    def __init__(self, errors: IO[bytes]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = errors

    def outcome(self, name: str, content: bytes) -> str:
        """Returns `"read"`, `"refused"`, or what else came of it."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(SIZES.pack(len(name), len(content)) + name.encode() + content)
        process.stdin.flush()
        is_there, _, _ = select.select([process.stdout], [], [], STUCK_SECONDS)
        answer = received(process.stdout) if is_there else None
        if answer is not None:
            return answer.decode()
        self.close()
        self._errors.seek(0)
        return f"the process ended, {process.returncode}: {self._errors.read().decode(errors='replace')}"

    def _start(self) -> subprocess.Popen[bytes]:
        # Allocators reserve much more than is needed: pyarrow's own, and the system's for each thread.
        variables = {**environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
        variables |= dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
        self._errors.seek(0)
        self._errors.truncate()
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=variables,
        )
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def received(file: IO[bytes]) -> bytes | None:
    head = file.read(8)
    return file.read(*struct.unpack("<Q", head)) if len(head) == 8 else None


def serve() -> None:
    pa.set_cpu_count(1)
    for name, (file_io, _) in FORMATS.items():
        for content in originals(name):  # Libraries start threads, and load parts of themselves.
            file_io._read(bytearray(content))
    now_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = now_bytes + MOST_GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    while head := sys.stdin.buffer.read(SIZES.size):
        name_bytes, content_bytes = SIZES.unpack(head)
        name = sys.stdin.buffer.read(name_bytes).decode()
        content = bytearray(sys.stdin.buffer.read(content_bytes))
        reader = Greedy() if name == "greedy" else FORMATS[name][0]
        try:
            reader._read(content)
            answer = "read"
        except IncompatiblePayloadError:
            answer = "refused"
        except BaseException:
            answer = traceback.format_exc()
        sys.stdout.buffer.write(struct.pack("<Q", len(answer.encode())) + answer.encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
