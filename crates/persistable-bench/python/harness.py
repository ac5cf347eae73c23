"""Measures a subject against its floor, as `harness.rs` does, and tells what it measured as lines of JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Callable


def tell(figure: str, value: float) -> None:
    """Tells one figure."""
    print(json.dumps({"figure": figure, "value": value}), flush=True)


def compare(row: str, rounds: int, subject: Callable[[], float], floor: Callable[[], float]) -> None:
    """Runs subject, floor, and floor once more as a control, in an order that changes from round to round.

    Both return the seconds of one operation, so that what they prepare is not counted.
    """
    subject()
    floor()
    for index in range(rounds):
        if index % 4 == 0:
            of_subject, of_floor, control = subject(), floor(), floor()
        elif index % 4 == 1:
            of_floor, control, of_subject = floor(), floor(), subject()
        elif index % 4 == 2:
            control, of_subject, of_floor = floor(), subject(), floor()
        else:
            of_floor, of_subject, control = floor(), subject(), floor()
        print(json.dumps({"row": row, "subject": of_subject, "floor": of_floor, "control": control}), flush=True)


def seconds(work: Callable[[], Any]) -> float:
    """Returns how long one run takes. What it returns is freed off the clock."""
    begin = time.perf_counter()
    done = work()
    took = time.perf_counter() - begin
    del done
    return took


def used_bytes() -> int:
    """Returns how much memory this process uses now."""
    return _status_bytes("VmRSS:")


def peak_bytes() -> int:
    """Returns the most memory that was in use since the start, or since `forget_peak`."""
    return _status_bytes("VmHWM:")


def forget_peak() -> None:
    """Counts the peak from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def _status_bytes(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise OSError("the system does not tell memory use")
