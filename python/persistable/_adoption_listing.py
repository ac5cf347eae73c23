"""Whether a folder may have files of persistable 1.x at all.

The name of such a file is made of the params of all steps below. For a deep pipeline that takes long, and each of its
steps asks. So the folder is listed once in a while, and the name is made only if there may be such a file.
"""

from __future__ import annotations

import os
import re
import time
from itertools import islice

# More names are not read: a large folder may have any file.
_MOST_NAMES = 1 << 16
# So long an answer counts. A file of 1.x that comes meanwhile is found a moment later.
_SECONDS = 1.0
_MANIFEST = ".manifest.json"

_none_until: dict[tuple[str, str], float] = {}


def had_none(folder: str, payload_name: str) -> bool:
    """Returns whether there was no such file a moment ago."""
    until = _none_until.get((folder, payload_name))
    return until is not None and time.monotonic() < until


def may_have(folder: str, payload_name: str) -> bool:
    """Looks whether there may be a file of 1.x with a payload of this name. It has a hash, and no manifest."""
    if "." in payload_name:  # 1.x took what follows the dot for the suffix, and the file has no hash.
        return True
    try:
        with os.scandir(folder) as entries:
            names = {entry.name for entry in islice(entries, _MOST_NAMES + 1)}
    except OSError:
        return True
    if len(names) > _MOST_NAMES:
        return True
    stem = re.compile(re.escape(payload_name) + r"\([0-9a-f]{32}\)")
    stems = {found[0] for found in map(stem.match, names) if found}
    if any(stem + _MANIFEST not in names for stem in stems):
        return True
    if len(_none_until) >= _MOST_NAMES:
        _none_until.clear()
    _none_until[folder, payload_name] = time.monotonic() + _SECONDS
    return False
