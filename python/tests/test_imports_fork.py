"""A fork while another thread is at an import."""

from __future__ import annotations

import os
import threading
from importlib import _bootstrap
from typing import Any

import pytest

from persistable import _imports

bootstrap: Any = _bootstrap


@pytest.mark.parametrize("name", ["persistable._environment._nothing", "email._nothing"])
def test_imports_of_other_threads_are_waited_for(name: str) -> None:
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
