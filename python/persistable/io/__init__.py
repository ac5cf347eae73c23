"""Payload IOs: how a payload becomes stored bytes, and back.

| payload IO | payloads | suffix | needs |
| --- | --- | --- | --- |
| `PickleFileIO` (default) | any Python object | the step's | (cloudpickle for classes and functions of `__main__`) |
| `NumpyFileIO` | a NumPy array | `.npy` | numpy |
| `ParquetFileIO` | a frame | `.parquet` | pyarrow or polars |
| `ArrowFileIO` | a frame | `.arrow` | pyarrow or polars |
| `CsvFileIO` | a frame of numbers, booleans and text | `.csv` | pandas, polars or pyarrow |
| `AvroFileIO` | a list of dicts, or a frame | `.avro` | fastavro (frames: pyarrow) |
| `JsonFileIO` | what JSON gives back | `.json` | |
| `MessagePackFileIO` | what MessagePack gives back | `.msgpack` | msgpack |
| `TextFileIO` | `str` | `.txt` | |
| `BytesFileIO` | `bytes` | `.bin` | |
| `FolderFileIO` | a folder of files | the step's | |
| `ZstdFileIO(inner)` | those of `inner`, compressed | `inner`'s and `.zst` | |

A *frame* is a frame of pandas or polars, or an Arrow table. Each either gives back the payload it was given or refuses
to persist it; none changes it without a word. For a format of your own, subclass `FileIO`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from persistable._dict_encodable import DictEncodable
from persistable.io._file_io import FileIO, PayloadTypeT
from persistable.io._pickle_io import PickleFileIO

if TYPE_CHECKING:
    from persistable.io._arrow import ArrowFileIO
    from persistable.io._avro import AvroFileIO
    from persistable.io._bytes import BytesFileIO
    from persistable.io._csv import CsvFileIO
    from persistable.io._folder import FolderFileIO
    from persistable.io._json import JsonFileIO
    from persistable.io._messagepack import MessagePackFileIO
    from persistable.io._numpy import NumpyFileIO
    from persistable.io._parquet import ParquetFileIO
    from persistable.io._text import TextFileIO
    from persistable.io._zstd import ZstdFileIO

__all__ = [
    "ArrowFileIO",
    "AvroFileIO",
    "BytesFileIO",
    "CsvFileIO",
    "DictEncodable",
    "FileIO",
    "FolderFileIO",
    "JsonFileIO",
    "MessagePackFileIO",
    "NumpyFileIO",
    "ParquetFileIO",
    "PayloadTypeT",
    "PickleFileIO",
    "TextFileIO",
    "ZstdFileIO",
]

# What is for type checkers above is imported when asked for: `import persistable` has no time for it. `XyFileIO` is in
# the module `_xy`.


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}._{name[: -len('FileIO')].lower()}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
