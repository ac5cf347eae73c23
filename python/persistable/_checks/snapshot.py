"""What a payload was like, as far as that is cheap to know."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any, NamedTuple

from persistable._checks.attributes import declared_fields, lasting_attributes
from persistable._checks.pages import is_mapped, written_pages
from persistable._checks.parts import ATOMS

# Of a payload, so many containers and arrays are looked at, and so many members of all containers together.
_MAX_NODES = 32
_MAX_MEMBERS = 2_000
# Of containers whose members may change themselves.
_MAX_MIXED_MEMBERS = 256
_MAX_DEPTH = 16
# Arrays up to this, all together, are compared whole; of larger ones so many elements, and as many at either end.
_WHOLE_BYTES = 64 << 10
_SAMPLED = 128

_IMMUTABLE = ATOMS - {bytearray}


class Seen(NamedTuple):
    """What was seen of one container or array."""

    what: str
    content: Any

    def is_other_than(self, before: Seen) -> bool:
        """Returns whether it was changed since."""
        if self.what != before.what:
            # An array may have moved into memory, where it can't be compared with what it was in a file.
            return not (self.what in _ARRAYS and before.what in _ARRAYS)
        if self.what == "attributes":
            # What is new may be a cache. Of what is empty nothing is known.
            pairs = [(then, self.content.get(name)) for name, then in before.content.items()]
            return any(then and now and is_changed(then, now) for then, now in pairs)
        if self.what == "mapped":
            place, pages = self.content
            place_before, pages_before = before.content
            return bool(place == place_before and pages > pages_before)
        if self.what == "blocks":
            # Reading may unite the blocks of a frame, and setting a column takes one apart.
            return len(self.content) > len(before.content)
        return bool(self.content != before.content)


_ARRAYS = frozenset({"whole", "sampled", "mapped", "unknown"})

Snapshot = list[Seen]


def snapshot_of(payload: object) -> Snapshot:
    """Returns what a payload is like; nothing where it can't change, or can't be known cheaply.

    It holds nothing of the payload but numbers and text: a step may drop the payload meanwhile.
    """
    if type(payload) in _IMMUTABLE:
        return []
    taken = _Taking()
    taken.take(payload, 0)
    return taken.seen


def is_changed(before: Snapshot, after: Snapshot) -> bool:
    """Returns whether a payload was changed between two snapshots."""
    for then, now in zip(before, after):
        if now.is_other_than(then):
            return True
        if then.what == "blocks" and then.content != now.content:
            return False  # What follows are other blocks.
    return len(before) != len(after)


class _Taking:
    """A snapshot that is being taken."""

    def __init__(self) -> None:
        self.seen: Snapshot = []
        self._ids: set[int] = set()
        self._nodes_left = _MAX_NODES
        self._members_left = _MAX_MEMBERS
        self._bytes_left = _WHOLE_BYTES
        self._array_type: Any = getattr(sys.modules.get("numpy"), "ndarray", ())
        self._frame_types: Any = _types_of("pandas")
        self._polars_types: Any = _types_of("polars")

    def take(self, held: Any, depth: int) -> None:
        """Takes what can be changed in place, and what is in it."""
        if id(held) in self._ids or self._nodes_left <= 0 or depth > _MAX_DEPTH:
            return
        self._ids.add(id(held))
        self._nodes_left -= 1
        if isinstance(held, self._array_type):
            self._take_array(held)
        elif isinstance(held, dict):
            self._take_dict(held, depth)
        elif isinstance(held, (list, tuple, deque, set, frozenset)):
            self._take_members("members", held, depth)
        elif isinstance(held, bytearray):
            self._see("bytes", bytes(held) if len(held) <= _WHOLE_BYTES else len(held))
        elif isinstance(held, self._frame_types):
            self._take_frame(held)
        elif isinstance(held, self._polars_types):
            # Its values are not cheap to compare.
            self._see("polars", (held.shape, str(getattr(held, "columns", ""))))
        else:
            self._take_fields(held, depth)

    def _see(self, what: str, content: Any) -> None:
        self.seen.append(Seen(what, content))

    def _take_members(self, what: str, held: Any, depth: int) -> None:
        size = len(held)
        if size > self._members_left:
            self._see(what, size)
            return
        self._members_left -= size
        members = tuple(held)
        if _IMMUTABLE.issuperset(map(type, members)):
            self._see(what, members)
            return
        members = members[:_MAX_MIXED_MEMBERS]
        self._see(what, (size, *map(_identity, members)))
        for member in members:
            if type(member) not in _IMMUTABLE:
                self.take(member, depth + 1)

    def _take_dict(self, held: Any, depth: int) -> None:
        # A dict with defaults gains an entry whenever somebody asks for one that is missing.
        if not hasattr(type(held), "__missing__"):
            self._take_members("keys", dict.keys(held), depth)
            self._take_members("values", dict.values(held), depth)

    def _take_fields(self, held: Any, depth: int) -> None:
        """Takes the fields that a class declares, or else such attributes as are not caches."""
        names = declared_fields(type(held))
        if names:
            self._take_members("fields", [getattr(held, name, None) for name in names], depth)
            return
        taken = {name: self._content_of(value, depth) for name, value in lasting_attributes(held)}
        if taken:
            self._see("attributes", taken)

    def _content_of(self, value: Any, depth: int) -> Snapshot:
        """Returns what plain values, lists of them and arrays are like; nothing for other values."""
        if type(value) in _IMMUTABLE:
            return [Seen("value", value if value == value else "nan")]
        if type(value) not in (list, tuple, set) and not isinstance(value, self._array_type):
            return []
        outer, self.seen = self.seen, []
        self.take(value, depth + 1)
        content, self.seen = self.seen, outer
        return content

    def _take_array(self, array: Any) -> None:
        self._see("array", (array.shape, array.dtype.str))
        if array.dtype.hasobject:
            if array.size <= self._members_left:
                self._members_left -= array.size
                self._see("members", tuple(map(_identity, array.ravel(order="K").tolist())))
        elif array.nbytes <= self._bytes_left:
            self._bytes_left -= array.nbytes
            self._see("whole", array.tobytes())
        elif is_mapped(array):
            # Looking at elements would read pages of the file that nobody asked for.
            place = _place_of(array)
            pages = written_pages(*place)
            self._see(*(("unknown", None) if pages is None else ("mapped", (place, pages))))
        elif array.flags.forc:
            flat = array.reshape(-1, order="C" if array.flags.c_contiguous else "F")
            sample = flat[:: max(flat.size // _SAMPLED, 1)].tobytes()
            self._see("sampled", (sample, flat[:_SAMPLED].tobytes(), flat[-_SAMPLED:].tobytes()))

    def _take_frame(self, frame: Any) -> None:
        """Takes a frame of pandas. Asking it for its columns one by one would take much longer."""
        self._see("frame", frame.shape)
        blocks = frame._mgr.blocks
        if hasattr(frame, "columns"):
            self._see("columns", _labels_of(frame._mgr.axes[0]))
            self._see("blocks", tuple(block.mgr_locs.as_array.tobytes() for block in blocks[:_MAX_NODES]))
        for block in blocks[: max(self._nodes_left, 0)]:
            if isinstance(block.values, self._array_type):
                self._nodes_left -= 1
                self._take_array(block.values)


def _labels_of(columns: Any) -> Any:
    """Returns the names of columns. pandas makes another object of the same names, even where it changes nothing."""
    return repr(columns.tolist()) if len(columns) <= _MAX_MIXED_MEMBERS else len(columns)


def _place_of(array: Any) -> tuple[int, int]:
    numpy: Any = sys.modules["numpy"]
    bounds = getattr(getattr(numpy, "lib", None), "array_utils", numpy).byte_bounds
    low, high = bounds(array)
    return low, high - low


def _identity(member: Any) -> Any:
    """Returns by what a member is known again: itself where it can't change, else where it lies."""
    return member if type(member) in _IMMUTABLE else (type(member).__qualname__, id(member))


def _types_of(library: str) -> tuple[type, ...]:
    module: Any = sys.modules.get(library)
    found = [getattr(module, name, None) for name in ("DataFrame", "Series")]
    return tuple(each for each in found if isinstance(each, type))
