"""Plain data, arrays and folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from twins.twin import GivenP, Make, given

from persistable.io import (
    BytesFileIO,
    FileIO,
    FolderFileIO,
    JsonFileIO,
    MessagePackFileIO,
    NumpyFileIO,
    TextFileIO,
    ZstdFileIO,
)

_TREE: dict[str, Any] = {
    "flag": True,
    "most": 2**64 - 1,
    "least": -(2**63),
    "float": 0.1,
    "whole": 2.0,
    "negative_zero": -0.0,
    "text": 'naïve 𝄞 "\\\n\x01',
    "absent": None,
    "pair": [-2, "two"],
    "choices": ["Bare", {"One": 1.5}, {"Two": [-1, "b"]}, {"Named": {"depth": 2}}],
    "map": {"": [], "a": [1, 255]},
}
_MATRIX = [[0.1, -0.0, np.inf], [np.nan, 5e-324, 2.0]]


class LinesFileIO(FileIO["list[str]"]):
    """A payload IO as a user writes one."""

    format_suffix = ".lines"
    format_version = 3

    def _save(self, payload: list[str], filepath: Path, **kwargs: Any) -> None:
        filepath.write_text("\n".join(payload), "utf-8")

    def _load(self, filepath: Path, **kwargs: Any) -> list[str]:
        return filepath.read_text("utf-8").split("\n")


def _write_folder(texts: dict[str, str], folder: Path) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def _read_folder(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def _folder(name: str, text: str) -> tuple[str, Make]:
    def make(data_dir: Path) -> GivenP:
        texts = {"a": text, "sub/b": "b"}
        payload_io = FolderFileIO(_write_folder, _read_folder)
        return GivenP(
            data_dir, None, None, lambda: texts, payload_name=name, payload_io=payload_io, payload_file_suffix=".files"
        )

    return name, make


IN_BOTH = dict(
    [
        given("bytes", BytesFileIO(), lambda: bytes(range(256))),
        given("text", TextFileIO(), lambda: "naïve 𝄞\r\nsecond\n\nlast \0"),
        given("json", JsonFileIO(), lambda: _TREE),
        given("json_zstd", ZstdFileIO(JsonFileIO()), lambda: _TREE),
        given("message_pack", MessagePackFileIO(), lambda: _TREE),
        given("npy", NumpyFileIO(), lambda: np.array(_MATRIX)),
        given(
            "npy_in_fortran_order", NumpyFileIO(), lambda: np.asfortranarray(np.arange(6, dtype="<u2").reshape(2, 3))
        ),
        given("replaced", TextFileIO(), lambda: "after"),
        _folder("folder", "a text"),
    ]
)
IN_RUST = dict(
    [
        _folder("replaced_without_exchange", "after"),
        given("cut_before", TextFileIO(), lambda: "before"),
        given("cut_after", TextFileIO(), lambda: "after"),
    ]
)
IN_PYTHON = dict(
    [
        given("lines", LinesFileIO(), lambda: ["naïve", "", "last"]),
        given("message_pack_bytes", MessagePackFileIO(), lambda: {-1: b"\x00\xff", 2: float("-inf")}),
        given("npy_of_texts", NumpyFileIO(), lambda: np.array(["a", "naïve"])),
        given("npy_of_dates", NumpyFileIO(), lambda: np.array(["2024-02-29", "NaT"], "datetime64[D]")),
    ]
)
