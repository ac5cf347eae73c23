"""Processes of a run's own. Each has one step at a time, so that a process that dies tells which step it had."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from persistable._main_script import import_main, importable_main
from persistable._runs._engine import Outcome, Queued
from persistable._runs._share import given
from persistable._runs._shell import shell_of
from persistable._runs._worker import end_nested_executors, run_shell, with_cause
from persistable.io._require import import_if_there

__all__ = ["Processes", "WorkerLostError", "main"]

_LENGTH = struct.Struct(">Q")
_START = (
    "import sys; sys.path[:] = {path!r}; from persistable._runs._processes import main; "
    "main({read}, {write}, {script!r})"
)


class WorkerLostError(RuntimeError):
    """A worker process died with a step."""


class Processes(Queued):
    """Processes of this machine. Each has a thread here, which hands steps to it."""

    def __init__(self, workers: int) -> None:
        """Starts each process when there is a step for it."""
        super().__init__(workers)
        self._processes: list[_Process] = []
        self._is_killed = False
        # cloudpickle takes along what a script defines. Without it, workers import the script, as multiprocessing does.
        self._script = importable_main() if import_if_there("cloudpickle") is None else None

    def start(self, index: int, step: Any, key: str, is_synced_later: bool) -> None:
        """Starts a step."""
        shell = shell_of(step, imports_main=self._script is not None)
        self._put((index, self._needs(index), shell, key, self.regenerates_stale, is_synced_later))

    def begin(self, plan: Any, retries: int) -> dict[str, float]:
        """Gets to know what steps need."""
        self._needs = plan.needs
        return super().begin(plan, retries)

    def _serve(self) -> None:
        process: _Process | None = None
        while (job := self._jobs.get()) is not None:
            index, *work = job
            try:
                if process is None:
                    process = self._new_process()
                outcome = process.run(work)
            except (EOFError, OSError) as error:
                status = "" if process is None else process.ended()
                lost = WorkerLostError(f"a worker process died with the step{status}")
                lost.__cause__ = error
                outcome, process = Outcome("lost", 0.0, "", lost), None
            except BaseException as error:
                outcome = Outcome("failed", 0.0, "", error)
            self._ended(index, outcome)
        if process is not None:
            process.close()

    def _new_process(self) -> _Process:
        process = _Process(self._script)
        with self._lock:
            self._processes.append(process)
            if self._is_killed:
                process.kill()
        return process

    def close(self, kill: bool) -> None:
        """Ends the processes."""
        if kill:
            with self._lock:
                self._is_killed = True
                for process in self._processes:
                    process.kill()
        super().close(kill=False)


class _Process:
    """One worker process, with a pipe to it and one from it."""

    def __init__(self, script: dict[str, str] | None) -> None:
        read, self._write = os.pipe()
        self._read, write = os.pipe()
        path = [entry if entry else str(Path.cwd()) for entry in sys.path]
        source = _START.format(path=path, read=read, write=write, script=script)
        threads = {
            name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        }
        self._process = subprocess.Popen(
            [sys.executable, *_flags(), "-c", source],
            pass_fds=(read, write),
            stdin=subprocess.DEVNULL,
            env={**os.environ, **threads},
        )
        os.close(read)
        os.close(write)
        self._to = os.fdopen(self._write, "wb")
        self._from = os.fdopen(self._read, "rb")

    def run(self, work: list[Any]) -> Outcome:
        _send(self._to, work)
        outcome: Outcome = _receive(self._from)
        return outcome._replace(error=with_cause(outcome.error))

    def ended(self) -> str:
        """Waits for the end of a process that died. Returns how it died."""
        self.close()
        code = self._process.returncode
        if code >= 0:
            return f", with the status {code}"
        if -code == signal.SIGKILL:
            return ", by SIGKILL. Was the memory used up?"
        with contextlib.suppress(ValueError):
            return f", by {signal.Signals(-code).name}"
        return f", by the signal {-code}"

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        for file in (self._to, self._from):
            with contextlib.suppress(OSError):  # It died before it took what was to be sent.
                file.close()
        self._process.wait()


def _flags() -> list[str]:
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined, no-any-return]


def _send(file: BinaryIO, value: Any) -> None:
    sent = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    file.write(_LENGTH.pack(len(sent)))
    file.write(sent)
    file.flush()


def _receive(file: BinaryIO) -> Any:
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the pipe was closed")
    (length,) = _LENGTH.unpack(head)
    sent = file.read(length)
    if len(sent) < length:
        raise EOFError("the pipe was closed in the middle of a message")
    return pickle.loads(sent)


def _warn_once() -> None:
    """Shows each warning once: this process has no lines of the user's that would tell one from another."""
    import warnings

    show, shown = warnings.showwarning, set()

    def show_once(message: Any, category: Any, *place: Any, **options: Any) -> None:
        if (category, str(message)) not in shown:
            shown.add((category, str(message)))
            show(message, category, *place, **options)

    warnings.showwarning = show_once


def main(read: int, write: int, script: dict[str, str] | None) -> None:
    """Runs steps that come through a pipe, until that is closed. It is what a worker process does."""
    is_imported = script is None
    # Ctrl-C goes to all processes of a terminal. The run says what becomes of the steps.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warn_once()
    os.set_inheritable(read, False)
    os.set_inheritable(write, False)
    with os.fdopen(read, "rb") as jobs, os.fdopen(write, "wb") as done:
        if hasattr(os, "register_at_fork"):
            # A child of a step must not keep the pipe open when this process is killed: the run waits for its end.
            os.register_at_fork(after_in_child=lambda: _close_all(read, write))
        while True:
            try:
                work = _receive(jobs)
            except EOFError:
                _leave()
            needs, *shell = work
            if not is_imported and script is not None and b"__main__" in shell[0]:
                is_imported = True
                import_main(script)
            with given(needs):
                outcome = run_shell(*shell)
            _send(done, outcome)


def _close_all(*descriptors: int) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _leave() -> NoReturn:
    """Ends a worker as `multiprocessing` ends its own: the run need not wait until the interpreter is taken apart."""
    end_nested_executors()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # A stream may be closed or missing.
            stream.flush()
    os._exit(0)
