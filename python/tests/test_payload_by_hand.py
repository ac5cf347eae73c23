"""What a user's method or hook puts into memory, or takes away, while the core loads or generates."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from support import NumberP, NumberParams

from persistable import Persistable


class HooksP(NumberP):
    """Changes the payload in its hooks."""

    def _generate_payload(self, **untracked: Any) -> Any:
        return self.params.n

    def _post_generate(self, **untracked: Any) -> None:
        self._payload: Any = ("generated", self._payload)

    def _post_load(self, **untracked: Any) -> None:
        self._payload = ("loaded", self._payload)


class MethodsP(NumberP):
    """Changes the payload in methods that it overrides."""

    def generate(self, *args: Any, **kwargs: Any) -> None:
        super().generate(*args, **kwargs)
        self._payload: Any = ("generated", self._payload)

    def load(self, *args: Any, **kwargs: Any) -> None:
        super().load(*args, **kwargs)
        self._payload = ("loaded", self._payload)


@pytest.mark.parametrize("kind", [HooksP, MethodsP])
def test_what_a_hook_or_a_method_makes_of_the_payload_stays(kind: Any, tmp_path: Path) -> None:
    step = kind(tmp_path, NumberParams(3), None)
    assert [step.payload, step.payload, step._payload] == [("generated", 3)] * 3

    step = kind(tmp_path, NumberParams(3), None)
    assert [step.payload, step.payload, step._payload] == [("loaded", 3)] * 3

    step = kind(tmp_path, NumberParams(3), None)
    step.load()
    assert step._payload == ("loaded", 3)
    step.generate()
    assert step._payload == ("generated", 3)


class ForgetfulP(NumberP):
    def _post_generate(self, **untracked: Any) -> None:
        self.reset_payload()

    _post_load = _post_generate


def test_a_payload_that_a_hook_forgets_is_not_put_back(tmp_path: Path) -> None:
    step = ForgetfulP(tmp_path, NumberParams(3), None)
    step.generate()
    assert step._payload is None
    step.load()
    assert step._payload is None
    assert step.payload == 3, "the one that the call loaded is handed out"


class ByHandP(NumberP):
    """Does without `super().generate()`."""

    generations = 0
    persists = True

    def generate(self, persist: bool = True, **untracked: Any) -> None:
        type(self).generations += 1
        self._payload = self._generate_payload()
        if self.persists:
            self.persist()


class ByHandInMemoryP(ByHandP):
    persists = False


@pytest.mark.parametrize("kind", [ByHandP, ByHandInMemoryP])
def test_a_generation_by_hand_persists_under_the_lease_and_happens_once(kind: Any, tmp_path: Path) -> None:
    kind.generations = 0
    step = kind(tmp_path, NumberParams(3), None)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: step.payload, range(4))) == [3] * 4
    assert kind.generations == 1
    assert step.persist_filepath.with_name(f"{step.persist_filepath.name}.persistable").exists() == kind.persists


class AnewP(NumberP):
    """Forgets the payload before it generates."""

    def generate(self, *args: Any, **kwargs: Any) -> None:
        self.reset_payload()
        super().generate(*args, **kwargs)


def test_a_payload_may_be_forgotten_before_it_is_generated(tmp_path: Path) -> None:
    step = AnewP(tmp_path, NumberParams(3), None)
    step.load_generate()
    assert step.payload == 3


class TwoAtOnceP(NumberP):
    """Generates for other params within a generation."""

    def generate(self, *args: Any, **kwargs: Any) -> None:
        if self.params.n:
            present, self.params = self.params, NumberParams(self.params.n - 1)
            self.load_generate()
            self.params = present
        super().generate(*args, **kwargs)


def test_one_object_may_generate_for_several_params_at_once(tmp_path: Path) -> None:
    step = TwoAtOnceP(tmp_path, NumberParams(3), None)
    assert step.payload == 3
    assert len(list(tmp_path.glob("two_at_once_p*.persistable"))) == 4


@pytest.mark.parametrize("method", ["load", "generate", "persist"])
def test_methods_that_a_test_replaces_on_the_class_of_the_package_are_called(method: str, tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    absent = FileNotFoundError if method == "load" else None
    with mock.patch.object(Persistable, method, side_effect=absent) as replaced:
        step.load_generate()
    assert replaced.called


class InterruptedP(NumberP):
    is_interrupted = False

    @property
    def payload_version(self) -> Any:
        if self.is_interrupted:
            raise KeyboardInterrupt
        return None


def test_an_interrupt_while_a_step_is_pickled_is_not_lost(tmp_path: Path) -> None:
    step = InterruptedP(tmp_path, NumberParams(3), None)
    step.load_generate()
    step.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        pickle.dumps(step)


class OfItselfP(NumberP):
    """Asks for its own payload, in a thread that its own method starts."""

    def _generate_payload(self, **untracked: Any) -> Any:
        return self.payload

    def generate(self, *args: Any, **kwargs: Any) -> None:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(super().generate, *args, **kwargs).result()


def test_a_step_that_asks_for_itself_in_another_thread_is_an_error_and_does_not_hang(tmp_path: Path) -> None:
    step = OfItselfP(tmp_path, NumberParams(3), None)
    step.lease_wait_seconds = 60
    with pytest.raises(Exception, match="would wait for itself"):
        step.load_generate()


def test_a_load_that_keeps_nothing_has_not_loaded(tmp_path: Path) -> None:
    class OwnLoadP(Persistable[Any, Any]):
        def load(self, *given: Any, **named: Any) -> Any:
            return "only returned"

        def _generate_payload(self, **untracked_payload_params: Any) -> Any:
            return "generated"

    assert OwnLoadP(tmp_path, None).payload == "generated"
