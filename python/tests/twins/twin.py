"""A step whose payload is given, and what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from persistable import Persistable
from persistable.io import FileIO

Make = Callable[[Path], "Persistable[Any, Any]"]


class GivenP(Persistable[Any, Any]):
    """Generates what a function returns."""

    def __init__(
        self, data_dir: Path, params: Any, dependencies: Any, generate: Callable[[], Any], **options: Any
    ) -> None:
        super().__init__(data_dir, params, dependencies, **options)
        self.generate_given = generate

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return self.generate_given()


def given(name: str, payload_io: FileIO[Any], generate: Callable[[], Any], params: Any = None) -> tuple[str, Make]:
    """Returns an entry of the table of twins: a step without dependencies."""

    def make(data_dir: Path) -> Persistable[Any, Any]:
        return GivenP(data_dir, params, None, generate, payload_name=name, payload_io=payload_io)

    return name, make


def only_loading(step: Persistable[Any, Any]) -> Persistable[Any, Any]:
    """Makes a step fail that is about to generate."""

    def refuse(**untracked_payload_params: Any) -> Any:
        raise AssertionError(f"{step!r} generates, and should load")

    step._generate_payload = refuse  # type: ignore[method-assign]
    return step


def shown(value: Any) -> str:
    """Returns a text that tells payloads apart: zeros by their sign, numbers by their type, arrays by all there is."""
    import numpy as np
    import polars

    if isinstance(value, np.ndarray):
        # All NaNs are one, since a format need not keep their bits apart.
        elements = value.tolist()
        return f"{value.dtype} {value.shape} {elements!r}"
    if isinstance(value, polars.DataFrame):
        return f"{value.schema} {value.to_dict(as_series=False)}"
    return repr(value)
