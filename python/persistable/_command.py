"""The command `persistable`. The core does what it says."""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> int:
    """Runs the command with the arguments of this process, and returns the exit code."""
    from persistable import _core

    # Python would note an interrupt, and wait until the core is done.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _core.run_command(["persistable", *sys.argv[1:]])
