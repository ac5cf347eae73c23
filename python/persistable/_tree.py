"""Params trees for people: nested dicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from persistable import _core
from persistable._dependencies import Places, steps_in
from persistable._dict_encodable import attributes_of, excluded_names_of
from persistable._is_step import is_step

if TYPE_CHECKING:
    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]


def params_tree(step: Step) -> dict[str, Any]:
    """Returns the step's params by name, and under each dependency's payload name its params tree.

    If a field or another dependency has the same name as a dependency, the hash follows the name. Steps that several
    others depend on share one dict.
    """
    # Raises where a step depends on itself. Otherwise what follows would not end.
    hashes = _core.hashes_below(step)
    trees: dict[int, dict[str, Any]] = {}
    pending: list[tuple[Step, bool]] = [(step, False)]
    while pending:
        current, is_expanded = pending.pop()
        if id(current) in trees:
            continue
        below = list(dependencies_of(current))
        if is_expanded or not below:
            trees[id(current)] = _joined(current, below, trees, hashes)
        else:
            pending.append((current, True))
            pending.extend((dependency, False) for dependency in below)
    return trees[id(step)]


def dependencies_of(step: Step) -> Iterator[Step]:
    """Iterates over the steps that a step depends on."""
    declared = step.tracked_persistable_dependencies
    if isinstance(declared, (list, tuple)):
        return iter(declared)
    return steps_in(declared)


def _joined(step: Step, below: list[Step], trees: dict[int, dict[str, Any]], hashes: dict[int, str]) -> dict[str, Any]:
    tree = own_params(step)
    if isinstance(step.tracked_persistable_dependencies, Places):
        tree.update(_shown(step.tracked_persistable_dependencies, hashes))
    named = [(step.payload_name, hashes.get(id(step)) or step.persist_hash) for step in below]
    names = _core.free_names(
        [name for name in tree if isinstance(name, str)],
        [(name, f"{name}({persist_hash})") for name, persist_hash in named],
    )
    tree.update((name, trees[id(dependency)]) for name, dependency in zip(names, below))
    return tree


def _shown(places: Places, hashes: dict[int, str]) -> Iterator[tuple[str, Any]]:
    """Yields the arguments that are not just a step or a list of steps, with the names of artifacts for steps."""
    from persistable._arguments import handed

    for name, held in places.items():
        if not (is_step(held) or (type(held) is list and all(map(is_step, held)))):
            yield name, handed(held, lambda step: f"{step.payload_name}({hashes[id(step)]})", lambda value: value)


def own_params(step: Step) -> dict[str, Any]:
    """Returns the step's own params by name."""
    params = step.params
    if params is None:
        return {}
    if isinstance(params, Mapping):
        return dict(params)
    if hasattr(params, "to_dict"):
        return dict(params.to_dict())
    if hasattr(params, "model_dump"):  # A pydantic model.
        return dict(params.model_dump(exclude=_excluded_below(params)))
    excluded = excluded_names_of(params)
    shown = params._asdict() if hasattr(params, "_asdict") else dict(attributes_of(params))
    return {name: value for name, value in shown.items() if name not in excluded}


def _excluded_below(value: Any) -> Any:
    """Returns what pydantic is to leave out of a dump: by name, by key or by index, as deep as models nest."""
    members: Any = ()
    excluded: dict[Any, Any] = {}
    if hasattr(value, "model_dump"):
        excluded = dict.fromkeys(excluded_names_of(value), True)
        members = attributes_of(value)
    elif isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, (list, tuple)):
        members = enumerate(value)
    for name, member in members:
        below = None if name in excluded else _excluded_below(member)
        if below:
            excluded[name] = below
    return excluded or None
