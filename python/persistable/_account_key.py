"""What is said if there is no signing key of this account. The core finds it, reads it, and makes it."""

from __future__ import annotations

VARIABLE = "PERSISTABLE_ACCOUNT_KEY"


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
