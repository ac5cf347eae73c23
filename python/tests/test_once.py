"""One generation for all threads, also through methods that a subclass, or a test, has put in their place."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable.exceptions import DamagedPayloadError
from persistable.io import PickleFileIO

THREADS = 4


class SlowP(NumberP):
    """Counts what is called, and takes so long that all threads meet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calls: list[str] = []

    def _generate_payload(self, **untracked: Any) -> int:
        generated.append(self.params.n)
        time.sleep(0.1)
        return self.params.n


class OwnLoadP(SlowP):
    def load(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append("load")
        super().load(*args, **kwargs)


class OwnGenerateP(SlowP):
    def generate(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append("generate")
        super().generate(*args, **kwargs)


class OwnPersistP(SlowP):
    def persist(self) -> None:
        self.calls.append("persist")
        super().persist()


class InAThreadP(SlowP):
    """Generates in a thread of its own."""

    def generate(self, *args: Any, **kwargs: Any) -> None:
        self.calls.append("generate")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(super().generate, *args, **kwargs).result()


class OwnFileP(SlowP):
    """Knows nothing of the store."""

    def load(self, *args: Any, **kwargs: Any) -> None:
        self._payload = int((self.data_dir / "own").read_text())

    def generate(self, *args: Any, **kwargs: Any) -> None:
        self._payload = self._generate_payload()
        (self.data_dir / "own").write_text(str(self._payload))


def made_by_object(data_dir: Path, params: NumberParams, dependencies: None) -> SlowP:
    """A step whose methods are replaced on the object."""
    step = SlowP(data_dir, params, dependencies)
    generate = step.generate
    step.generate = lambda *args, **kwargs: (step.calls.append("generate"), generate(*args, **kwargs))  # type: ignore
    return step


generated: list[int] = []

KINDS: list[Callable[..., Any]] = [
    SlowP,
    OwnLoadP,
    OwnGenerateP,
    OwnPersistP,
    InAThreadP,
    OwnFileP,
    made_by_object,
]


@pytest.fixture(autouse=True)
def _none_generated() -> None:
    generated.clear()


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("ask", ["payload", "load_generate"])
@pytest.mark.parametrize("kind", KINDS)
def test_four_threads_on_one_step_generate_once(kind: Any, ask: str, tmp_path: Path) -> None:
    step = kind(tmp_path, NumberParams(3), None)

    def asked() -> Any:
        if ask == "load_generate":
            step.load_generate()
        return step.payload

    assert all_at_once([asked] * THREADS) == [3] * THREADS
    assert generated == [3]


@pytest.mark.parametrize("ask", ["payload", "load_generate"])
@pytest.mark.parametrize("kind", KINDS)
def test_four_steps_of_one_key_in_four_threads_generate_once(kind: Any, ask: str, tmp_path: Path) -> None:
    steps = [kind(tmp_path, NumberParams(3), None) for _ in range(THREADS)]

    def asked(step: Any) -> Any:
        if ask == "load_generate":
            step.load_generate()
        return step.payload

    assert all_at_once([lambda step=step: asked(step) for step in steps]) == [3] * THREADS  # type: ignore
    assert generated == [3]


def test_it_is_generated_through_the_overriding_methods(tmp_path: Path) -> None:
    for kind, called in ((OwnGenerateP, "generate"), (OwnLoadP, "load"), (made_by_object, "generate")):
        steps = [kind(tmp_path / called, NumberParams(3), None) for _ in range(THREADS)]
        all_at_once([lambda step=step: step.payload for step in steps])  # type: ignore
        assert sum(step.calls.count("generate") for step in steps) == (1 if called == "generate" else 0)
        assert all(step.calls.count("load") >= 1 for step in steps if called == "load")


def test_without_others_each_overriding_method_is_called_once(tmp_path: Path) -> None:
    class BothP(OwnGenerateP, OwnLoadP):
        pass

    step = BothP(tmp_path, NumberParams(3), None)
    step.load_generate()
    assert step.calls == ["load", "generate"]
    step.load_generate()
    assert step.calls == ["load", "generate", "load"]


@pytest.mark.parametrize("ask", ["payload", "load_generate"])
def test_four_threads_on_one_step_decode_once(ask: str, tmp_path: Path) -> None:
    decoded: list[int] = []

    class CountingIO(PickleFileIO[Any]):
        def _load(self, filepath: Path, **kwargs: Any) -> Any:
            decoded.append(1)
            time.sleep(0.1)
            return super()._load(filepath, **kwargs)

    NumberP(tmp_path, NumberParams(3), None, payload_io=CountingIO()).generate()
    step = NumberP(tmp_path, NumberParams(3), None, payload_io=CountingIO())
    found = all_at_once([lambda: step.payload if ask == "payload" else (step.load_generate(), step.payload)[1]] * 4)
    assert found == [3] * 4
    assert len(decoded) == 1


def test_when_the_first_fails_the_next_one_tries(tmp_path: Path) -> None:
    class FailingP(SlowP):
        def _generate_payload(self, **untracked: Any) -> int:
            time.sleep(0.05)
            generated.append(1)
            if len(generated) < 3:
                raise KeyError("not yet")
            return 7

    step = FailingP(tmp_path, NumberParams(3), None)

    def asked() -> Any:
        try:
            return step.payload
        except KeyError:
            return None

    found = all_at_once([asked] * THREADS)
    assert sorted(found, key=str) == [7, 7, None, None]
    assert len(generated) == 3


# --- pickling ---------------------------------------------------------------------------------------------------------


class LargeP(NumberP):
    def _generate_payload(self, **untracked: Any) -> bytes:  # type: ignore[override]
        return bytes(1_000_000)


@pytest.mark.parametrize("way", ["generated", "loaded", "persisted"])
def test_a_persisted_payload_stays_behind_when_its_step_is_pickled(way: str, tmp_path: Path) -> None:
    step = LargeP(tmp_path, NumberParams(3), None)
    step.generate(persist=way == "generated")
    if way == "persisted":
        step.persist()
    if way == "loaded":
        step.persist()
        step.reset_payload()
        step.load()
    pickled = pickle.dumps(step)
    assert len(pickled) < 10_000
    assert step._payload is not None
    same = pickle.loads(pickled)
    assert same._payload is None
    assert same.payload == step.payload


def test_a_payload_that_is_not_persisted_goes_along(tmp_path: Path) -> None:
    step = LargeP(tmp_path, NumberParams(3), None)
    step.generate(persist=False)
    assert pickle.loads(pickle.dumps(step))._payload == step._payload
    step._payload = b"mine"  # type: ignore[assignment]
    assert pickle.loads(pickle.dumps(step))._payload == b"mine"
    step.generate()
    step.params.n = 4  # The store has nothing for these.
    assert pickle.loads(pickle.dumps(step))._payload == step._payload


def test_a_payload_that_was_persisted_elsewhere_goes_along(tmp_path: Path) -> None:
    step = LargeP(tmp_path / "a", NumberParams(3), None)
    step.generate()
    step.data_dir = tmp_path / "b"
    assert pickle.loads(pickle.dumps(step))._payload == step._payload
    step.data_dir = tmp_path / "a"
    for file in (tmp_path / "a").glob("*.manifest.json"):
        file.unlink()
    assert pickle.loads(pickle.dumps(step))._payload == step._payload


# --- what an object has -----------------------------------------------------------------------------------------------


def test_a_step_has_one_private_name(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    step.logger.info("hello")
    _ = step.payload
    private = {name for name in vars(step) if name.startswith("_")}
    assert len(private) == 1
    hooks = {"_generate_payload", "_validate_payload", "_post_generate", "_post_load", "_payload", "_repr_html_"}
    of_class = {name for base in NumberP.__mro__[1:2] for name in vars(base) if name.startswith("_")}
    dunder = {name for name in of_class if name.startswith("__") and name.endswith("__")}
    assert {name for name in of_class - dunder - hooks if not name.startswith("_abc")} == set()


def test_copies_do_not_share_what_they_have_in_memory(tmp_path: Path) -> None:
    import copy

    for copied in (copy.copy, copy.deepcopy):
        step = NumberP(tmp_path, NumberParams(3), None)
        step.generate(persist=False)
        same = copied(step)
        step.reset_payload()
        assert same._payload == 3
        same._payload = 4
        assert step._payload is None
        step._payload = 5
        assert same.payload == 4


def test_a_step_that_a_payload_refers_to_is_freed_with_it(tmp_path: Path) -> None:
    import gc
    import weakref

    class Payload:
        step: Any = None

    class SelfP(NumberP):
        def _generate_payload(self, **untracked: Any) -> Any:
            return Payload()

    step = SelfP(tmp_path, NumberParams(3), None)
    step.generate(persist=False)
    step.payload.step = step  # type: ignore[attr-defined]
    gone = weakref.ref(step)
    del step
    gc.collect()
    assert gone() is None


def test_a_payload_is_freed_with_its_step_at_once(tmp_path: Path) -> None:
    import weakref

    class Payload:
        pass

    class FreedP(NumberP):
        def _generate_payload(self, **untracked: Any) -> Any:
            return Payload()

    step = FreedP(tmp_path, NumberParams(3), None)
    step.generate(persist=False)
    gone = weakref.ref(step._payload)
    del step
    assert gone() is None


@pytest.mark.parametrize("first", ["load_generate", "generate", "payload"])
def test_a_payload_in_memory_that_was_generated_here_is_not_looked_up_in_the_store(tmp_path: Path, first: str) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    method = getattr(step, first)
    _ = method() if callable(method) else method
    manifest = next(tmp_path.glob("*.manifest.json"))
    manifest.write_text("damaged")
    assert step.payload == 3
    with pytest.raises(DamagedPayloadError):
        step.load()
