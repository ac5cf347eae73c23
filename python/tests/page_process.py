"""Runs the Python code of a page, block by block, as cells of a notebook run: told by lines on its standard input."""

from __future__ import annotations

import builtins
import sys
import warnings
from pathlib import Path
from typing import Any

END = "=== end of the block: "


def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Shows a warning without the line of code, which is in the page anyway."""
    print(f"{category.__name__}: {message}", file=sys.stderr, flush=True)


def main() -> None:
    namespace = sys.modules["__main__"].__dict__
    del namespace["__file__"]  # As in a notebook: other processes can't import what is defined here.
    warnings.showwarning = show
    warnings.simplefilter("default")
    for line in sys.stdin:
        path = Path(line.strip())
        failed = ""
        try:
            code = builtins.compile(path.read_text(), str(path), "exec", dont_inherit=True)
            exec(code, namespace)
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"
        print(failed, flush=True)
        print(END + ("failed" if failed else "done"), flush=True)


if __name__ == "__main__":
    main()
