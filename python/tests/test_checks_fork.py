"""A fork while another thread begins to watch the random generators."""

from __future__ import annotations

import os
import random
import threading
from typing import Any

import pytest

from persistable._checks.generators import PythonGenerator


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_counts_seeds_whenever_it_was_forked(monkeypatch: Any) -> None:
    installing, forking = threading.Event(), threading.Event()
    install = PythonGenerator._install

    def slow_install() -> None:
        installing.set()
        forking.wait(0.5)
        install()

    monkeypatch.setattr(PythonGenerator, "_install", slow_install)
    watch = threading.Thread(target=lambda: PythonGenerator().end())
    watch.start()
    installing.wait(10)
    child = os.fork()
    if child == 0:
        generator = PythonGenerator()
        random.seed(1)
        os._exit(0 if generator.was_seeded() else 1)
    watch.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
