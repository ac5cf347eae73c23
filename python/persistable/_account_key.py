"""Where the signing key of this account is. The core reads it, and makes it when something is signed first."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "PERSISTABLE_ACCOUNT_KEY"
_OFF = {"off", "0", "no", "false"}


def location() -> Path | None:
    """Returns the file that has the key. `None` if it is switched off, or if this account has no home of its own."""
    if os.environ.get(VARIABLE, "").strip().lower() in _OFF:
        return None
    folder = _data_home()
    return None if folder is None else folder / "persistable" / "signing-key"


def _data_home() -> Path | None:
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    if given.is_absolute():  # Others are to be ignored, says the specification of this variable.
        return given
    try:
        home = Path.home()
        # After `sudo`, the home may be that of the account which called it.
        is_own = home.stat().st_uid == os.geteuid()
    except (OSError, RuntimeError):
        return None
    return home / ".local" / "share" if is_own else None


def tell(message: str, is_refused: bool) -> None:
    """Says why there is no key. Everything else works as without one."""
    import logging

    if not is_refused:  # Such as a home that can't be written to.
        logging.getLogger("persistable").info("there is no signing key of this account: %s", message)
        return
    from persistable._stale import issue

    message = f"{message}. To work without a key of the account, set {VARIABLE}=off"
    try:
        issue([(UserWarning, message, None)])
    except UserWarning:  # Warnings are errors. But no payload must be lost for want of a signature.
        logging.getLogger("persistable").warning("%s", message)
