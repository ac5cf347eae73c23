"""Bars in a terminal, lines in a log, and one line of HTML in a notebook."""

from __future__ import annotations

import contextlib
import html
import shutil
import sys
import time
from typing import Any

from persistable._runs._progress import Progress, Shown

__all__ = ["Lines", "Notebook", "of_terminal"]


def of_terminal() -> Shown:
    """Returns a bar of tqdm or rich, or one of our own if none of them is installed."""
    from persistable.io._require import import_if_there

    for name, kind in (("tqdm", _Tqdm), ("rich", _Rich)):
        if import_if_there(name) is not None:
            with contextlib.suppress(Exception):  # A version that is too old.
                return kind()
    return _Line()


class _Bar(Shown):
    """One line of a terminal."""

    pause = 0.1


class _Tqdm(_Bar):
    """A bar of tqdm. The text behind it is ours: tqdm estimates by count, and we do so by past durations."""

    _form = "{percentage:3.0f}%|{bar:20}| {desc}"

    def __init__(self) -> None:
        super().__init__()
        from importlib import import_module

        self._bar: Any = None
        self._kind: Any = import_module("tqdm").tqdm

    def _show(self, progress: Progress, is_last: bool) -> None:
        if self._bar is None:
            self._bar = self._kind(total=progress.total, bar_format=self._form, dynamic_ncols=True, mininterval=0)
        self._bar.n = progress.done + progress.failed
        self._bar.set_description_str(str(progress), refresh=True)
        if is_last:
            self._bar.close()

    def tell(self, message: str) -> None:
        self._kind.write(message, file=sys.stderr)


class _Rich(_Bar):
    """A bar of rich."""

    def __init__(self) -> None:
        super().__init__()
        from importlib import import_module

        rich: Any = import_module("rich.progress")
        console = import_module("rich.console").Console(stderr=True)
        text = rich.TextColumn("{task.description}", markup=False)
        self._bars: Any = rich.Progress(rich.BarColumn(20), text, console=console, auto_refresh=False)
        self._task: Any = None

    def _show(self, progress: Progress, is_last: bool) -> None:
        if self._task is None:
            self._bars.start()
            self._task = self._bars.add_task("", total=progress.total)
        done = progress.done + progress.failed
        self._bars.update(self._task, completed=done, description=str(progress), refresh=True)
        if is_last:
            self._bars.stop()

    def tell(self, message: str) -> None:
        self._bars.console.print(message, markup=False, highlight=False)


class _Line(_Bar):
    """A bar without any library."""

    _width = 20

    def _show(self, progress: Progress, is_last: bool) -> None:
        filled = self._width * (progress.done + progress.failed) // max(progress.total, 1)
        line = f"[{'#' * filled}{'.' * (self._width - filled)}] {progress}"
        # A line that wraps could not be written over.
        line = line if is_last else line[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if is_last else ""))
        sys.stderr.flush()

    def tell(self, message: str) -> None:
        sys.stderr.write(f"\r\x1b[K{message}\n")
        sys.stderr.flush()


class Lines(Shown):
    """Plain lines, for a log."""

    pause = 30.0

    def __init__(self) -> None:
        """Makes one whose first line comes after a pause: a run that is over by then needs none."""
        super().__init__()
        self._last = time.monotonic()
        self._has_shown = False

    def _show(self, progress: Progress, is_last: bool) -> None:
        if not is_last or self._has_shown:
            self._write(str(progress))

    def tell(self, message: str) -> None:
        """Writes a line."""
        self._write(message)

    def _write(self, line: str) -> None:
        self._has_shown = True
        if sys.stderr is not None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


class Notebook(Shown):
    """One line of HTML in a notebook, without widgets."""

    pause = 0.2
    _most_told = 10

    def __init__(self) -> None:
        """Shows an empty line, which is replaced later."""
        super().__init__()
        from IPython.display import display

        self._told: list[str] = []
        self._display: Any = display(_Html("", ""), display_id=True)  # type: ignore[no-untyped-call]

    def _show(self, progress: Progress, is_last: bool) -> None:
        share = 100 * (progress.done + progress.failed) // max(progress.total, 1)
        lines = [str(progress), *self._told]
        bar = f'<progress max="100" value="{share}"></progress> '
        self._display.update(_Html(bar + "<br>".join(map(html.escape, lines)), "\n".join(lines)))

    def tell(self, message: str) -> None:
        """Shows a line below the bar."""
        self._told = [*self._told, message][-self._most_told :]


class _Html:
    def __init__(self, shown: str, text: str) -> None:
        self._shown = shown
        self._text = text

    def _repr_html_(self) -> str:
        return self._shown

    def __repr__(self) -> str:  # For front ends without HTML.
        return self._text
