"""The steps of `testdata/store-v1`. What is here stays as it is; there can only be more."""

from __future__ import annotations

from twins.twin import Make

from old_stores import documents, frames, graph, kinds, pickles

IN_BOTH: dict[str, Make] = {**documents.IN_BOTH, **frames.IN_BOTH, **graph.IN_BOTH, **kinds.IN_BOTH}
"""What the folders of both languages have."""
IN_RUST: dict[str, Make] = {**IN_BOTH, **documents.IN_RUST}
"""What the folder of Rust has, but for what Python has no payload IO for."""
IN_PYTHON: dict[str, Make] = {**IN_BOTH, **documents.IN_PYTHON, **frames.IN_PYTHON, **pickles.IN_PYTHON}
"""What the folder of Python has."""
