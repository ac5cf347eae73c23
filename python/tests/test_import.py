"""`import persistable` loads nothing that it may not need. How long it takes, `make bench` tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_no_large_library_is_imported() -> None:
    modules = python("import persistable, sys; print(*sys.modules)").split()
    assert "persistable._core" in modules
    for library in ("numpy", "pandas", "pyarrow", "polars", "fastavro", "msgpack", "cloudpickle", "attrs", "pydantic"):
        assert library not in modules
    for slow in ("inspect", "dataclasses", "json", "ctypes", "asyncio", "multiprocessing", "subprocess"):
        assert slow not in modules


def test_a_step_without_arrays_needs_none_of_them(tmp_path: Path) -> None:
    code = f"""
import sys
from dataclasses import dataclass
from pathlib import Path
from persistable import Persistable, PersistableParams

@dataclass
class Params(PersistableParams):
    n: int

class NumberP(Persistable[int, Params]):
    def _generate_payload(self, **untracked):
        return self.params.n

assert NumberP(Path({str(tmp_path)!r}), Params(3), None).payload == 3
assert NumberP(Path({str(tmp_path)!r}), Params(3), None).payload == 3
print(*sys.modules)
"""
    modules = python(code).split()
    assert not {"numpy", "pandas", "pyarrow", "polars"} & set(modules)


def test_all_that_is_promised_is_there() -> None:
    python("from persistable import *; Persistable, PersistableParams, register_encoder, step, __version__")
