"""Ctrl-C ends what a step in a store on a server does, at once, and nothing is lost or left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest
from gate import Gate
from server_support import place, server
from support import STUCK_SECONDS, start

# `ask()` ends with `interrupted`. The lease time shows whether the lease was given back: nobody waits for so long.
STEP = """
import json, os, signal, sys, time
from persistable import Store, step

url, options = json.loads(sys.argv[1])
store = Store(url, lease_time="1h", **options)

@step
def held(n: int) -> str:
    tell("generating")
    sys.stdin.readline()
    return "a payload that can be seen" * n

def tell(text):
    print(text, flush=True)

def ask(act):
    try:
        tell(act())
    except KeyboardInterrupt:
        tell("interrupted")
"""


def began(kind: str, then: str, where: tuple[str, dict[str, Any]]) -> subprocess.Popen[str]:
    return start(STEP + then, json.dumps(where))


def line(process: subprocess.Popen[str]) -> str:
    said = process.stdout.readline().strip()  # type: ignore[union-attr]
    assert said, process.communicate(timeout=STUCK_SECONDS)[1]
    return said


def ended(process: subprocess.Popen[str], answer: str = "") -> list[str]:
    said, error = process.communicate(answer, timeout=STUCK_SECONDS)
    assert process.returncode == 0, error
    return said.split()


@pytest.mark.parametrize("kind", ["s3", "azure", "sftp"])
def test_a_generation_is_interrupted_and_another_takes_over(kind: str) -> None:
    where = place(kind)
    first = began(kind, "ask(lambda: held(store, 1).payload)", where)
    assert line(first) == "generating"
    first.send_signal(signal.SIGINT)
    assert ended(first) == ["interrupted"]
    second = began(kind, "ask(lambda: str(len(held(store, 1).payload)))", where)
    assert ended(second, "\n") == ["generating", "26"]


@pytest.mark.parametrize("kind", ["s3", "azure", "sftp"])
def test_a_wait_for_another_machine_is_interrupted(kind: str) -> None:
    where = place(kind)
    holder = began(kind, "ask(lambda: str(len(held(store, 1).payload)))", where)
    assert line(holder) == "generating"
    waiting = """
import logging

class Interrupting(logging.Handler):
    def emit(self, record):
        if "waiting for" in record.getMessage():
            os.kill(os.getpid(), signal.SIGINT)

logger = logging.getLogger("told")
logger.setLevel(logging.INFO)
logger.addHandler(Interrupting())
waiter = held(store, 1)
waiter.logger = logger
ask(lambda: waiter.payload)
"""
    assert ended(began(kind, waiting, where)) == ["interrupted"]
    assert ended(holder, "\n") == ["26"]


def test_an_upload_is_interrupted_and_the_payload_stays() -> None:
    with Gate(server("s3")) as gate:
        process = began(
            "s3",
            """
one = held(store, 1)
ask(lambda: one.payload)
sys.stdin.readline()
ask(lambda: one.persist() or "persisted")
one.reset_payload()
ask(lambda: one.load() or one.payload[:9].replace(" ", "-"))
""",
            place("s3", endpoint=gate.endpoint),
        )
        assert line(process) == "generating"
        gate.swallow(b"that can be seen", lambda: os.kill(process.pid, signal.SIGINT))
        process.stdin.write("\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        assert line(process) == "interrupted"
        gate.open()
        assert ended(process, "\n") == ["persisted", "a-payload"]
