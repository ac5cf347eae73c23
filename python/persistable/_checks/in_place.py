"""Warns of the payload of a dependency that a step changed in place."""

from __future__ import annotations

from typing import Any, NamedTuple

from persistable._checks.current import Generation, current_generation
from persistable._checks.snapshot import Snapshot, is_changed, snapshot_of
from persistable._definition import definition_of


class Use(NamedTuple):
    """The payload of a dependency that a generation was given."""

    step: Any
    payload_id: int
    before: Snapshot


def note_use(dependency: Any, payload: object) -> None:
    """Notes what the payload of a dependency is like that is handed to the step being generated.

    The first use in a generation counts. Outside of generations nothing is noted.
    """
    generation = current_generation()
    if generation is None or generation.step is dependency:
        return
    noted = generation.uses.get(id(dependency))
    if noted is not None and noted.payload_id == id(payload):
        return
    from persistable._settings import setting_of

    if setting_of(generation.step, "changed_in_place") == "ignore":
        return
    before = _snapshot_of(payload)
    if before:
        generation.uses[id(dependency)] = Use(dependency, id(payload), before)


def changed_uses() -> list[Any]:
    """Issues a `ChangedInPlaceWarning` for each dependency whose payload the step being generated has changed.

    Call it when the step is done, before its generation ends. Returns those dependencies. A generation around this one
    that was given the same payload does not answer for the change.
    """
    generation = current_generation()
    if generation is None or not generation.uses:
        return []
    changed = []
    for use in generation.uses.values():
        payload = _payload_of(use)
        if payload is None:
            continue
        after = _snapshot_of(payload)
        if is_changed(use.before, after):
            changed.append((use.step, payload))
            _forgive(generation.outer, use, after)
    generation.uses.clear()
    for dependency, payload in changed:
        _warn(generation.step, dependency, payload)
    return [dependency for dependency, _ in changed]


def _payload_of(use: Use) -> object | None:
    """Returns the payload, if the dependency still has that one."""
    payload: object = use.step._payload
    return payload if id(payload) == use.payload_id else None


def _snapshot_of(payload: object) -> Snapshot:
    try:
        return snapshot_of(payload)
    except Exception:  # It is other than objects of its class are. A check must not end a generation.
        return []


def _forgive(generation: Generation | None, use: Use, after: Snapshot) -> None:
    while generation is not None:
        theirs = generation.uses.get(id(use.step))
        if theirs is not None and theirs.payload_id == use.payload_id:
            generation.uses[id(use.step)] = Use(use.step, use.payload_id, after)
        generation = generation.outer


def _warn(step: Any, dependency: Any, payload: object) -> None:
    from persistable._stale import warn
    from persistable.exceptions import ChangedInPlaceWarning

    name = dependency.payload_name
    has_copy = hasattr(payload, "copy") and not isinstance(payload, (list, tuple, dict))
    copy = f"`x = {name}.copy()`" if has_copy else f"`x = copy.deepcopy({name})`"
    if definition_of(step) is None:
        copy = copy.replace(f"({name})", f"({name}.payload)").replace(f"{name}.copy", f"{name}.payload.copy")
    warn(
        ChangedInPlaceWarning,
        f"{step.payload_name} changed the payload of {name} in place, so other steps get the changed payload: "
        f"copy it first, {copy}",
        step,
    )
