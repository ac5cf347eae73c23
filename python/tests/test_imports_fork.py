"""A fork while another thread is at an import."""

from __future__ import annotations

import importlib.machinery
import os
import signal
import sys
import threading
import types
from importlib import _bootstrap
from pathlib import Path
from typing import Any

import pytest
from support import run

from persistable import _imports

bootstrap: Any = _bootstrap


@pytest.mark.parametrize("name", ["persistable._environment._nothing", "email._nothing"])
def test_imports_of_other_threads_are_waited_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_imports, "_longest_wait_seconds", 60.0)
    begun, may_end = threading.Event(), threading.Event()
    ended: list[bool] = []

    def imports() -> None:
        lock = bootstrap._get_module_lock(name)
        lock.acquire()
        begun.set()
        may_end.wait(30)
        ended.append(True)
        lock.release()

    other = threading.Thread(target=imports)
    other.start()
    begun.wait(30)
    threading.Timer(0.2, may_end.set).start()
    _imports.finish()
    assert ended
    other.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_waits_for_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(_imports, "_is_ours", lambda name: bool(asked.append(1)))
    held = bootstrap._get_module_lock("persistable._nothing")
    held.acquire()
    child = os.fork()
    if child == 0:
        os._exit(0)
    held.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert asked


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_imports_anew_what_another_thread_was_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        _imports, "_is_of_another_thread", lambda lock: False
    )  # The fork comes before the wait sees it.
    begun, may_end = threading.Event(), threading.Event()

    def imports() -> None:
        lock = bootstrap._get_module_lock("persistable._steps")
        with lock.lock:  # As somewhere in the middle of `acquire`.
            sys.modules["persistable._steps"] = half
            begun.set()
            may_end.wait(30)

    half = types.ModuleType("persistable._steps")
    half.__spec__ = importlib.machinery.ModuleSpec("persistable._steps", None)
    half.__spec__._initializing = True  # type: ignore[attr-defined]
    monkeypatch.delitem(sys.modules, "persistable._steps", raising=False)
    other = threading.Thread(target=imports)
    other.start()
    begun.wait(30)
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        from persistable._steps import refuse_all_but_steps

        os._exit(0 if callable(refuse_all_but_steps) else 1)
    may_end.set()
    other.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


WAITS_FOR_LOGGING = """
    import importlib.abc, importlib.machinery, os, signal, sys, threading, warnings

    import persistable

    assert "logging" not in sys.modules  # So what `logging` does before a fork comes before what this package does.
    import logging

    class Late(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path=None, target=None):
            return importlib.machinery.ModuleSpec(name, self) if name == "persistable._late" else None

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            begun.set()
            is_forking.wait(60)
            logging.getLogger("late")

    warnings.simplefilter("ignore", DeprecationWarning)  # Of forks while there are threads.
    begun, is_forking = threading.Event(), threading.Event()
    sys.meta_path.insert(0, Late())
    other = threading.Thread(target=lambda: __import__("persistable._late"))
    other.start()
    begun.wait(60)
    os.register_at_fork(before=is_forking.set)  # It is called first, and the lock of `logging` is taken right after it.
    signal.alarm(60)  # Ends a fork that hangs.
    sys.setswitchinterval(10)  # No other thread comes in between.
    child = os.fork()
    if child == 0:
        import persistable._function_step

        logging.getLogger("late")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    other.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_does_not_wait_for_ever_for_an_import_that_waits_for_the_fork() -> None:
    run(WAITS_FOR_LOGGING)


FORKS = """
    import os, signal, sys, threading, warnings
    from persistable import step

    warnings.simplefilter("ignore", DeprecationWarning)  # Of forks while there are threads.
    sys.setswitchinterval(1e-6)  # The threads take turns often, so that a fork comes at any moment.

    @step
    def one(n: int) -> list[int]:
        return list(range(n))

    @step
    def two(n: int) -> list[int]:
        return list(range(n))

    first, other = one(sys.argv[1], n=3), two(sys.argv[1], n=3)
    thread = threading.Thread(target=lambda: first.payload)
    thread.start()
    children = []
    while thread.is_alive():
        child = os.fork()
        if child == 0:
            signal.alarm(60)  # Ends a child that hangs.
            os._exit(0 if other.payload == [0, 1, 2] else 1)
        children.append(child)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.parametrize("attempt", range(4))
def test_a_fork_in_the_middle_of_the_first_generation(attempt: int, tmp_path: Path) -> None:
    run(FORKS, tmp_path / str(attempt))
