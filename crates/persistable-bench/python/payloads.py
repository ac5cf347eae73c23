"""The large payloads: how each is made, summed, and handled by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from persistable import Persistable, PersistableParams
from persistable.io import FileIO

_ROWS = 10_000_000


@dataclass
class LargeParams(PersistableParams):
    kind: str


class LargeP(Persistable[Any, LargeParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return KINDS[self.params.kind].make()


def step(folder: Path, kind: str, payload_io: FileIO[Any] | None = None) -> LargeP:
    return LargeP(folder, LargeParams(kind), None, payload_io=payload_io)


class _Kind:
    """What one kind of payload is, and the arrays that all its bytes are in."""

    def make(self) -> Any:
        raise NotImplementedError

    def arrays(self, payload: Any) -> list[NDArray[Any]]:
        raise NotImplementedError

    def of_arrays(self, arrays: list[NDArray[Any]]) -> Any:
        """Makes the payload in the memory of the arrays."""
        raise NotImplementedError

    def first(self, payload: Any) -> Any:
        raise NotImplementedError

    def import_library(self) -> None:
        """Imports what any program that has such a payload has imported."""


class _Array(_Kind):
    def make(self) -> Any:
        return _random().random(1 << 27)

    def arrays(self, payload: Any) -> list[NDArray[Any]]:
        return [payload]

    def of_arrays(self, arrays: list[NDArray[Any]]) -> Any:
        return arrays[0]

    def first(self, payload: Any) -> Any:
        return payload[0]


class _Dict(_Kind):
    def make(self) -> Any:
        return {f"layer {number}": _random().random(1 << 23) for number in range(8)}

    def arrays(self, payload: Any) -> list[NDArray[Any]]:
        return list(payload.values())

    def of_arrays(self, arrays: list[NDArray[Any]]) -> Any:
        return {f"layer {number}": array for number, array in enumerate(arrays)}

    def first(self, payload: Any) -> Any:
        return payload["layer 0"][0]


class _Frame(_Kind):
    def make(self) -> Any:
        import pandas as pd

        random = _random()
        numbers = {
            "count": random.integers(0, 1 << 40, _ROWS),
            "measure": random.random(_ROWS),
            "is_kept": random.random(_ROWS) < 0.5,
        }
        return pd.DataFrame(numbers)

    def arrays(self, payload: Any) -> list[NDArray[Any]]:
        return [payload[name].to_numpy() for name in payload.columns]

    def of_arrays(self, arrays: list[NDArray[Any]]) -> Any:
        import pandas as pd

        return pd.DataFrame(dict(zip(("count", "measure", "is_kept"), arrays)), copy=False)

    def first(self, payload: Any) -> Any:
        return payload["count"].iat[0]

    def import_library(self) -> None:
        import pandas  # noqa: F401


class _FrameWithText(_Frame):
    def make(self) -> Any:
        import pandas as pd
        import pyarrow as pa

        # As pandas keeps text: what it consists of, and where each piece ends.
        random = _random()
        letters = random.integers(ord("a"), ord("z"), _ROWS * 10, dtype="u1")
        ends = np.arange(_ROWS + 1, dtype="i8") * 10
        text = pa.LargeStringArray.from_buffers(_ROWS, pa.py_buffer(ends), pa.py_buffer(letters))
        numbers = {"count": random.integers(0, 1 << 40, _ROWS), "measure": random.random(_ROWS)}
        return pd.DataFrame({**numbers, "name": pd.Series(text, dtype="str")})

    def arrays(self, payload: Any) -> list[NDArray[Any]]:
        import pyarrow as pa

        text = pa.chunked_array(payload["name"].array.__arrow_array__())
        of_text = [
            np.frombuffer(buffer, "u1") for chunk in text.chunks for buffer in chunk.buffers() if buffer is not None
        ]
        return [payload["count"].to_numpy(), payload["measure"].to_numpy(), *of_text]

    def of_arrays(self, arrays: list[NDArray[Any]]) -> Any:
        import pandas as pd
        import pyarrow as pa

        count, measure, *of_text = arrays
        buffers = [None, *map(pa.py_buffer, of_text)] if len(of_text) == 2 else list(map(pa.py_buffer, of_text))
        text = pa.Array.from_buffers(pa.large_string(), _ROWS, buffers)
        columns = {"count": count, "measure": measure, "name": pd.Series(text, dtype="str", copy=False)}
        return pd.DataFrame(columns, copy=False)


KINDS: dict[str, _Kind] = {
    "array": _Array(),
    "dict": _Dict(),
    "frame": _Frame(),
    "frame_with_text": _FrameWithText(),
}


def _random() -> np.random.Generator:
    return np.random.default_rng(0)
