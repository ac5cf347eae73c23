"""Executors of executorlib."""

from __future__ import annotations

import math
from typing import Any

from persistable._runs._futures import Foreign, Job
from persistable._runs._worker import paths, run_shells

__all__ = ["Executorlib"]

_TERMS = {"cores": "threads_per_core", "gpus": "gpus_per_core"}
"""What executorlib calls them. Its own `cores` are copies of a function under MPI."""
_MINUTES = "minutes"


class Executorlib(Foreign):
    """An executor of executorlib. Unless it keeps its workers, each task is a new process."""

    bundle_seconds = 1.0

    def _offer(self, needs: list[dict[str, float]]) -> dict[str, float]:
        return {**super()._offer(needs), "gpus": math.inf}

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        terms: dict[str, Any] = {term: math.ceil(needs[name]) for name, term in _TERMS.items() if needs.get(name)}
        if _MINUTES in needs:
            terms["run_time_max"] = math.ceil(60 * needs[_MINUTES])
        return self._executor.submit(run_shells, jobs, needs, paths(), resource_dict=terms or None)

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Refuses what executorlib can't be told."""
        unknown = [name for name in needs if name not in _TERMS and name != _MINUTES]
        return f"executorlib has no word for {unknown[0]!r}" if unknown else None
