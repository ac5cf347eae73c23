"""Refuses payloads that are gone or changed when the next reader comes."""

from __future__ import annotations

from typing import Any

from persistable._checks.kinds import Refusal
from persistable._checks.parts import ATOMS, Attribute, Cell, Key, Lister, Parts, Plan, plan_of

# What is looked at of a payload at most. The rest is hardly of another kind.
_MAX_PARTS = 4_000
_MIN_SHARE = 16


def refuse_unpersistable(payload: object, step_name: str, payload_io: object = None) -> None:
    """Raises `UnpersistablePayloadError` for a payload that can be read only once, or that only refers to data.

    The payload is looked through as pickle would, up to a number of parts. Where the payload IO is not a pickle, only
    the usual containers are: what it keeps of other objects is its own affair. One that says `takes_lazy_payloads` is
    given everything.
    """
    kind = type(payload)
    if kind in ATOMS:
        return
    plan = plan_of(kind)
    if plan is None or getattr(payload_io, "takes_lazy_payloads", False):
        return
    found = _find(payload, plan, plan.parts is not None and _is_pickle(payload_io))
    if found is not None:
        raise _error(payload, found, step_name, payload_io)


class _Found:
    """A part that can't be persisted."""

    def __init__(self, part: object, refusal: Refusal, path: str) -> None:
        self.part = part
        self.refusal = refusal
        self.path = path


def _is_pickle(payload_io: object) -> bool:
    from persistable.io import PickleFileIO

    payload_io = getattr(payload_io, "inner", payload_io)  # Of one that compresses.
    return payload_io is None or isinstance(payload_io, PickleFileIO)


def _find(payload: object, plan: Plan, into_objects: bool) -> _Found | None:
    """Looks through a payload, breadth first: what is near the root is seen however much lies below its neighbours."""
    refusal = _refusal_of(payload, plan)
    if refusal is not None:
        return _Found(payload, refusal, "")
    # Each with its parent's number and the label in it. All are kept, so that no two have the same id.
    queue: list[tuple[Any, Plan, int, Any]] = [(payload, plan, -1, None)]
    seen = {id(payload)}
    left = _MAX_PARTS
    at = 0
    while at < len(queue) and left > 0:
        held, plan, _, _ = queue[at]
        if plan.parts is not None and (into_objects or plan.is_container):
            # As much is left for what is found in these as for each that waits.
            share = max(left // (len(queue) - at + 1), _MIN_SHARE)
            left -= min(share, _size(held))
            for label, part in _parts_of(held, plan.parts, share):
                plan_of_part = plan_of(type(part))
                if plan_of_part is None or id(part) in seen:
                    continue
                seen.add(id(part))
                queue.append((part, plan_of_part, at, label))
                refusal = _refusal_of(part, plan_of_part)
                if refusal is not None:
                    return _Found(part, refusal, _path(queue))
        at += 1
    return None


def _parts_of(held: object, lister: Lister, limit: int) -> Parts:
    try:
        return lister(held, limit)
    except Exception:  # It is other than objects of its class are, or another thread changes it.
        return []


def _refusal_of(part: object, plan: Plan) -> Refusal | None:
    if plan.check is None:
        return None
    try:
        return plan.check(part)
    except Exception:  # It is other than the library's objects are. Then pickle says what it thinks of it.
        return None


def _size(held: Any) -> int:
    try:
        return max(len(held), 1)
    except TypeError:
        return 1


def _path(queue: list[tuple[Any, Plan, int, Any]]) -> str:
    steps = []
    at = len(queue) - 1
    while at > 0:
        _, _, at, label = queue[at]
        steps.append(_shown(label))
    return "".join(reversed(steps))


def _shown(label: object) -> str:
    if isinstance(label, Attribute):
        return f".{label.name}"
    if isinstance(label, Key):
        return f"[key of type {type(label.key).__qualname__}]"
    if isinstance(label, Cell):
        return f"[{_short(label.column)}][{label.row}]"
    return f"[{_short(label)}]"


def _short(label: object) -> str:
    try:
        text = repr(label)
    except Exception:
        return f"<{type(label).__qualname__}>"
    return text if len(text) <= 60 else f"{text[:57]}…"


def _error(payload: object, found: _Found, step_name: str, payload_io: object) -> Exception:
    from persistable.exceptions import UnpersistablePayloadError

    kind = type(found.part)
    package = kind.__module__.partition(".")[0]
    is_plain = package in ("builtins", "__main__")
    name = kind.__qualname__ if is_plain else f"{package.lstrip('_')}.{kind.__qualname__}"
    what = f"is of type {name}" if found.part is payload else f"holds, at `{found.path}`, an object of type {name}"
    message = f"the payload of {step_name} {what}, which {found.refusal.why}: {found.refusal.instead}"
    if payload_io is not None and not type(payload_io).__module__.startswith("persistable."):
        message += f". If {type(payload_io).__qualname__} stores it completely, set takes_lazy_payloads = True on it"
    return UnpersistablePayloadError(message)
