"""A store against a model that is a set: in whatever order, no payload is wrong, lost or made in vain."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from support import NumberParams

from persistable import Persistable, _core
from persistable.exceptions import DamagedPayloadError, MissingPayloadError, NoPayloadError, OutdatedPayloadError

NUMBERS = st.integers(0, 2)


class TripleP(Persistable["list[int]", NumberParams]):
    generations = 0

    def _generate_payload(self, **untracked: Any) -> list[int]:
        self.generations += 1
        return [self.params.n] * 3


class StoreMachine(RuleBasedStateMachine):
    """Several steps over one folder, as programs would use them."""

    steps = Bundle("steps")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.persisted: set[int] = set()
        self.damaged: set[int] = set()
        self.whole: dict[int, bytes] = {}

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(target=steps, n=NUMBERS)
    def open(self, n: int) -> TripleP:
        step = TripleP(self.folder, NumberParams(n), None)
        step.persist_durability = "fast"
        return step

    @rule(step=steps, n=NUMBERS)
    def reassign_a_param(self, step: TripleP, n: int) -> None:
        step.params.n = n

    @rule(step=steps, persist=st.booleans())
    def generate(self, step: TripleP, persist: bool) -> None:
        step.generate(persist)
        assert step.payload == [step.params.n] * 3
        if persist:
            self.persisted.add(step.params.n)
            self.damaged.discard(step.params.n)

    @rule(step=steps)
    def load(self, step: TripleP) -> None:
        n, before = step.params.n, step.generations
        if n in self.damaged:
            try:
                step.load()
                raise AssertionError("a damaged artifact was loaded")
            except DamagedPayloadError:
                self.damaged.discard(n)  # It is in quarantine.
                self.persisted.discard(n)
        elif n in self.persisted:
            step.load()
            assert step._payload == [n] * 3
        else:
            try:
                step.load()
                raise AssertionError("something was loaded that nobody persisted")
            except MissingPayloadError:
                pass
        assert step.generations == before

    @rule(step=steps)
    def load_generate(self, step: TripleP) -> None:
        n, before = step.params.n, step.generations
        step.load_generate()
        assert step._payload == [n] * 3
        if n in self.persisted - self.damaged:
            assert step.generations == before
        self.persisted.add(n)
        self.damaged.discard(n)

    @rule(step=steps)
    def ask_for_the_payload(self, step: TripleP) -> None:
        had = _core.is_in_memory_current(step)
        assert step.payload == [step.params.n] * 3
        if not had:
            self.persisted.add(step.params.n)
            self.damaged.discard(step.params.n)

    @rule(step=steps)
    def persist(self, step: TripleP) -> None:
        try:
            step.persist()
        except NoPayloadError:
            assert step._payload is None
        except OutdatedPayloadError:
            assert step._payload != [step.params.n] * 3
        else:
            self.persisted.add(step.params.n)
            self.damaged.discard(step.params.n)

    @rule(step=steps)
    def reset(self, step: TripleP) -> None:
        step.reset_payload()

    @rule(step=consumes(steps))
    def forget(self, step: TripleP) -> None:
        """Nothing refers to it any more: the garbage collector has it."""

    @rule(step=steps, at=st.integers(0, 10_000), bit=st.integers(0, 7))
    def flip_a_bit(self, step: TripleP, at: int, bit: int) -> None:
        if step.params.n not in self.persisted:
            return
        n, path = step.params.n, Path(f"{step.persist_filepath}.persistable")
        content = bytearray(path.read_bytes())
        if n not in self.damaged:
            self.whole[n] = bytes(content)
        content[at % len(content)] ^= 1 << bit
        path.write_bytes(content)
        if content == self.whole[n]:
            self.damaged.discard(n)  # The same bit twice.
        else:
            self.damaged.add(n)

    @invariant()
    def what_is_in_the_store_is_right(self) -> None:
        """As another program would find it, which meets no damage that the rules are to meet."""
        for n in {0, 1, 2} - self.damaged:
            step = TripleP(self.folder, NumberParams(n), None)
            try:
                step.load()
            except MissingPayloadError:
                assert n not in self.persisted
            else:
                assert n in self.persisted
                assert step._payload == [n] * 3


StoreMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
test_the_store_behaves_as_a_set = StoreMachine.TestCase
