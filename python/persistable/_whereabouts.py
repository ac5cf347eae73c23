"""Where the artifact of a step is, for messages."""

from __future__ import annotations

import os
from typing import Any

from persistable._store import Store

__all__ = ["artifact_of"]


def artifact_of(step: Any) -> str:
    """Returns the path of the payload's file, or its name behind the location of another store."""
    name = f"{step.payload_name}({step.persist_hash}){step.payload_file_suffix}"
    data_dir = step.data_dir
    return f"{data_dir.location}/{name}" if isinstance(data_dir, Store) else os.path.join(data_dir, name)  # noqa: PTH118
