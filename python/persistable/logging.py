"""Loggers that write to the console and to a file."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import time
from logging import DEBUG
from pathlib import Path
from types import TracebackType
from typing import Any, Union
from weakref import WeakValueDictionary

from persistable import _core

__all__ = ["get_logger"]

_DEFAULT_FORMAT = "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
_PACKAGE = logging.getLogger("persistable")


def get_logger(
    name: str,
    file_loc: Union[str, Path],  # noqa: UP007  # Shown by `help` on Python 3.9, too.
    console_level: int = DEBUG,
    file_level: int = DEBUG,
    format_str: str = _DEFAULT_FORMAT,
    adapt_from_logger: logging.Logger | None = None,
) -> logging.Logger:
    """Returns the logger of a name, which writes to the console and to the end of a file.

    With `adapt_from_logger`, it has the level and the handlers of that logger instead of a console handler, and the
    file handler in addition. If you ask for the same name and file again, only levels and format change.
    """
    path = Path(file_loc).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger(name)
    formatter = logging.Formatter(format_str)
    if adapt_from_logger is None:
        logger.setLevel(min(console_level, file_level))
        console = next((handler for handler in logger.handlers if isinstance(handler, _Console)), None)
        if console is None:
            console = _Console(logger)
            logger.addHandler(console)
        console.setLevel(console_level)
        console.setFormatter(formatter)
    else:
        _adapt(logger, adapt_from_logger)
    files = (handler for handler in logger.handlers if isinstance(handler, _LogFile))
    file = next((handler for handler in files if handler.baseFilename == str(path)), None)
    if file is None:
        file = _LogFile(path)
        logger.addHandler(file)
    file.setLevel(file_level)
    file.setFormatter(formatter)
    return logger


def _adapt(logger: logging.Logger, base: logging.Logger) -> None:
    if logger is base:
        return
    logger.setLevel(base.getEffectiveLevel())
    source: logging.Logger | None = base
    # What the root logger has comes by propagation.
    while source is not None and source is not logging.root:
        for handler in source.handlers:
            if handler not in logger.handlers:
                logger.addHandler(handler)
        logger.propagate = source.propagate
        source = source.parent if source.propagate else None


def default_logger(step: Any) -> logging.Logger:
    """Returns the default logger of a step as it is now. It stays the same as long as name and folder do."""
    handle = _core.handle_of(step)
    folder = _core.log_folder_of(step)
    made_for = step.payload_name, None if folder is None else Path(folder), step.verbose
    known = handle.logger
    if known is None or known[0] != made_for:
        known = handle.logger = made_for, step_logger(*made_for)
    logger: logging.Logger = known[1]
    return logger


def step_logger(payload_name: str, data_dir: Path | None, verbose: bool) -> logging.Logger:
    """Returns the default logger of steps, one for all steps of a name and a folder.

    It writes `data_dir/{payload_name}.log` if there is such a folder, shows on the console what is INFO (if verbose) or
    WARNING and above, and passes records on to the logger `persistable`, as far as that wants them.
    """
    key = (payload_name, str(data_dir), verbose)
    found = _step_loggers.get(key)
    # Two threads may make two, which do the same: no lock, which a fork could leave taken for ever.
    return _step_loggers.setdefault(key, _StepLogger(payload_name, data_dir, verbose)) if found is None else found


def log_traceback(step: Any, error: BaseException, traceback: TracebackType | None) -> None:
    """Logs the traceback of an error that the caller gets too. So the console does not show it."""
    with contextlib.suppress(Exception):  # A log that can't be written is never a reason to fail.
        about = type(error), error, traceback
        step.logger.debug("traceback of the error:", exc_info=about)


def log_wait(step: Any, holder: str, since: float) -> None:
    """Tells on the console that a step has been waiting for long.

    If a console shows messages of the level INFO, it has shown the wait before.
    """
    from persistable._repr import briefly_shown_step

    logger = step.logger
    if isinstance(logger, _StepLogger):
        begin = time.strftime("%H:%M:%S", time.localtime(since))
        logger.notify(
            f"{briefly_shown_step(step)}: waiting since {begin} for {holder} to generate it. Ctrl-C ends the wait."
        )


class _StepLogger(logging.Logger):
    """A logger that `logging` does not know by its name, since steps in two folders may share one."""

    def __init__(self, payload_name: str, data_dir: Path | None, verbose: bool) -> None:
        super().__init__(payload_name, DEBUG)
        self._of = (payload_name, data_dir, verbose)
        self.parent = _PACKAGE
        self.propagate = False  # _PassOn does, where it is wanted.
        console = _Console(_PACKAGE)
        console.setLevel(logging.INFO if verbose else logging.WARNING)
        console.setFormatter(_ConsoleFormatter())
        self.handlers = [console, _PassOn()]
        if data_dir is not None:
            file = _LogFile(data_dir / f"{payload_name}.log")
            file.setFormatter(_LineFormatter())
            file.addFilter(_is_unwritten)
            self.handlers.insert(0, file)

    # The inherited method remembers answers, and forgets them only for loggers that `logging` knows.
    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        return not self.disabled and level > self.manager.disable and level >= self.getEffectiveLevel()

    def notify(self, message: str) -> None:
        """Shows a message of the level INFO on the console, if the console does not show that level anyway."""
        if not self.isEnabledFor(logging.INFO):
            return
        record = self.makeRecord(self.name, logging.INFO, "", 0, "%s", (message,), None, extra={"from_core": True})
        for handler in self.handlers:
            if isinstance(handler, _Console) and record.levelno < handler.level:
                handler.handle(record)

    def __reduce__(self) -> Any:
        return step_logger, self._of


_step_loggers: WeakValueDictionary[tuple[str, str, bool], logging.Logger] = WeakValueDictionary()


def _is_unwritten(record: logging.LogRecord) -> bool:
    """Tells whether the core has not written this record's line to the log file itself."""
    return not getattr(record, "from_core", False)


class _LogFile(logging.FileHandler):
    """The end of a file, which is open only while a record is written.

    So there may be any number of them, a forked process shares nothing, and a file or folder that was removed or moved
    is no matter.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="a", encoding="utf-8", delay=True, errors="backslashreplace")

    def _open(self) -> Any:
        stream = super()._open()
        if stream.tell() == 0:
            _core.share_log(self.baseFilename)
        return stream

    def emit(self, record: logging.LogRecord) -> None:
        # A log that can't be written is never a reason to fail.
        with contextlib.suppress(OSError):
            super().emit(record)
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


class _Console(logging.Handler):
    """The present `sys.stderr`, for what no handler of `listened` shows there already."""

    def __init__(self, listened: logging.Logger) -> None:
        super().__init__()
        self._listened = listened

    def emit(self, record: logging.LogRecord) -> None:
        # A warning of Python's shows itself.
        if sys.stderr is None or getattr(record, "is_warned", False) or self._is_shown(record):
            return
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)

    def _is_shown(self, record: logging.LogRecord) -> bool:
        if self._listened is _PACKAGE and not _PACKAGE.isEnabledFor(record.levelno):
            return False
        return any(
            getattr(handler, "stream", None) in (sys.stderr, sys.__stderr__) and record.levelno >= handler.level
            for handler in _handlers_of(self._listened)
        )


class _PassOn(logging.Handler):
    """Hands records to the logger `persistable`, and so to the handlers of the application."""

    def emit(self, record: logging.LogRecord) -> None:
        # Without any handler, `logging` would show it on the console once more.
        if _PACKAGE.isEnabledFor(record.levelno) and _PACKAGE.hasHandlers():
            record.__dict__.pop("for_people", None)  # Whoever keeps records is not to keep steps.
            _PACKAGE.handle(record)


def _handlers_of(logger: logging.Logger) -> list[logging.Handler]:
    found: list[logging.Handler] = []
    source: logging.Logger | None = logger
    while source is not None:
        found.extend(source.handlers)
        source = source.parent if source.propagate else None
    return found


_LEVELS = {logging.WARNING: "WARN"}


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_CONTROL_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def _one_line(text: str) -> str:
    # As the core does: an event is one line, and no control character reaches a terminal.
    return " | ".join(part for part in _CONTROL.split(text) if part)


def _printable(text: str) -> str:
    return _CONTROL_BUT_NEWLINE.sub("", text.replace("\t", "    "))


class _LineFormatter(logging.Formatter):
    """A line in the form of those that the core writes."""

    def format(self, record: logging.LogRecord) -> str:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        level = _LEVELS.get(record.levelno, record.levelname)
        message = _one_line(record.getMessage())
        # Not `int(record.msecs)`, which would be the fraction of another rounding.
        line = f"{now}.{int(record.created % 1 * 1000):03}Z {level:<5} {record.name} [{record.process}] {message}"
        return _with_traceback(self, record, line)


class _ConsoleFormatter(logging.Formatter):
    """A short line: the time of day, the level, the step and the message."""

    def format(self, record: logging.LogRecord) -> str:
        now = time.strftime("%H:%M:%S", time.localtime(record.created))
        level = _LEVELS.get(record.levelno, record.levelname)
        message = record.getMessage()
        # Events of the core are lines for people here. What comes from the user may have a layout.
        is_from_core = getattr(record, "from_core", False)
        for_people = getattr(record, "for_people", message)
        text = _one_line(str(for_people)) if is_from_core else f"{record.name} {_printable(message)}"
        return _with_traceback(self, record, f"{now} {level:<5} {text}")


def _with_traceback(formatter: logging.Formatter, record: logging.LogRecord, line: str) -> str:
    if not record.exc_info:
        return line
    traceback = _printable(formatter.formatException(record.exc_info))
    return "\n    ".join((line, *traceback.splitlines()))
