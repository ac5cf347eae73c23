"""Whether a folder may have files of persistable 1.x at all.

The name of such a file is made of the params of all steps below. So it is made only if the folder may have such a file.
To know that, the folder is listed once in a while.
"""

from __future__ import annotations

import os
import re
import time
from itertools import islice
from typing import NamedTuple

# More names are not read: a large folder may have any file.
_MOST_NAMES = 1 << 16
_MOST_FOLDERS = 1000
# For this time a listing counts.
_SECONDS = 1.0
# If a listing takes longer, any file may be there, and the folder is not listed again for a while.
_LONGEST_LISTING_SECONDS = 0.05
_PAUSE_SECONDS = 60.0
# File systems count in steps of up to two seconds. What changed within such a step may change again without a sign.
_STEP_NS = 2_000_000_000
_MANIFEST = ".manifest.json"
_stem_of = re.compile(r"(.+)\([0-9a-f]{32}\)").match


class _Listing(NamedTuple):
    until: float
    changed_ns: int | None
    """When the folder was changed last, if that shows whether it was changed after it was listed."""
    payload_names: frozenset[str] | None
    """Those that have files of 1.x. `None`: any may have."""


_NOT_LISTED = _Listing(0.0, None, None)
_listings: dict[str, _Listing] = {}


def may_have(folder: str, payload_name: str, is_sure: bool) -> bool:
    """Tells whether a folder may have a file of 1.x for a payload name.

    If it had none a moment ago, it counts as having none. With `is_sure`, the folder must not have changed since.
    """
    if "." in payload_name:  # 1.x took what follows the dot for the suffix, and the file has no hash.
        return True
    listing = _listings.get(folder)
    if listing is None:  # A process that asks only once finds one file sooner than it lists a large folder.
        if len(_listings) >= _MOST_FOLDERS:
            _listings.clear()
        _listings[folder] = _NOT_LISTED
        return True
    if time.monotonic() >= listing.until:
        listing = _listings[folder] = _list(folder)
    if listing.payload_names is None or payload_name in listing.payload_names:
        return True
    return is_sure and (listing.changed_ns is None or _changed_ns(folder) != listing.changed_ns)


def _list(folder: str) -> _Listing:
    begin = time.monotonic()
    changed_ns = _changed_ns(folder)
    if changed_ns is not None and time.time_ns() - changed_ns < _STEP_NS:
        changed_ns = None
    payload_names = _payload_names_of_1x(folder)
    end = time.monotonic()
    if end - begin > _LONGEST_LISTING_SECONDS:
        return _Listing(end + _PAUSE_SECONDS, changed_ns, None)
    return _Listing(end + _SECONDS, changed_ns, payload_names)


def forget() -> None:
    """Lets the next looks see the folders as they are then."""
    _listings.clear()


def _changed_ns(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116
    except OSError:
        return None


def _payload_names_of_1x(folder: str) -> frozenset[str] | None:
    """Returns the payload names of files that have a hash and no manifest."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST_NAMES + 1)]
    except OSError:
        return None
    if len(names) > _MOST_NAMES:
        return None
    stems_of_2 = {name[: -len(_MANIFEST)] for name in names if name.endswith(_MANIFEST)}
    stems = {found[0]: found[1] for found in map(_stem_of, names) if found}
    return frozenset(payload_name for stem, payload_name in stems.items() if stem not in stems_of_2)
