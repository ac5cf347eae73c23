"""Whether other threads ran is found out without looking into them: one that has just ended must do no harm."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from persistable._checks import others

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the clocks of threads are Linux's")


def test_a_thread_that_has_ended_has_no_time() -> None:
    threads = [threading.Thread(target=lambda: None) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Until Python 3.12, a thread may still be ending after `join`.
    while any(others._seconds(thread) is not None for thread in threads):
        time.sleep(0.001)


def test_the_clock_of_a_thread_is_that_of_the_system_and_goes_on_while_it_runs() -> None:
    is_over = threading.Event()

    def spin() -> None:
        while not is_over.is_set():
            pass

    spinning = threading.Thread(target=spin)
    spinning.start()
    assert spinning.ident is not None
    assert spinning.native_id is not None
    assert others._clock_of(spinning.native_id) == time.pthread_getcpuclockid(spinning.ident)
    before = others._seconds(spinning)
    while (now := others._seconds(spinning)) == before:
        time.sleep(0.001)
    is_over.set()
    spinning.join()
    assert before is not None
    assert now is not None
    assert now > before
