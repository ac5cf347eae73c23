"""Where in an array an element is."""

from __future__ import annotations

__all__ = ["index_text"]


def index_text(index: int, shape: tuple[int, ...]) -> str:
    """Returns the place of an element, which is counted in C order, as Python code has it: `[2, 3]`."""
    places: list[int] = []
    for size in reversed(shape):
        index, place = divmod(index, size)
        places.append(place)
    return f"[{', '.join(map(str, reversed(places)))}]" if places else ""
