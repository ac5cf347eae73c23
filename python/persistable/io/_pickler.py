"""A pickler that copies no large array, and that knows what to do with what can't be imported."""

from __future__ import annotations

import pickle
import types
from typing import TYPE_CHECKING, Any, Callable, Optional

from persistable.io._by_value import NEEDS_CLOUDPICKLE, ByValue, reduce_definition
from persistable.io._reducers import reducer_of

if TYPE_CHECKING:
    from persistable.io._elements import Elements
    from persistable.io._streamed import Writer

Reducer = Callable[["Pickler", Any], Any]


class _ReducerByType(dict[type, Optional[Reducer]]):
    """What to do with objects, by their exact type; `None` if pickle knows best."""

    by_value: ByValue | None = None

    def __missing__(self, kind: type) -> Reducer | None:
        reducer = self._choose(kind)
        self[kind] = reducer
        return reducer

    def _choose(self, kind: type) -> Reducer | None:
        if kind is types.FunctionType or issubclass(kind, type):
            return reduce_definition
        if self.by_value is not None or kind in NEEDS_CLOUDPICKLE:
            return _reduce_part_of_definition
        return reducer_of(kind)


class Pickler(pickle.Pickler):
    """Pickles with protocol 5. Afterwards `buffers` holds the large buffers, each with whether it is read-only."""

    def __init__(self, file: Writer, out_of_band_bytes: int, in_definition: bool = False) -> None:
        """Keeps buffers of at least so many bytes out of the stream.

        `in_definition` says that this stream is the definition of a class or function.
        """
        super().__init__(file, 5, buffer_callback=self._keep)
        self.buffers: list[tuple[memoryview | Elements, bool]] = []
        self.out_of_band_bytes = out_of_band_bytes
        self.in_definition = in_definition
        self._stand_ins: dict[int, tuple[bytearray, Elements]] = {}
        self._reducers = _ReducerByType()

    # Called for every object but those of the commonest built-in types, so it has to be quick.
    def reducer_override(self, obj: Any) -> Any:
        """Reduces an object to what rebuilds it, or leaves that to pickle."""
        reduce = self._reducers[type(obj)]
        return NotImplemented if reduce is None else reduce(self, obj)

    def stand_in_for(self, elements: Elements) -> pickle.PickleBuffer:
        """Returns what to put into a reduction in place of the elements, which are then written behind the stream."""
        stand_in = bytearray(1)
        self._stand_ins[id(stand_in)] = (stand_in, elements)
        return pickle.PickleBuffer(stand_in)

    def by_value(self) -> ByValue | None:
        """Returns what takes definitions apart, where cloudpickle is installed."""
        if self._reducers.by_value is None:
            found = ByValue.if_there()
            if found is not None:
                self._reducers.by_value = found
                self._reducers.clear()
        return self._reducers.by_value

    def _keep(self, buffer: pickle.PickleBuffer) -> bool:
        """Takes a buffer out of the stream; returns whether it stays there."""
        try:
            view = buffer.raw()
        except BufferError:
            return True
        stand_in = self._stand_ins.get(id(view.obj))
        if stand_in is not None:
            self.buffers.append((stand_in[1], False))
            return False
        if view.nbytes < self.out_of_band_bytes:
            return True
        self.buffers.append((view, view.readonly))
        return False


def _reduce_part_of_definition(pickler: Pickler, obj: Any) -> Any:
    by_value = pickler.by_value()
    reduced = NotImplemented if by_value is None else by_value.reduce_part(obj)
    if reduced is not NotImplemented:
        return reduced
    reducer = reducer_of(type(obj))
    return NotImplemented if reducer is None else reducer(pickler, obj)
