"""`python -m persistable` is the command `persistable`."""

from __future__ import annotations

from persistable._command import main

if __name__ == "__main__":
    raise SystemExit(main())
