"""JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable._core import Plain
from persistable.io._groups import groups
from persistable.io._refusal import reading, unreadable
from persistable.io._streamed import StreamedFileIO, Writer, write_all

if TYPE_CHECKING:
    from persistable.io._map import Buffer

# The limits are those of the Rust side, which reads what is written here.
_PLAIN = Plain(
    "JSON",
    has_bytes=False,
    has_any_keys=False,
    has_non_finite_floats=False,
    has_long_ints=True,
    depth=120,
)
_GROUP = 1000


class JsonFileIO(StreamedFileIO[Any]):
    """Keeps dicts with `str` keys, lists, `str`, `int`, `float`, `bool` and `None`, nested as you like, as JSON.

    Anything that JSON would give back as something else is refused when it is to be persisted, with its place: tuples
    (which come back as lists), keys that are no `str`, sets, bytes, dates, NaN and the infinities, subclasses of the
    above. `PickleFileIO` keeps all of these.
    """

    format_name = "json"
    format_suffix = ".json"

    def _write(self, payload: Any, writer: Writer) -> None:
        import json

        _PLAIN.check(payload)
        encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"))
        if isinstance(payload, (list, dict)) and len(payload) > _GROUP:
            begin, end = ("[", "]") if isinstance(payload, list) else ("{", "}")
            separator = begin
            for group in groups(payload, _GROUP):
                write_all(writer, (separator + encoder.encode(group)[1:-1]).encode())
                separator = ","
            write_all(writer, (end + "\n").encode())
        else:
            write_all(writer, (encoder.encode(payload) + "\n").encode())

    def _read(self, buffer: Buffer) -> Any:
        import json

        from persistable.io._map import view_of

        file = view_of(buffer)
        with reading("JSON", file):
            return json.loads(str(file, "utf-8"), parse_constant=_refuse_constant)


def _refuse_constant(constant: str) -> Any:
    raise unreadable("JSON", f"{constant} is no JSON")
