"""What holds for each payload IO of this package."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import persistable.io
from persistable.exceptions import IncompatiblePayloadError
from persistable.io import FileIO
from persistable.io._streamed import StreamedFileIO

KINDS = [
    getattr(persistable.io, name) for name in persistable.io.__all__ if name.endswith("FileIO") and name != "ZstdFileIO"
]
STREAMED: list[Any] = [kind() for kind in KINDS if issubclass(kind, StreamedFileIO)]
FRAMES = [file_io for file_io in STREAMED if type(file_io).__name__[:3] in ("Arr", "Avr", "Csv", "Par")]


def name_of(file_io: Any) -> str:
    return type(file_io).__name__


def written(file_io: Any, payload: Any) -> bytes:
    file = io.BytesIO()
    file_io._write(payload, file)
    return file.getvalue()


def test_each_has_a_name_and_a_suffix_of_its_own() -> None:
    assert len(KINDS) == 12 and len(STREAMED) == 10
    names = [kind.format_name for kind in KINDS if kind is not FileIO]
    assert len(set(names)) == len(names) and not any(name.startswith("python:") for name in names)
    suffixes = [file_io.format_suffix for file_io in STREAMED if name_of(file_io) != "PickleFileIO"]
    assert len(set(suffixes)) == len(suffixes) and None not in suffixes


@pytest.mark.parametrize("file_io", STREAMED, ids=name_of)
def test_a_payload_of_another_kind_is_refused_with_what_to_use(file_io: Any) -> None:
    for payload in (object(), {1, 2}, np.ma.masked_array([1]), range(3)):
        if name_of(file_io) == "PickleFileIO":
            written(file_io, payload)
        else:
            with pytest.raises(TypeError, match="use PickleFileIO"):
                written(file_io, payload)


@pytest.mark.parametrize("file_io", FRAMES, ids=name_of)
def test_what_is_nearly_a_frame_is_refused_with_how_to_convert_it(file_io: Any) -> None:
    nearly = {
        "to_frame": (pd.Series([1]), pl.Series([1])),
        "collect": (pl.LazyFrame({"a": [1]}),),
        "Table.from_batches": (pa.record_batch({"a": [1]}),),
        "NumpyFileIO": (np.zeros(3),),
    }
    for advice, payloads in nearly.items():
        for payload in payloads:
            with pytest.raises(TypeError, match=advice):
                written(file_io, payload)


@pytest.mark.parametrize("file_io", FRAMES, ids=name_of)
def test_a_frame_without_columns_comes_back_or_is_refused_as_such(file_io: Any) -> None:
    for frame in (pd.DataFrame(), pl.DataFrame(), pa.table({}), pd.DataFrame(index=range(3))):
        try:
            file = written(file_io, frame)
        except TypeError as error:
            assert "without columns" in str(error) or "would not give this frame back as it is" in str(error)
        else:
            back = file_io._read(bytearray(file))
            assert type(back) is type(frame) and back.shape == frame.shape


@pytest.mark.parametrize("file_io", STREAMED, ids=name_of)
def test_an_empty_file_is_an_error_but_where_it_is_the_payload(file_io: Any) -> None:
    if name_of(file_io) in ("BytesFileIO", "TextFileIO"):
        assert file_io._read(bytearray()) == ("" if name_of(file_io) == "TextFileIO" else b"")
        return
    with pytest.raises(IncompatiblePayloadError, match="it is empty"):
        file_io._read(bytearray())


@pytest.mark.parametrize("file_io", STREAMED, ids=name_of)
def test_a_file_of_another_format_is_never_read_as_a_payload_of_this_one(file_io: Any) -> None:
    if name_of(file_io) in ("BytesFileIO", "TextFileIO", "CsvFileIO"):
        return  # Any text is of these formats.
    for other in (b"PK\x03\x04" + bytes(60), b"\xff" * 64, b"%PDF-1.7\n" + bytes(64)):
        with pytest.raises(IncompatiblePayloadError):
            file_io._read(bytearray(other))
