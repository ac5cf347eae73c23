"""MessagePack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable._core import Plain
from persistable.io._groups import groups
from persistable.io._refusal import reading, unreadable
from persistable.io._require import require
from persistable.io._streamed import StreamedFileIO, Writer, write_all

if TYPE_CHECKING:
    from persistable.io._map import Buffer

# The limits are those of the Rust side, which reads what is written here.
_PLAIN = Plain(
    "MessagePack",
    has_bytes=True,
    has_any_keys=True,
    has_non_finite_floats=True,
    has_long_ints=False,
    depth=128,
)
_GROUP = 1000


class MessagePackFileIO(StreamedFileIO[Any]):
    """Stores dicts, lists, `str`, `bytes`, `int` (up to 64 bits), `float`, `bool` and `None`, nested as you like.

    It is the format of Rust's default payload IO. A Rust struct is a dict of its fields here. An enum with data is a
    dict of one entry. Some payloads would be different after loading. If you persist one, it is refused, and the error
    says where. These are tuples (they would come back as lists), sets, dates, large integers, and subclasses of the
    above.
    """

    format_name = "msgpack"
    format_suffix = ".msgpack"

    def _write(self, payload: Any, writer: Writer) -> None:
        msgpack = require("msgpack", "msgpack", "MessagePackFileIO")
        _PLAIN.check(payload)
        packer = msgpack.Packer(use_bin_type=True)
        if isinstance(payload, (list, dict)) and len(payload) > _GROUP:
            is_list = isinstance(payload, list)
            header = packer.pack_array_header if is_list else packer.pack_map_header
            write_all(writer, header(len(payload)))
            for group in groups(payload, _GROUP):
                # All but the header of the group, which has the form for up to 65,535 items or that for up to 15.
                write_all(writer, memoryview(packer.pack(group))[3 if len(group) > 15 else 1 :])
        else:
            write_all(writer, packer.pack(payload))

    def _read(self, buffer: Buffer) -> Any:
        msgpack = require("msgpack", "msgpack", "MessagePackFileIO")
        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("MessagePack", file):
            return msgpack.unpackb(file, raw=False, strict_map_key=False, ext_hook=_refuse_extension)


def _refuse_extension(code: int, _: bytes) -> Any:
    raise unreadable("MessagePack", f"it has a value of the extension type {code}")
