"""JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from persistable._core import Plain
from persistable.io._groups import groups
from persistable.io._numpy_as_plain import as_plain
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
_WITH_NON_FINITE = Plain(
    "JSON",
    has_bytes=False,
    has_any_keys=False,
    has_non_finite_floats=True,
    has_long_ints=True,
    depth=120,
)
_GROUP = 1000
_ADVICE = "JsonFileIO(numpy=True) keeps NumPy's numbers as Python's, small arrays as lists, and NaN and the infinities"


class JsonFileIO(StreamedFileIO[Any]):
    """Stores dicts with `str` keys, lists, `str`, `int`, `float`, `bool` and `None`, nested as you like, as JSON.

    Some payloads would be different after loading. If you persist one, it is refused, and the error says where. These
    are tuples (they would come back as lists), keys that are not `str`, sets, bytes, dates, NaN and the infinities, and
    subclasses of the above. `PickleFileIO` stores all of these.

    With `numpy=True` it takes more:

    - A NumPy number becomes a Python number: a `float64` or a `float32` becomes the `float` that it equals, an `int64`
      becomes an `int`, and a `bool_` becomes a `bool`.
    - An array of numbers, booleans or text with at most 10,000 elements becomes a list. If it has several dimensions,
      it becomes a list of lists.
    - NaN and the infinities are stored. JSON itself does not have them. So only libraries that accept `NaN` can read
      such a file. Rust's `Json` can't, and this class can't without `numpy=True`.

    The payload is converted as soon as it is generated. So it is the same before it is persisted and after it is
    loaded, also for a validator.
    """

    format_name = "json"
    format_suffix = ".json"
    _takes_numpy = False  # Of a subclass that does not call `__init__`.

    def __init__(self, numpy: bool = False) -> None:
        """Takes whether to keep NumPy's numbers and small arrays as Python's, and NaN and the infinities."""
        self._takes_numpy = bool(numpy)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'numpy=True' if self._takes_numpy else ''})"

    def _kept_as(self, payload: Any) -> Any:
        """Returns what a payload is from now on: what it would be if it were loaded."""
        return as_plain(payload) if self._takes_numpy else payload

    def _write(self, payload: Any, writer: Writer) -> None:
        import json

        payload = self._kept_as(payload)
        _check(payload, self._takes_numpy)
        encoder = json.JSONEncoder(
            ensure_ascii=False, check_circular=False, allow_nan=self._takes_numpy, separators=(",", ":")
        )
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
            return json.loads(str(file, "utf-8"), parse_constant=float if self._takes_numpy else _refuse_constant)


def _check(payload: Any, takes_numpy: bool) -> None:
    if takes_numpy:
        _WITH_NON_FINITE.check(payload)
        return
    try:
        _PLAIN.check(payload)
    except TypeError as error:
        try:
            _WITH_NON_FINITE.check(as_plain(payload))
        except TypeError:
            raise error from None
        raise TypeError(f"{error}. {_ADVICE}") from None


def _refuse_constant(constant: str) -> Any:
    raise unreadable("JSON", f"{constant} is not JSON: JsonFileIO(numpy=True) reads it")
