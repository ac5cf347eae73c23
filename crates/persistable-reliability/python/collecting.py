"""Uses, pins and removes artifacts as `gc/user.rs` and `gc/collector.rs` do.

`collecting.py use|pin|collect FOLDER JOURNAL SEED THREADS`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Callable

from contention import Actor, ContendedP, Journal, new_tag, repeat_until_input_ends, tag_of

from persistable import Catalogue
from persistable.exceptions import MissingPayloadError, NoArtifactError

_QUOTA_BYTES = 150_000
_FIRST, _LAST = 8, 40
_PINNED = [4, 5]
_PINNED_AT_TIMES = 7
_MOST_PAUSE_SECONDS = 0.020


class Player(Actor):
    most_generation_seconds = 0.010

    def use(self) -> None:
        """Uses an artifact."""
        n = self._chance.choice([*_PINNED, *range(_FIRST, _LAST)])
        draw = self._chance.randrange(100)
        act: Callable[[int], None]
        if draw < 5 and n not in _PINNED:
            act = self._replace
        elif draw < 50:
            act = self._load
        else:
            act = self._load_generate
        self._try(act, n)
        self._pause(_MOST_PAUSE_SECONDS)

    def pin(self) -> None:
        """Pins an artifact, checks that it stays, and unpins it."""
        self._try(self._pin_for_a_while, _PINNED_AT_TIMES)
        self._pause(4 * _MOST_PAUSE_SECONDS)

    def collect(self) -> None:
        """Carries out a plan."""
        self._try(self._collect, 2**64 - 1)
        self._pause(0.150)

    def _try(self, act: Callable[[int], None], n: int) -> None:
        try:
            act(n)
        except Exception as error:
            self._journal.note("failed", n, f"{act.__name__}: {error!r}")

    def _pause(self, most_seconds: float) -> None:
        time.sleep(self._chance.random() * most_seconds)

    def _open(self, n: int) -> ContendedP:
        return ContendedP(self._folder, self._journal, n)

    def _load(self, n: int) -> None:
        step = self._open(n)
        begin = time.monotonic()
        try:
            step.load()
        except MissingPayloadError:
            if n in _PINNED:
                raise
            self._journal.note("missed", n)
            return
        self._got(step, begin)
        # What is in use stays whole, whatever becomes of the artifact.
        self._pause(_MOST_PAUSE_SECONDS)
        tag_of(n, step.payload)

    def _replace(self, n: int) -> None:
        cause = new_tag()
        self._journal.note("replaces", n, cause)
        try:
            self._open(n).generate(pause=self._chance.random() * self.most_generation_seconds)
        finally:
            self._journal.note("replaced", n, cause)

    def _pin_for_a_while(self, n: int) -> None:
        self._load_generate(n)
        catalogue = Catalogue(self._folder, index=False)
        try:
            entry = catalogue[self._open(n)]
            entry.pin("for a while")
        except NoArtifactError:  # It was removed a moment ago.
            return
        self._journal.note("pinned", n)
        until = time.monotonic() + self._chance.random() * 10 * _MOST_PAUSE_SECONDS
        while time.monotonic() < until:
            step = self._open(n)
            step.load()
            tag_of(n, step.payload)
            time.sleep(_MOST_PAUSE_SECONDS)
        entry.unpin()

    def _collect(self, none: int) -> None:
        # All share an index, as the commands of an account do.
        catalogue = Catalogue(self._folder, index=self._folder.with_name("index"))
        keys = {f"contended({self._open(n).persist_hash})": n for n in range(_LAST)}
        before = {entry.stem: entry.persisted_at for entry in catalogue}
        plan = catalogue.gc(max_size=_QUOTA_BYTES)
        causes = {}
        for planned in plan.artifacts:
            stem = f"{planned.name}({planned.key[:32]})"
            if keys[stem] in _PINNED:
                raise AssertionError(f"key {keys[stem]} is pinned, and is planned to be removed")
            causes[stem] = new_tag()
            self._journal.note("removes", keys[stem], causes[stem])
        kept = plan.apply().kept
        for stem, cause in causes.items():
            self._journal.note("spared" if stem in kept else "removed", keys[stem], cause)
        # What was persisted since then is not to blame.
        old = [entry for entry in catalogue if before.get(entry.stem) == entry.persisted_at]
        left = sum(entry.size_bytes or 0 for entry in old if entry.stem not in kept)
        if left > _QUOTA_BYTES:
            raise AssertionError(f"{left} bytes are left of what was there before")
        self._journal.note("collected", none)


def main(verb: str, folder: str, journal: str, seed: str, threads: str) -> None:
    notes = Journal(Path(journal))
    players = [Player(Path(folder), notes, int(seed) ^ (number << 60)) for number in range(int(threads))]
    repeat_until_input_ends([getattr(player, verb) for player in players])


if __name__ == "__main__":
    main(*sys.argv[1:])
