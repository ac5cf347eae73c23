"""Of many that want one payload, one generates it; the others wait, and can be interrupted."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support import STUCK_SECONDS, NumberP, NumberParams, run, start, wait_until_waiting

from persistable.exceptions import BusyError

GENERATE_WHEN_TOLD = """
    import sys
    from pathlib import Path
    from support import NumberP, NumberParams

    class SlowP(NumberP):
        def _generate_payload(self, **untracked):
            print("generating", flush=True)
            sys.stdin.readline()
            return super()._generate_payload()

    step = SlowP(Path(sys.argv[1]), NumberParams(7), None, payload_name="slow_p")
    step.load_generate()
    print("generated" if step.generations else "loaded", step.payload, flush=True)
"""


def test_of_many_processes_one_generates(tmp_path: Path) -> None:
    processes = [start(GENERATE_WHEN_TOLD, tmp_path) for _ in range(4)]
    wait_until_waiting(tmp_path / "slow_p.log", 3)
    for process in processes:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # Once one was told, the others may have ended.
            process.stdin.write("go\n")
            process.stdin.flush()
    told = [process.communicate(timeout=STUCK_SECONDS)[0].split("\n") for process in processes]
    assert sorted(lines[-2] for lines in told) == ["generated 7", "loaded 7", "loaded 7", "loaded 7"]


def test_of_many_threads_one_generates(tmp_path: Path) -> None:
    generations = []

    class CountingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            generations.append(threading.get_ident())
            wait_until_waiting(tmp_path / "counting_p.log", 11)
            return self.params.n

    steps = [CountingP(tmp_path, NumberParams(3), None) for _ in range(8)]
    steps += steps[:1] * 4  # One object in several threads, too.
    payloads: list[int] = []
    threads = [
        threading.Thread(target=lambda step=step: payloads.append(step.payload), daemon=True)  # type: ignore[misc]
        for step in steps
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(STUCK_SECONDS)
        assert not thread.is_alive()
    assert payloads == [3] * 12
    assert len(generations) == 1


TELL_OF_THE_WAIT = """
    import sys
    from pathlib import Path
    from persistable import _core
    from support import NumberP, NumberParams

    assert _core.set_wait_notice(0) == 5
    NumberP(Path(sys.argv[1]), NumberParams(7), None, payload_name="slow_p").load_generate()
"""


def test_the_console_tells_once_of_a_long_wait(tmp_path: Path) -> None:
    holder = start(GENERATE_WHEN_TOLD, tmp_path)
    assert holder.stdout is not None and holder.stdout.readline() == "generating\n"
    waiting = start(TELL_OF_THE_WAIT, tmp_path, PERSISTABLE_CODE_CHANGE="ignore")
    assert waiting.stderr is not None
    line = waiting.stderr.readline()
    holder.communicate("go\n", timeout=STUCK_SECONDS)
    told = line + waiting.communicate(timeout=STUCK_SECONDS)[1]
    assert waiting.returncode == 0
    form = (
        rf"\d\d:\d\d:\d\d INFO  NumberP\(n=7\): waiting since \d\d:\d\d:\d\d for process {holder.pid} \(\S+\) on \S+ "
    )
    assert re.fullmatch(form + r"to generate it\. Ctrl-C ends the wait\.\n", told), told


TELL_ALL = TELL_OF_THE_WAIT.replace('"slow_p")', '"slow_p", verbose=True)')


def test_a_console_that_shows_all_messages_tells_once_of_a_long_wait(tmp_path: Path) -> None:
    holder = start(GENERATE_WHEN_TOLD, tmp_path)
    assert holder.stdout is not None and holder.stdout.readline() == "generating\n"
    waiting = start(TELL_ALL, tmp_path, PERSISTABLE_CODE_CHANGE="ignore")
    wait_until_waiting(tmp_path / "slow_p.log", 1)
    holder.communicate("go\n", timeout=STUCK_SECONDS)
    told = waiting.communicate(timeout=STUCK_SECONDS)[1].splitlines()
    assert waiting.returncode == 0
    assert len([line for line in told if "waiting" in line]) == 1, told


def test_a_holder_that_is_killed_is_succeeded(tmp_path: Path) -> None:
    holder = start(GENERATE_WHEN_TOLD, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "generating\n"
    holder.kill()
    holder.communicate(timeout=STUCK_SECONDS)
    assert NumberP(tmp_path, NumberParams(7), None, payload_name="slow_p").payload == 7


def test_a_bounded_wait_ends_with_an_error(tmp_path: Path) -> None:
    holder = start(GENERATE_WHEN_TOLD, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "generating\n"
    step = NumberP(tmp_path, NumberParams(7), None, payload_name="slow_p")
    step.code_change = "ignore"
    step.lease_wait_seconds = 0.1
    with pytest.raises(BusyError, match=f"process {holder.pid}") as caught:
        step.load_generate()
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.is_retryable
    holder.communicate("go\n", timeout=STUCK_SECONDS)
    assert step.payload == 7
    assert step.generations == 0


INTERRUPTED = """
    import signal, sys
    from pathlib import Path
    from support import NumberP, NumberParams
    signal.signal(signal.SIGINT, signal.default_int_handler)
    step = NumberP(Path(sys.argv[1]), NumberParams(7), None, payload_name="slow_p")
    try:
        print("waiting", flush=True)
        step.load_generate()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_wait(tmp_path: Path) -> None:
    holder = start(GENERATE_WHEN_TOLD, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "generating\n"
    waiting = start(INTERRUPTED, tmp_path)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waiting\n"
    # Whether it waits already or not, the interrupt ends it.
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=STUCK_SECONDS)[0] == "interrupted\n"
    holder.communicate("go\n", timeout=STUCK_SECONDS)


def test_ctrl_c_ends_a_generation_and_leaves_nothing(tmp_path: Path) -> None:
    told = run(
        """
        import os, signal, sys
        from pathlib import Path
        from support import NumberP, NumberParams
        signal.signal(signal.SIGINT, signal.default_int_handler)

        class EndlessP(NumberP):
            def _generate_payload(self, **untracked):
                os.kill(os.getpid(), signal.SIGINT)
                while True:
                    pass

        step = EndlessP(Path(sys.argv[1]), NumberParams(), None, payload_name="number_p")
        try:
            step.load_generate()
        except KeyboardInterrupt:
            print("interrupted")
        """,
        tmp_path,
    )
    assert told == "interrupted"
    step = NumberP(tmp_path, NumberParams(), None)
    with pytest.raises(FileNotFoundError):
        step.load()
    assert step.payload == 1


def _generate(arguments: tuple[Path, int]) -> int:
    data_dir, n = arguments
    return NumberP(data_dir, NumberParams(n), None).payload


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_share_a_store(tmp_path: Path, method: str) -> None:
    assert NumberP(tmp_path, NumberParams(0), None).payload == 0  # The parent has used it before.
    with multiprocessing.get_context(method).Pool(4) as pool:
        assert pool.map(_generate, [(tmp_path, n % 5) for n in range(40)]) == [n % 5 for n in range(40)]


def test_a_step_goes_to_a_worker_with_its_payload(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(5), None)
    step.generate(persist=False)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        sent = pool.apply(_identity, (step,))
    assert sent._payload == 5
    assert sent.persist_hash == step.persist_hash
    sent.persist()
    assert NumberP(tmp_path, NumberParams(5), None).payload == 5


def _identity(step: NumberP) -> NumberP:
    return step


FORKING_AMID_THREADS = """
    import os, signal, sys, threading
    from pathlib import Path
    from support import NumberP, NumberParams

    data_dir = Path(sys.argv[1])
    shared = NumberP(data_dir, NumberParams(100), None)
    # Python itself lets a child hang that wants a module which another thread was importing: all are imported by now.
    for n in 100, 100, 101:
        NumberP(data_dir, NumberParams(n), None).payload

    def work():
        n = 0
        while True:
            n += 1
            NumberP(data_dir, NumberParams(n % 50), None).payload
            NumberP(data_dir, NumberParams(n % 50), None).generate(persist=False)
            shared.payload

    for _ in range(6):
        threading.Thread(target=work, daemon=True).start()
    for n in range(200):
        child = os.fork()
        if child == 0:
            signal.alarm(120)  # Ends the child if it hangs.
            status = 1
            try:
                assert NumberP(data_dir, NumberParams(n % 60), None).payload == n % 60
                NumberP(data_dir, NumberParams(1000 + n), None).generate()
                assert shared.payload == 100
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        if status:
            break
    print(n, status, flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_child_that_was_forked_amid_the_work_of_other_threads_can_work(tmp_path: Path) -> None:
    assert run(FORKING_AMID_THREADS, tmp_path, timeout_seconds=1200) == "199 0"


def test_a_child_that_was_forked_amid_a_generation_waits_for_it(tmp_path: Path) -> None:
    children: list[int] = []
    reading, writing = os.pipe()

    class ForkingP(NumberP):
        def _generate_payload(self, **untracked: Any) -> int:
            child = os.fork()
            if child == 0:
                other = NumberP(tmp_path, NumberParams(2), None, payload_name="forking_p")
                other.code_change = "ignore"
                other.lease_wait_seconds = 0.2
                try:
                    other.load_generate()
                    os.write(writing, b"generated")
                except BusyError:
                    os.write(writing, b"busy")
                finally:
                    os._exit(0)
            children.append(child)
            os.waitpid(child, 0)
            return self.params.n

    assert ForkingP(tmp_path, NumberParams(2), None).payload == 2
    os.close(writing)
    assert os.read(reading, 100) == b"busy"
    os.close(reading)
