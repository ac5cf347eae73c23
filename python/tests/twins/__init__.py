"""The twins of the steps in `crates/persistable-twins`: what one side persists, the other loads."""

from __future__ import annotations

from twins import arrays, graph, inputs, kinds, records, shapes, trees
from twins.twin import Make

__all__ = ["TWINS"]

TWINS: dict[str, Make] = {
    name: make for room in (kinds, graph, shapes, trees, records, arrays, inputs) for name, make in room.TWINS.items()
}
"""How each twin is made in a data folder, by the name of the step."""
