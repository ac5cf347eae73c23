"""Ray."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any

from persistable._runs._absence import WorkersGoneError
from persistable._runs._engine import Outcome
from persistable._runs._futures import Futures, Job
from persistable._runs._worker import paths, run_shells

__all__ = ["Ray", "is_ray"]

_TERMS = {"cores": "CPU", "gpus": "GPU", "memory": "memory"}
"""What Ray calls what its nodes offer."""
_UNLIMITED = "minutes"
_LEFT = "this program is no longer connected to Ray, and the run needs its nodes"


class Ray(Futures):
    """The cluster that this process is connected to. If there is none, `ray.init()` finds or starts one."""

    what_works = "nodes of Ray"

    def __init__(self, workers: int | None) -> None:
        """Connects, if that was not done before."""
        ray: Any = importlib.import_module("ray")
        if not ray.is_initialized():
            ray.init()
        self._ray = ray
        super().__init__(workers or self._cores())
        self._is_counted = workers is None
        self._running: dict[Any, Any] = {}
        # A task that is lost is started again by the run. It knows which step was under way.
        self._task = ray.remote(max_retries=0, retry_exceptions=False)(run_shells)

    def _submit(self, jobs: list[Job], needs: dict[str, float]) -> Any:
        terms = {_TERMS.get(name, name): amount for name, amount in needs.items() if name != _UNLIMITED and amount > 0}
        cores = terms.pop("CPU", 1.0 if needs.get("cores") is None else 0.0)
        gpus, memory = terms.pop("GPU", 0.0), terms.pop("memory", None)
        options = {"num_cpus": cores, "num_gpus": gpus, "memory": memory, "resources": terms or None}
        task = self._task.options(**options).remote(jobs, needs, paths())
        future = task.future()
        self._running[future] = task
        future.add_done_callback(lambda future: self._running.pop(future, None))
        return future

    def close(self, kill: bool) -> None:
        """Ends the processes of the tasks that run, if `kill`."""
        running = tuple(self._running.values()) if kill else ()
        super().close(kill)
        for task in running:
            with contextlib.suppress(Exception):  # It may have ended, or Ray itself.
                self._ray.cancel(task, force=True)

    def _outcomes(self, bundle: Any, future: Any) -> list[Outcome]:
        outcomes = super()._outcomes(bundle, future)
        if not self._ray.is_initialized() and any(each.error is not None for each in outcomes):
            self.gone = self.gone or WorkersGoneError(_LEFT)
            return [each if each.error is None else each._replace(error=self.gone) for each in outcomes]
        return outcomes

    def _attendance(self) -> tuple[int, bool]:
        if not self._ray.is_initialized():
            raise WorkersGoneError(_LEFT)
        if self._is_counted:  # A cluster grows and shrinks while a run is under way.
            self.workers = self._cores()
        return sum(node["Resources"].get("CPU", 0) > 0 for node in self._nodes()), False

    def _cores(self) -> int:
        return max(int(sum(node["Resources"].get("CPU", 0) for node in self._nodes())), 1)

    def refuse_resources(self, needs: dict[str, float]) -> str | None:
        """Ray waits for ever for a node that offers what none has."""
        nodes = self._nodes()
        terms = {_TERMS.get(name, name): amount for name, amount in needs.items() if name != _UNLIMITED}
        if any(all(node["Resources"].get(name, 0) >= amount for name, amount in terms.items()) for node in nodes):
            return None
        wanted = ", ".join(f"{name} {amount:g}" for name, amount in sorted(terms.items())) or "a node"
        return f"it needs {wanted}, and none of the {len(nodes)} nodes of Ray offers that"

    def _nodes(self) -> list[dict[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"]]


def is_ray(value: Any) -> bool:
    """Tells whether a value is `"ray"`, the module `ray`, or what `ray.init()` returned, without importing Ray."""
    if isinstance(value, str):
        return value == "ray"
    if getattr(value, "__name__", None) == "ray" and hasattr(value, "init"):
        return True
    return any(
        kind.__module__.split(".")[0] == "ray" and kind.__name__.endswith("Context") for kind in type(value).__mro__
    )
