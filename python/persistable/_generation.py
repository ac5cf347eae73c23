"""One generation of a payload: the step's own code, and what is looked at around it."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from persistable import _core
from persistable._checks.current import generating
from persistable._checks.in_place import changed_uses
from persistable._checks.none import warn_of_none
from persistable._checks.randomness import RandomWatch
from persistable._environment import prepare
from persistable._hints import log_hints
from persistable._settings import setting_of
from persistable._stale import Warnings, putting_off, warn
from persistable.exceptions import OutdatedPayloadError, ParamsChangedWarning

if TYPE_CHECKING:
    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]


class Generated(NamedTuple):
    """What a generation gave."""

    payload: Any
    seconds: float
    changed_tree: _core.ParamsTree | None
    """What the step made of its own params, if it changed them in place. The payload is that of these, too."""
    warnings: Warnings
    """To be issued once the payload is kept."""


def load_dependencies(step: Step) -> None:
    """Loads or generates what a function step is called with. Other steps ask for it in their own code."""
    from persistable._function_step import FunctionStep

    if not isinstance(step, FunctionStep):
        return
    try:
        step._load_dependencies()
    except Exception as error:
        from persistable._tracebacks import note_generation

        note_generation(error, step)
        raise


def generate(step: Step, untracked: dict[str, Any], tree: _core.ParamsTree) -> Generated:
    """Generates the payload of a step, which is ``tree`` before that.

    The step's code may change its params in place, such as a list that it sorts or a cache in an object.
    """
    try:
        with putting_off() as warnings:
            payload, seconds, changed_tree = _generate(step, untracked, tree)
    except Exception as error:
        from persistable._tracebacks import note_generation

        note_generation(error, step)
        raise
    return Generated(payload, seconds, changed_tree, warnings)


def _generate(
    step: Step, untracked: dict[str, Any], tree: _core.ParamsTree
) -> tuple[Any, float, _core.ParamsTree | None]:
    if _core.has_met_other_params(step) and not _core.is_current(step, tree):
        raise _changed_by_others(step, "before its payload could be generated")
    before = _fields(step)
    log_hints(step)
    if setting_of(None, "environment") == "record":  # No attribute: a step may have one of its own of that name.
        prepare()
    with generating(step), RandomWatch(step):
        begin = time.perf_counter()
        payload = step._generate_payload(**untracked)
        seconds = time.perf_counter() - begin
        changed_uses()
    kept_as = getattr(step.payload_io, "_kept_as", None)
    if kept_as is not None:  # Of a payload IO that gives back something else, such as a float for a number of NumPy.
        payload = kept_as(payload)
    warn_of_none(payload, step)
    is_current, has_met_other_params = _core.is_current(step, tree), _core.has_met_other_params(step)
    if is_current and not has_met_other_params:
        return payload, seconds, None
    is_same = _is_same(before, _fields(step))
    # What another thread changed in place looks like what the step's own code changed.
    if has_met_other_params and (is_current or not is_same):
        raise _changed_by_others(step, "while its payload was generated")
    names = _core.changed_params(step, tree)
    changed = _core.params_tree(step) if is_same else None
    what = ", ".join(names) if names else "the dependencies"
    advice = "copy it before you change it" if len(names) == 1 else "copy them before you change them"
    warn(
        ParamsChangedWarning,
        f"{step.payload_name}: {what} changed while the payload was generated. The payload is stored for "
        f"the earlier values: {advice}",
        step,
    )
    return payload, seconds, changed


def _changed_by_others(step: Step, when: str) -> OutdatedPayloadError:
    error = OutdatedPayloadError(
        f"another thread changed the params of this {step.payload_name} {when}. So nothing is persisted. "
        "Give each thread a step object of its own"
    )
    error.step, error.operation = repr(step), "generate"
    return error


def _fields(step: Step) -> dict[str, Any] | None:
    """Returns the objects that a step's params hold, without private ones and those that comparisons leave out."""
    params = step.params
    held = params if isinstance(params, dict) else getattr(params, "__dict__", None)
    if held is None:
        return None
    ignored: set[str] = set()
    if dataclasses.is_dataclass(params):
        ignored = {field.name for field in dataclasses.fields(params) if not field.compare}
    return {name: value for name, value in held.items() if not str(name).startswith("_") and name not in ignored}


def _is_same(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Tells whether the params hold the same objects: somebody may have put others there, for another payload."""
    if before is None or after is None or before.keys() != after.keys():
        return False
    return all(before[name] is after[name] for name in before)
