"""Trusting what another wrote: looking at it, and signing it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Union

if TYPE_CHECKING:
    from persistable._persistable import Persistable
    from persistable._store import DataDir, Store

    Agree = Union[bool, "Callable[[UntrustedArtifact], bool]", None]

__all__ = ["UntrustedArtifact", "trust"]


_THIS_ACCOUNT = "this account"


@dataclass(frozen=True)
class UntrustedArtifact:
    """An artifact that is not trusted, and what is known of whose it is."""

    payload_name: str
    key: str
    payload_io: str
    size_bytes: int
    why: str
    """Why it is not trusted."""
    persisted_at: str | None
    program: str | None
    """The program that persisted it. Its manifest says so; nobody checked it."""
    host: str | None
    """The machine on which it was persisted. Its manifest says so; nobody checked it."""
    owner: str | None
    """The account that its file belongs to, if it has a file. It may be a copy, so another may have written it."""
    commit_id: str

    def __str__(self) -> str:
        """Describes it in one line."""
        key = self.key[:8]
        return f"{self.payload_name}({key}…), {self.payload_io}, {self.size_bytes:,} bytes, {self._origin()}"

    def _origin(self) -> str:
        if self.owner == _THIS_ACCOUNT:  # Whoever copies a file owns the copy.
            owner = "not signed by this account, so who wrote it is not known here, "
        else:
            owner = f"belongs to {self.owner}, " if self.owner else ""
        return f"{owner}persisted at {self.persisted_at} by {self.program or '?'} on {self.host or '?'}"


def trust(
    store: DataDir,
    steps: Iterable[Persistable[Any, Any]] | Persistable[Any, Any] | None = None,
    *,
    agree: Agree = None,
) -> list[UntrustedArtifact]:
    """Signs artifacts of somebody else with the key of this account, so that this account loads them.

    It looks at the artifacts of the store whose loading may run code, and which this account does not trust. If there
    are any, it says whose they are, and asks whether to trust them. Then it compares each payload with its digest, and
    signs it. The artifacts themselves do not change. If somebody replaces one of them later, it is refused again.

    ```python
    persistable.trust("data from a colleague")
    persistable.trust("s3://team/experiments", [train], agree=True)
    ```

    Args:
        store: The store, or its path or URL.
        steps: If given, only the artifacts of these steps, and not those of their dependencies.
        agree: `True` trusts them without asking. A function is called with each artifact, and says whether to trust
            it. By default you are asked, in a terminal or a notebook.

    Returns:
        The artifacts that were signed.

    Raises:
        UntrustedPayloadError: Nobody can be asked, and `agree` is not given. The message lists the artifacts.
        DamagedPayloadError: A payload is not the one that was committed.
        DeniedError: The signature can't be written to the store.
    """
    from persistable import _core
    from persistable._steps import ids_of
    from persistable._store import store_of

    place = store_of(store)
    opened = place._existing()
    ids = ids_of(steps, "trust")
    untrusted, unusable = _core.untrusted(opened, ids)
    if unusable:
        _warn_of(unusable)
    found = [_artifact(*each) for each in untrusted]
    if not found:
        return []
    agreed = [artifact for artifact in found if agree(artifact)] if callable(agree) else found
    if not callable(agree) and not (agree if agree is not None else _ask(place, found)):
        return []
    for artifact in agreed:
        _core.countersign(opened, artifact.payload_name, artifact.key, artifact.commit_id)
    return agreed


def _warn_of(unusable: list[str]) -> None:
    import logging

    more = f" And {len(unusable) - 1:,} more" if len(unusable) > 1 else ""
    logging.getLogger("persistable").warning("this could not be looked at, and was left out: %s.%s", unusable[0], more)


def _artifact(
    payload_name: str, key: str, commit_id: str, io: str, size_bytes: int, why: str, origin: list[str | None]
) -> UntrustedArtifact:
    persisted_at, program, host, file = origin
    owner = None if file is None else _owner(file)
    return UntrustedArtifact(payload_name, key, io, size_bytes, why, persisted_at, program, host, owner, commit_id)


def _owner(file: str) -> str | None:
    try:
        user = os.lstat(file).st_uid
    except OSError:
        return None
    if user == os.geteuid():
        return _THIS_ACCOUNT
    try:
        import pwd

        return f"{pwd.getpwuid(user).pw_name} (user {user})"
    except (ImportError, KeyError):
        return f"user {user}"


def _ask(store: Store, found: list[UntrustedArtifact]) -> bool:
    lines = _told(store.location, found)
    if not _can_ask():
        from persistable.exceptions import UntrustedPayloadError

        call = f"persistable.trust({store!r}, agree=True)"
        raise UntrustedPayloadError(
            "\n".join(lines) + f"\nNobody can be asked here. If you trust whoever wrote them, call {call}"
        )
    print("\n".join(lines))
    answer = input("Loading them may run code. Do you trust whoever wrote them? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _told(location: str, found: list[UntrustedArtifact]) -> list[str]:
    most = 20
    artifacts = "an artifact" if len(found) == 1 else f"{len(found):,} artifacts"
    lines = [f"{location} has {artifacts} that this account does not trust:"]
    lines += [f"  {artifact}" for artifact in found[:most]]
    if len(found) > most:
        others = Counter(artifact._origin().partition(" at ")[0] for artifact in found[most:])
        lines += [f"  and {count:,} more: {origin}" for origin, count in others.most_common(most)]
    return lines


def _can_ask() -> bool:
    if "ipykernel" in sys.modules:
        return True
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # It is closed.
        return False
