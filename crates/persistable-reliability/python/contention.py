"""Contends for payloads as `contention/actor.rs` does.

`contention.py contend FOLDER JOURNAL SEED THREADS`, `contention.py hold FOLDER JOURNAL KEY`,
`contention.py crowd FOLDER JOURNAL KEY`, `contention.py look FOLDER JOURNAL KEY`, and
`contention.py heal FOLDER JOURNAL`.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from persistable import Persistable, PersistableParams
from persistable.exceptions import DamagedPayloadError, MissingPayloadError
from persistable.io import BytesFileIO

KEYS = 4
_LINES = [1, 40, 400, 4000]
_PATIENCE_SECONDS = 60.0
_THREADS_OF_A_CROWD = 2
_MOST_PAUSE_SECONDS = 0.040
_MOST_GENERATION_SECONDS = 0.020
# So often a replacement may meet damage.
_MOST_LOSSES = 5

_tags = itertools.count()


class Journal:
    """What everyone does: each line is one append to one file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, event: str, key: int, rest: str = "") -> None:
        rest = "".join(" " if not character.isprintable() else character for character in rest)
        os.write(self._file, f"{time.time_ns()} {os.getpid()} {event} {key} {rest}\n".encode())


@dataclass
class Params(PersistableParams):
    n: int


class ContendedP(Persistable[bytes, Params]):
    lease_wait_seconds = _PATIENCE_SECONDS
    # Whether a look at a payload lasts until the input ends.
    looks_long = False

    def __init__(self, folder: Path, journal: Journal, n: int) -> None:
        super().__init__(folder, Params(n=n), None, payload_name="contended", payload_io=BytesFileIO())
        self._journal = journal

    def _generate_payload(self, pause: float = 0.0, **untracked_payload_params: Any) -> bytes:
        tag = new_tag()
        self._journal.note("begins", self.params.n, tag)
        time.sleep(pause)
        self._journal.note("made", self.params.n, tag)
        return content(self.params.n, tag)

    def _validate_payload(self, payload: bytes) -> None:
        if self.looks_long:
            self._journal.note("looks", self.params.n)
            os.read(0, 1)

    def _post_generate(self, **untracked_payload_params: Any) -> None:
        self._journal.note("persisted", self.params.n, tag_of(self.params.n, self.payload))


def new_tag() -> str:
    """Returns a name that nothing else has."""
    return f"python-{os.getpid()}-{next(_tags)}"


def content(n: int, tag: str) -> bytes:
    return f"{n} {tag}\n".encode() * (_LINES[n] if n < KEYS else 100 + 40 * (n % 32))


def tag_of(n: int, payload: bytes) -> str:
    """Returns which generation made a payload, which has to be whole and of this key."""
    tag = payload.split(b"\n", 1)[0].partition(b" ")[2].decode(errors="replace")
    if payload != content(n, tag):
        raise AssertionError(
            f"a payload of {len(payload)} bytes that begins with {payload[:60]!r} is not one of key {n}"
        )
    return tag


class Actor:
    most_generation_seconds = _MOST_GENERATION_SECONDS

    def __init__(self, folder: Path, journal: Journal, seed: int) -> None:
        self._folder = folder
        self._journal = journal
        self._chance = random.Random(seed)

    def act(self) -> None:
        n = self._chance.randrange(KEYS)
        draw = self._chance.randrange(100)
        act: Callable[[int], None]
        if draw < 6:
            act = self._damage
        elif draw < 8:
            act = self._replace
        elif draw < 18:
            act = self._load
        else:
            act = self._load_generate
        try:
            act(n)
        except Exception as error:
            self._journal.note("failed", n, f"{act.__name__}: {error!r}")
        time.sleep(self._chance.random() * _MOST_PAUSE_SECONDS)

    def _open(self, n: int) -> ContendedP:
        step = ContendedP(self._folder, self._journal, n)
        step.persist_durability = self._chance.choice(["fast", "synced"])
        return step

    def _load_generate(self, n: int) -> None:
        step = self._open(n)
        self._journal.note("asks", n)
        begin = time.monotonic()
        step.load_generate(pause=self._chance.random() * self.most_generation_seconds)
        self._got(step, begin)

    def _load(self, n: int) -> None:
        step = self._open(n)
        begin = time.monotonic()
        try:
            step.load()
        except (MissingPayloadError, DamagedPayloadError):
            return
        self._got(step, begin)

    def _got(self, step: ContendedP, begin: float) -> None:
        microseconds = int((time.monotonic() - begin) * 1e6)
        self._journal.note("got", step.params.n, f"{tag_of(step.params.n, step.payload)} {microseconds}")

    def _replace(self, n: int) -> None:
        step = self._open(n)
        cause = new_tag()
        self._journal.note("replaces", n, cause)
        try:
            try:
                step.generate(pause=self._chance.random() * self.most_generation_seconds)
            except Exception as error:
                self._persist_again(step, error)
        finally:
            self._journal.note("replaced", n, cause)

    def _persist_again(self, step: ContendedP, error: Exception) -> None:
        """Does what the error says that helps: damage done meanwhile looks like another's publishing."""
        for _ in range(_MOST_LOSSES):
            if "the lease was lost" not in str(error):
                break
            try:
                return step.persist()
            except Exception as other:
                error = other
        raise error

    def _damage(self, n: int) -> None:
        suffix = ".manifest.json" if self._chance.randrange(4) == 0 else ".bin"
        path = Path(f"{self._open(n).persist_filepath}{suffix}")
        cause = new_tag()
        self._journal.note("damages", n, cause)
        try:
            self._flip_a_bit(path)
        finally:
            self._journal.note("damaged", n, cause)

    def _flip_a_bit(self, path: Path) -> None:
        try:
            file = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return
        try:
            at = self._chance.randrange(max(os.fstat(file).st_size, 1))
            before = os.pread(file, 1, at)
            if before:
                os.pwrite(file, bytes([before[0] ^ (1 << self._chance.randrange(8))]), at)
        finally:
            os.close(file)


def repeat_until_input_ends(acts: list[Callable[[], None]]) -> None:
    """Repeats each of them, in a thread of its own."""
    is_over = threading.Event()

    def repeat(act: Callable[[], None]) -> None:
        while not is_over.is_set():
            act()

    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    is_over.set()
    for thread in threads:
        thread.join()


def contend(folder: Path, journal: Journal, seed: int, threads: int) -> None:
    repeat_until_input_ends([Actor(folder, journal, seed ^ (number << 60)).act for number in range(threads)])


def hold(folder: Path, journal: Journal, n: int) -> None:
    """Generates until the input ends."""

    class Held(ContendedP):
        def _generate_payload(self, pause: float = 0.0, **untracked_payload_params: Any) -> bytes:
            tag = new_tag()
            self._journal.note("begins", self.params.n, tag)
            sys.stdin.read()
            self._journal.note("made", self.params.n, tag)
            return content(self.params.n, tag)

    Held(folder, journal, n).load_generate()


def crowd(folder: Path, journal: Journal, n: int, looks_long: bool) -> None:
    """Asks in several threads for one payload."""

    def run() -> None:
        step = ContendedP(folder, journal, n)
        step.looks_long = looks_long
        journal.note("asks", n)
        begin = time.monotonic()
        step.load_generate()
        microseconds = int((time.monotonic() - begin) * 1e6)
        journal.note("got", n, f"{tag_of(n, step.payload)} {microseconds}")

    threads = [threading.Thread(target=run) for _ in range(_THREADS_OF_A_CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def heal(folder: Path, journal: Journal) -> None:
    """Has every payload, which after this is there and right."""
    for n in range(KEYS):
        step = ContendedP(folder, journal, n)
        step.load_generate()
        journal.note("got", n, f"{tag_of(n, step.payload)} 0")


def main(arguments: list[str]) -> None:
    verb, folder, journal, *rest = arguments
    opened = Path(folder), Journal(Path(journal))
    if verb == "contend":
        contend(*opened, int(rest[0]), int(rest[1]))
    elif verb == "hold":
        hold(*opened, int(rest[0]))
    elif verb in {"crowd", "look"}:
        crowd(*opened, int(rest[0]), looks_long=verb == "look")
    elif verb == "heal":
        heal(*opened)
    else:
        raise SystemExit(f"there is no verb {verb}")


if __name__ == "__main__":
    main(sys.argv[1:])
