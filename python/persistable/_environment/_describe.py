"""The record of an environment, for people."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["describe_environment"]


def describe_environment(text: str) -> list[tuple[str, str]]:
    """Returns what a record says, as pairs of a name and a value; records of Rust programs and later ones too.

    ```python
    [("Python", "CPython 3.11.7"), ("platform", "Linux x86_64"), ("git", "55e072a1b2c3"), ("numpy", "2.4.6")]
    ```

    Raises `ValueError` for a text that is not a record.
    """
    record = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError("the record of an environment is a JSON object")
    rest = dict(record)
    for known in ("environment", "language"):
        rest.pop(known, None)
    described = []
    for name, tell in _TELLERS.items():
        if name in rest:
            described.extend(tell(rest.pop(name)))
    if rest.pop("incomplete", False):
        described.append(("incomplete", "some of it was not known in time"))
    described.extend((name.replace("_", " "), _shown(value)) for name, value in sorted(rest.items()))
    return described


def _python(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("Python", _shown(value))]
    return [("Python", f"{value.get('implementation', '')} {value.get('version', '')}".strip())]


def _platform(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("platform", _shown(value))]
    system = " ".join(str(value[name]) for name in ("system", "machine") if name in value)
    more = [str(value[name]) for name in sorted(value) if name not in ("system", "machine")]
    return [("platform", ", ".join([system, *more]))]


def _git(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("git", _shown(value))]
    revision = value.get("revision")
    shown = "before the first commit" if revision is None else str(revision)[:12]
    return [("git", f"{shown}, with changes" if value.get("dirty") else shown)]


def _distributions(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return [("distributions", _shown(value))]
    return [(str(name), _shown(value[name])) for name in sorted(value, key=str.lower)]


_TELLERS = {
    "python": _python,
    "platform": _platform,
    "git": _git,
    "blas": lambda value: [("BLAS", _shown(value))],
    "cuda": lambda value: [("CUDA", _shown(value))],
    "distributions": _distributions,
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_shown(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value)
    return str(value) if not isinstance(value, bool) else ("yes" if value else "no")
