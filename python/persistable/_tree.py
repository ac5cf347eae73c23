"""Params trees for people: nested dicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from persistable._persistable import Persistable

    Step = Persistable[Any, Any]


def params_tree(step: Step) -> dict[str, Any]:
    """Returns the step's params by name, and under each dependency's payload name its params tree.

    A dependency whose name is taken, by a field or by another dependency, has its hash behind its name. Steps that
    several others depend on share one dict.
    """
    trees: dict[int, dict[str, Any]] = {}
    pending: list[tuple[Step, bool]] = [(step, False)]
    while pending:
        current, is_expanded = pending.pop()
        if id(current) in trees:
            continue
        below = list(dependencies_of(current))
        if is_expanded or not below:
            trees[id(current)] = _joined(current, below, trees)
        else:
            current.persist_hash  # noqa: B018  # Raises where a step depends on itself.
            pending.append((current, True))
            pending.extend((dependency, False) for dependency in below)
    return trees[id(step)]


def dependencies_of(step: Step) -> Iterator[Step]:
    """Iterates over the steps that a step depends on."""
    declared = step.tracked_persistable_dependencies
    if declared is None:
        return
    if not isinstance(declared, Mapping):
        yield from declared
        return
    for held in declared.values():
        if held is None:
            continue
        if hasattr(held, "tracked_persistable_dependencies"):
            yield held
        else:
            yield from held


def _joined(step: Step, below: list[Step], trees: dict[int, dict[str, Any]]) -> dict[str, Any]:
    tree = own_params(step)
    names = [dependency.payload_name for dependency in below]
    for dependency, name in zip(below, names):
        free = name
        if names.count(name) > 1 or name in tree:
            free = stem = f"{name}({dependency.persist_hash})"
            number = 1
            while free in tree:
                number += 1
                free = f"{stem} #{number}"
        tree[free] = trees[id(dependency)]
    return tree


def own_params(step: Step) -> dict[str, Any]:
    """Returns the step's own params by name."""
    params = step.params
    if params is None:
        return {}
    if isinstance(params, Mapping):
        return dict(params)
    return dict(params.to_dict())
