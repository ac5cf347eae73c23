"""Of `persistable._core`: what runs are driven by."""

from collections.abc import Callable
from typing import Any, final

@final
class RunPlan:
    """What a run of steps would do, with the steps themselves."""

    def __new__(
        cls, targets: list[Any], is_local: Callable[[Any], bool], regenerates_stale: bool = False
    ) -> RunPlan: ...
    def __len__(self) -> int: ...
    @property
    def steps(self) -> list[Any]:
        """The steps, in the order of the plan."""
    @property
    def objects(self) -> list[list[Any]]:
        """For each step, all objects that are this step. Each has a payload of its own in memory."""
    @property
    def lazy_objects(self) -> list[Any]:
        """Objects that the steps may ask for and that the plan does not have: lazy dependencies, and all below them."""
    def rows(self) -> list[tuple[str, str, str, float | None, bool]]:
        """For each step: its payload name, its key, its state, its seconds, and whether it was asked for."""
    def sizes(self) -> list[int | None]:
        """For each step: how large its persisted payload is; `None` where it is missing."""
    def stale(self) -> list[str | None]:
        """For each step: why its persisted payload is stale; `None` if it is not."""
    def counts(self) -> tuple[int, int, int]:
        """Returns how many steps are there, missing and ready."""
    def expected_seconds(self, workers: int) -> float:
        """Returns how long the missing steps will take together."""
    def priority(self, index: int) -> float: ...
    def needs(self, index: int) -> dict[str, float]: ...
    def needed_by(self, index: int) -> list[int]: ...
    def freeze(self) -> None:
        """Lets the steps be what they are now, until they are thawed, whatever becomes of their params."""
    def thaw(self) -> None: ...
    def machine(self, on_error: str, retries: int, offer: dict[str, float]) -> RunMachine:
        """Returns the state machine of a run."""
    def bound_to_process(self) -> tuple[str, str] | None: ...
    def copies(self, job: str | None, retries: int) -> RunCopies:
        """Begins to share the missing steps with other copies of this program."""
    def failed_elsewhere(self, copies: RunCopies) -> tuple[int, BaseException] | None:
        """Returns a missing step that failed in another copy of this program and is not tried again, with its error."""
    def sync_what_is_left(self) -> None:
        """Makes durable what other runs persisted of these steps.

        One may still run, or was killed before it did that itself.
        """
    def group_sync(self) -> RunSync | None: ...

@final
class RunCopies:
    """This copy of a program, of which several share the steps of a run."""

    @staticmethod
    def of_run(run: str) -> RunCopies:
        """Returns what the workers of one run tell each other. `run` is a name that no other run has."""

@final
class RunSync:
    """Makes durable together what steps persisted."""

    def sync(self, indices: list[int]) -> None: ...
    def finish(self) -> None:
        """Says that all is durable that was persisted."""

@final
class RunMachine:
    """The state machine of a run. One thread drives it."""

    def too_large(self) -> tuple[int, str] | None: ...
    def begin_at(self, first: int) -> None: ...
    def next(self, now: float) -> int | None: ...
    def end(self, index: int, ending: str, now: float) -> bool: ...
    def stop(self) -> None: ...
    @property
    def is_stopping(self) -> bool: ...
    @property
    def is_over(self) -> bool: ...
    @property
    def next_look(self) -> float | None: ...
    @property
    def counts(self) -> tuple[int, int, int, int]: ...
    def remaining_seconds(self, workers: int) -> float: ...
    def state(self, index: int) -> str: ...
    def blocked_by(self, index: int) -> int | None: ...
    def restarts(self, index: int) -> int: ...
    def take_unused(self) -> list[Any]:
        """Returns the objects whose payloads are not needed in memory any longer, each once."""

def ensure(
    step: Any,
    is_synced_later: bool,
    adopts: bool,
    regenerates_stale: bool = False,
    copies: RunCopies | None = None,
) -> str:
    """Makes sure that a step is persisted, without loading it and without waiting for others."""

def check_fresh(step: Any) -> None:
    """Compares what is persisted with the present code, inputs and dependencies, as a load does: warns, or refuses."""

def group_sync_of(steps: list[Any]) -> RunSync | None:
    """Returns what makes durable together what steps persist from now on; `None` where a store can't do that."""

def forget(step: Any) -> None:
    """Forgets the payload of a step, unless only memory has it."""

def is_pending(step: Any) -> bool:
    """Returns whether a step has a payload in memory that was generated and could not be persisted."""

def freeze_as_key(step: Any, payload_name: str, key: str, params_digest: bytes) -> None:
    """Makes a step one of which nothing is known but its name and its key."""

def key_parts(step: Any) -> tuple[str, str, list[int]]:
    """Returns what a worker can't work out of a step that it loads: its name, its key, the digest of its params."""
