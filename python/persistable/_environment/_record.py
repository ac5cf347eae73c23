"""The record of this process's environment: made once, in the background of the first generation."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

from persistable._environment import _distributions, _git, _system
from persistable._own_thread import OwnThread

LONGEST_WAIT_SECONDS = 0.25
"""How long the first record waits for what is found out in the background. That takes 10 to 40 ms, so it is complete
unless the disk is slow. A generation that takes longer waits for nothing."""

LONGEST_FORK_WAIT_SECONDS = 1.0
"""How long a fork waits until no thread of this module runs: a lock that it holds would stay locked in the child."""


class _Background:
    """What is found out once per process."""

    def __init__(self) -> None:
        self.provided: _distributions.Provided | None = None
        self.revision: dict[str, Any] | None = None
        self.is_done = False
        self.thread: threading.Thread | None = None
        self._may_wait = True

    def start(self) -> None:
        """Starts the thread. Where none can be started, as at the end of the interpreter, all of it stays unknown."""
        folders = _git.folders()
        thread = OwnThread(lambda: self._run(folders), "environment")
        self.thread = thread
        try:
            thread.start()
        except RuntimeError:
            self.thread = None

    def wait(self) -> None:
        """Waits a moment, once, for what is not known yet."""
        if self.thread is not None and not self.is_done and self._may_wait:
            self.thread.join(LONGEST_WAIT_SECONDS)
            self._may_wait = False

    def _run(self, folders: list[str]) -> None:
        # A record that lacks something is no reason for a message of a thread that nobody knows of.
        try:
            question = _git.ask(folders)
            self.provided = _distributions.provided()
            self.revision = None if question is None else _git.answer(question)
        except Exception:
            return
        finally:
            self.is_done = True


class _Record:
    """The text of the record, and what it was made of."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.background = _Background()
        self.is_prepared = False
        self._text: str | None = None
        self._made_with: tuple[int, bool] = (0, False)
        self._seen: set[str] = set()
        self._distributions: dict[str, str] = {}

    def text(self) -> str:
        self.background.wait()
        made_with = (len(sys.modules), self.background.is_done)
        if self._text is None or made_with != self._made_with:
            self._text = json.dumps(self._parts(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
            self._made_with = made_with
        return self._text

    def _parts(self) -> dict[str, Any]:
        parts = _system.parts()
        parts["environment"] = 1
        background = self.background
        if background.provided is not None:
            top_level = {name for name in tuple(sys.modules) if "." not in name}
            self._distributions.update(background.provided.versions_of(top_level - self._seen))
            self._seen |= top_level
        parts["distributions"] = dict(self._distributions)
        if background.revision is not None:
            parts["git"] = background.revision
        if not background.is_done:
            parts["incomplete"] = True
        return parts


_record = _Record()


def prepare() -> None:
    """Begins to find out what takes a while, in the background, once per process. The first generation calls it."""
    record = _record
    if record.is_prepared:
        return
    with record.lock:
        if not record.is_prepared:
            record.is_prepared = True
            record.background.start()


def environment_json() -> str:
    """Returns the record as canonical JSON: the same text as long as nothing else is imported.

    Distributions that are imported later are in later records. Where git or the disk is slow, the first record is
    `incomplete`: it lacks what was not known in time, and waits for it no longer.
    """
    prepare()
    record = _record
    with record.lock:
        return record.text()


def _before_fork() -> None:
    thread = _record.background.thread
    if thread is not None and thread is not threading.current_thread():
        thread.join(LONGEST_FORK_WAIT_SECONDS)


def _after_fork_in_child() -> None:
    """Takes over what is known. Locks and threads of the parent are of no use here."""
    global _record
    earlier, _record = _record, _Record()
    if earlier.background.is_done:
        _record.is_prepared = True
        _record.background = earlier.background


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


def recorded_environment() -> str:
    """Returns the record; an empty text where none is wanted."""
    from persistable._settings import setting_of

    return "" if setting_of(None, "environment") == "ignore" else environment_json()
