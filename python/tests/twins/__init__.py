"""The twins of the steps in `crates/persistable-twins`: what one side persists, the other loads."""

from __future__ import annotations

from twins import arrays, graph, inputs, kinds, records, trees
from twins.twin import Make

__all__ = ["TWINS"]

TWINS: dict[str, Make] = {**kinds.TWINS, **graph.TWINS, **trees.TWINS, **records.TWINS, **arrays.TWINS, **inputs.TWINS}
"""How each twin is made in a data folder, by the name of the step."""
