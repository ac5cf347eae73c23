"""Drives a run: asks the state machine of the core, and hands steps to an engine."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from persistable import _core
from persistable._core import shown_duration, shown_size
from persistable._own_thread import OwnThread
from persistable._repr import briefly_shown_step
from persistable._runs._code_of_workers import CodeOfWorkers
from persistable._runs._engine import Engine, Outcome, ensured
from persistable._runs._errors import NotDurableError
from persistable._runs._interrupts import Interrupts
from persistable._runs._mending import lacks_a_dependency, mended
from persistable._runs._overview import counted
from persistable._runs._plan import Plan, is_known
from persistable._runs._progress import Progress, Shown
from persistable._runs._report import Report, StepReport, brief_error

__all__ = ["Event", "Rules", "drive"]

_LONGEST_PAUSE = 0.1
_SYNC_PAUSE = 0.1
"""While steps run, what they persisted is made durable so often at most."""
_SYNCED = -1
"""Stands for the position of a step when what was persisted is durable."""
_OF_OTHERS = frozenset({"present", "found"})
_MOST_SLOWEST = 3
_LONG = 1.0
"""Only steps that run for more seconds are worth a mention."""
_MOST_TOLD = 5


class Event(NamedTuple):
    """What happened in a run."""

    kind: str
    """`"planned"`, `"started"`, `"taken"` by another process, `"retried"` after a failure, `"ended"`, `"stopping"`."""
    step: Any
    """The step, or the `Plan` of the event `"planned"`."""
    state: str | None
    error: BaseException | None
    progress: Progress


class Rules(NamedTuple):
    """What a run is told to do."""

    on_error: str
    retries: int
    offer: dict[str, float]
    on_event: Callable[[Event], object] | None


class Driver:
    """One run."""

    def __init__(self, plan: Plan, engine: Engine, rules: Rules, shown: Shown) -> None:
        """Refuses a step that needs more than there is."""
        self._plan = plan
        self._core = plan._core
        self._steps: list[Any] = self._core.steps
        self._rows = self._core.rows()
        self._engine = engine
        self._on_event = rules.on_event
        self._on_error = rules.on_error
        self._shown = shown
        self._machine = self._core.machine(rules.on_error, rules.retries, rules.offer)
        self._machine.begin_at(engine.first)
        self._refuse_what_is_too_large(rules)
        is_local = engine.is_of_this_machine
        self._sync = self._core.group_sync() if is_local else None
        # Only this process has what these are persisted from. It is asked before anything is written: from then on,
        # each answer would cost a look at the whole folder.
        missing = [index for index, row in enumerate(self._rows) if row[2] != "present"]
        self._of_this_process = {index for index in missing if is_known(self._steps[index])}
        self._outcomes: dict[int, Outcome] = {}
        self._refused: dict[int, BaseException] = {}
        self._is_all_durable = True
        self._seconds: dict[int, float] = {}
        self._started: dict[int, float] = {}
        self._unsynced: list[int] = []
        self._syncing: list[int] = []
        self._last_sync = time.monotonic()
        self._begin = time.monotonic()
        self._has_told_stopping = False
        self._failures = 0
        self.is_interrupted = False
        self._objects: list[list[Any]] = self._core.objects
        if engine.regenerates_stale:
            # What is persisted now may be another payload than the one that is in memory here.
            for index in missing:
                for step in self._objects[index]:
                    _core.forget(step)
        every = [self._core.lazy_objects, *self._objects] if engine.takes_payloads else []
        self._was_in_memory = {id(step) for objects in every for step in objects if _core.has_in_memory(step)}
        self._code_of_workers = CodeOfWorkers(engine.regenerates_stale)
        self._mended: set[int] = set()

    def run(self) -> None:
        """Runs until nothing is left to do. The first Ctrl-C stops it, and the second one goes through."""
        if self._refused and self._on_error == "stop":
            self._machine.stop()
            self._tell_stopping()
        with Interrupts() as interrupts:
            self._run(interrupts)

    def check_stale(self) -> None:
        """Begins: warns of what was asked for and is stale, or refuses it, as when it is loaded.

        It is called before steps are frozen: then all steps below are compared.
        """
        self._tell("planned", self._plan, None, None)
        for index, stale in enumerate(self._core.stale()):
            if stale is not None and self._rows[index][2] == "present" and self._rows[index][4]:
                self._check_fresh(index)

    def _check_fresh(self, index: int) -> None:
        """Warns of a step that is stale. One that is refused for that has failed."""
        try:
            _core.check_fresh(self._steps[index])
        except Exception as error:
            self._refused[index] = error
            self._tell_failure(self._steps[index], error)

    def _run(self, interrupts: Interrupts) -> None:
        while True:
            if interrupts.count and not self.is_interrupted and not self._machine.is_over:
                self._interrupt()
            self._look_after_workers()
            self._look_after_copies()
            while (
                not interrupts.count
                and self._engine.has_room
                and (index := self._machine.next(self._now())) is not None
            ):
                self._start(index)
            self._engine.hand_over()
            is_time = not self._started or time.monotonic() - self._last_sync > _SYNC_PAUSE
            if self._unsynced and not self._syncing and is_time:
                self._begin_sync()
            if self._machine.is_over and not self._unsynced and not self._syncing:
                self.is_interrupted |= interrupts.count > 0
                return
            look = self._machine.next_look
            pause = _LONGEST_PAUSE if look is None else min(max(look - self._now(), 0.0), _LONGEST_PAUSE)
            try:
                index, outcome = self._engine.done.get(timeout=pause)
            except queue.Empty:
                self._show()
                continue
            self._look_after_workers()
            if index == _SYNCED:
                self._synced(outcome)
            else:
                self._end(index, outcome)
            self._show()

    def _look_after_workers(self) -> None:
        """Tells what the engine has to say of its workers. If no worker is left, starts nothing more."""
        while not self._engine.news.empty():
            self._shown.warn(self._engine.news.get())
        if self._engine.gone is not None and not self._machine.is_stopping:
            self._machine.stop()
            self._tell_stopping()

    def _look_after_copies(self) -> None:
        """Stops after a failure in another copy of this program, without coming to that step."""
        if self._on_error != "stop" or self._machine.is_stopping:
            return
        failed = self._engine.failed_elsewhere()
        if failed is not None and failed[0] not in self._outcomes:
            self._refuse(*failed)

    def _interrupt(self) -> None:
        self.is_interrupted = True
        self._machine.stop()
        self._engine.stop()
        steps = counted(len(self._started))
        self._shown.tell(f"stopping: waiting for {steps} to end. Press Ctrl-C again to end at once")
        self._tell_stopping()

    def _start(self, index: int) -> None:
        step = self._steps[index]
        self._started[index] = time.monotonic()
        self._tell("started", step, None, None)
        try:
            if index in self._of_this_process:
                again = self._engine.regenerates_stale
                self._engine.done.put((index, ensured(step, self._sync is not None, True, again)))
            else:
                self._engine.start(index, step, self._rows[index][1], self._sync is not None)
        except Exception as error:  # It can't be sent to a worker.
            self._engine.done.put((index, Outcome("failed", 0.0, "", error)))

    def _end(self, index: int, outcome: Outcome) -> None:
        step = self._steps[index]
        if self.is_interrupted and outcome.ending == "lost":  # Ctrl-C goes to all processes of a terminal.
            outcome = outcome._replace(ending="interrupted", error=None)
        if not self._engine.is_this_process and index not in self._of_this_process:
            if lacks_a_dependency(outcome) and index not in self._mended:
                self._mended.add(index)
                OwnThread(lambda: self._engine.done.put((index, mended(step, outcome))), "mend").start()
                return
            outcome = self._code_of_workers.compared(step, outcome)
        self._started.pop(index, None)
        self._seconds[index] = self._seconds.get(index, 0.0) + outcome.seconds
        is_over = self._machine.end(index, outcome.ending, self._now())
        for unused in self._machine.take_unused() if self._engine.takes_payloads else ():
            if id(unused) not in self._was_in_memory:
                _core.forget(unused)
        if not is_over:
            self._tell("taken" if outcome.ending == "taken" else "retried", step, None, outcome.error)
            return
        self._outcomes[index] = outcome
        if outcome.error is not None:
            self._tell_failure(step, outcome.error)
        # Another run, or a worker that was lost, may have persisted what is found now, and not made it durable.
        if outcome.ending in ("generated", "found") and self._sync is not None:
            self._unsynced.append(index)
        else:
            self._tell_ended(index)
        if self._machine.is_stopping:
            self._tell_stopping()

    def _begin_sync(self) -> None:
        """Makes durable what was persisted so far. Steps start and end meanwhile."""
        self._syncing, self._unsynced = self._unsynced, []
        OwnThread(self._make_durable, "sync").start()

    def _make_durable(self) -> None:
        error = None
        try:
            if self._sync is not None:
                self._sync.sync(self._syncing)
        except BaseException as raised:
            error = raised
        self._engine.done.put((_SYNCED, Outcome("synced", 0.0, "", error)))

    def _synced(self, outcome: Outcome) -> None:
        self._last_sync = time.monotonic()
        ended, self._syncing = self._syncing, []
        if outcome.error is not None:
            self._note_not_durable(ended, outcome.error)
        for index in ended:
            self._tell_ended(index)

    def _note_not_durable(self, steps: list[int], error: BaseException) -> None:
        self._is_all_durable = False
        for index in steps:
            refusal = NotDurableError(
                f"it is persisted, and may be lost if the machine fails now: {brief_error(error)}"
            )
            refusal.__cause__ = error
            self._refuse(index, refusal)

    def _refuse(self, index: int, error: BaseException) -> None:
        """Notes that a step that is persisted has failed all the same."""
        self._refused[index] = error
        self._tell_failure(self._steps[index], error)
        if self._on_error == "stop" and not self._machine.is_stopping:
            self._machine.stop()
            self._tell_stopping()

    def settle(self) -> None:
        """Makes durable what is not, if the run ended in the middle. If a step may still run, a later run does that."""
        if self._sync is None:
            return
        left = [*self._syncing, *self._unsynced]
        if left:
            with contextlib.suppress(Exception):  # The run has another error already.
                self._sync.sync(left)
                self._syncing, self._unsynced = [], []
        if self._is_all_durable and not (self._started or self._syncing or self._unsynced):
            self._sync.finish()

    def look_again(self) -> None:
        """Looks at what other runs persisted: whether it is durable, and whether other code made it."""
        states = [self._machine.state(index) for index in range(len(self._steps))]
        try:
            self._core.sync_what_is_left()
        except Exception as error:
            self._note_not_durable([index for index, state in enumerate(states) if state in _OF_OTHERS], error)
        found = [index for index, state in enumerate(states) if state == "found" and self._rows[index][4]]
        if found and not self._engine.regenerates_stale:
            steps = [self._steps[index] for index in found]
            reasons = _core.RunPlan(steps, is_known).stale()
            for index, stale in zip(found, reasons):
                if stale is not None:
                    self._check_fresh(index)

    def report(self) -> Report:
        """Returns what became of each step."""
        return Report([self._report_of(index) for index in range(len(self._steps))], self._now())

    def _report_of(self, index: int) -> StepReport:
        name, key, _, _, is_target = self._rows[index]
        outcome = self._outcomes.get(index)
        blocker = self._machine.blocked_by(index)
        refusal = self._refused.get(index)
        error = refusal if outcome is None or outcome.error is None else outcome.error
        return StepReport(
            self._steps[index],
            name,
            key,
            "failed" if refusal is not None else self._machine.state(index),
            self._seconds.get(index),
            None if outcome is None else outcome.host or None,
            error,
            None if blocker is None else self._rows[blocker][1],
            self._machine.restarts(index),
            is_target,
        )

    def show_last(self) -> None:
        """Shows how the run ended."""
        self._shown.show(self._progress(), is_last=True)

    def _show(self) -> None:
        if self._shown.is_due:
            self._shown.show(self._progress())

    def _progress(self) -> Progress:
        total, done, running, failed = self._machine.counts
        remaining = self._machine.remaining_seconds(self._engine.workers)
        return Progress(total, done, running, failed, self._now(), remaining, tuple(self._slowest()))

    def _slowest(self) -> Iterator[str]:
        now = time.monotonic()
        long = [index for index, begin in self._started.items() if now - begin > _LONG]
        for index in sorted(long, key=self._started.__getitem__)[:_MOST_SLOWEST]:
            seconds = now - self._started[index]
            yield f"{briefly_shown_step(self._steps[index])} for {shown_duration(float(round(seconds)))}"

    def _tell(self, kind: str, step: Any, state: str | None, error: BaseException | None) -> None:
        if self._on_event is not None:
            self._on_event(Event(kind, step, state, error, self._progress()))

    def _tell_ended(self, index: int) -> None:
        error = self._outcomes[index].error
        self._tell("ended", self._steps[index], self._machine.state(index), error)

    def _tell_failure(self, step: Any, error: BaseException) -> None:
        self._failures += 1
        if self._failures <= _MOST_TOLD:
            self._shown.tell(f"{briefly_shown_step(step)} failed: {brief_error(error)}")
        elif self._failures == _MOST_TOLD + 1:
            self._shown.tell("more steps failed. The error at the end names them")

    def _tell_stopping(self) -> None:
        if not self._has_told_stopping:
            self._has_told_stopping = True
            self._tell("stopping", None, None, None)

    def _now(self) -> float:
        return time.monotonic() - self._begin

    def _refuse_what_is_too_large(self, rules: Rules) -> None:
        too_large = self._machine.too_large()
        if too_large is not None:
            index, name = too_large
            needs, has = self._core.needs(index).get(name, 1.0), rules.offer.get(name, 0.0)
            more = "workers=" if name == "cores" else f"offer={{{name!r}: …}}"
            raise ValueError(
                f"{briefly_shown_step(self._steps[index])} needs {_amount(name, needs)} of {name!r}, and the run has "
                f"{_amount(name, has)}. Set more with {more}, or change the resources of the step"
            )
        bound = None if self._engine.is_this_process else self._core.bound_to_process()
        if bound is not None:
            name, place = bound
            raise ValueError(
                f"{name} is in {place}, or depends on a step there. Only this process has that store: a worker "
                'process can\'t see it. Use executor="threads", or a store that workers can reach, as a data folder'
            )
        refusals: dict[frozenset[Any], str | None] = {}
        for index, row in enumerate(self._rows):
            wanted = {} if row[2] == "present" else self._core.needs(index)
            asked = frozenset(wanted.items())
            if asked not in refusals:
                refusals[asked] = self._engine.refuse_resources(wanted)
            refusal = refusals[asked]
            if refusal is not None:
                step = briefly_shown_step(self._steps[index])
                raise ValueError(f"{step} can't run: {refusal}, or change the resources of the step")


def _amount(name: str, amount: float) -> str:
    return shown_size(amount) if name == "memory" else f"{amount:g}"


def drive(plan: Plan, engine: Engine, rules: Rules, shown: Shown) -> tuple[Report, bool]:
    """Generates what is missing. Returns what became of the steps, and whether Ctrl-C stopped the run."""
    driver = None
    is_whole = False
    try:
        driver = Driver(plan, engine, rules, shown)
        driver.check_stale()
        plan._core.freeze()
        driver.run()
        is_whole = True
    finally:
        try:
            engine.close(kill=not is_whole)
        finally:
            plan._core.thaw()
            if driver is not None:
                driver.settle()
                driver.show_last()
    driver.look_again()
    return driver.report(), driver.is_interrupted
