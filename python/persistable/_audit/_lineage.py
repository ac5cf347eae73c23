"""Whether artifacts were made from the payloads that their dependencies have now, all the way down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from persistable import _core
from persistable._tree import dependencies_of

__all__ = [
    "Artifact",
    "ChangedDependency",
    "artifacts_in",
    "artifacts_of",
    "changed_dependencies",
    "lineage",
    "with_all_below",
]


class Dependency(NamedTuple):
    """A dependency as an artifact's manifest records it."""

    payload_name: str
    key: str
    digest: str | None
    accepted: frozenset[str]

    def __str__(self) -> str:
        return _shown(self.payload_name, self.key)


class Artifact(NamedTuple):
    """What a manifest says of a payload and of what that was made from."""

    payload_name: str
    key: str
    digest: str
    generation_seconds: float | None
    dependencies: tuple[Dependency, ...]

    def __str__(self) -> str:
        return _shown(self.payload_name, self.key)


class ChangedDependency(NamedTuple):
    """An artifact that is stale: it, or one of its dependencies, was made from a payload that was replaced."""

    step: str
    """The artifact that is stale."""
    maker: str
    """The artifact that was made from another payload: `step` itself, or one of its dependencies."""
    dependency: str
    """The dependency of `maker` that has another payload now."""

    def __str__(self) -> str:
        made = f"{self.maker} was made from another payload of {self.dependency} than the one that is persisted now"
        return made if self.maker == self.step else f"{self.step} depends on {self.maker}: {made}"

    def __repr__(self) -> str:
        return str(self)


def _shown(payload_name: str, key: str) -> str:
    return f"{payload_name}({key[:32]})"


def with_all_below(steps: Iterable[Any]) -> Iterator[Any]:
    """Iterates over steps and all that they depend on, each key once."""
    seen: set[str] = set()
    pending = list(steps)[::-1]
    while pending:
        step = pending.pop()
        key = _core.full_key(step)
        if key not in seen:
            seen.add(key)
            yield step
            pending.extend([*dependencies_of(step)][::-1])


def artifacts_of(steps: Iterable[Any]) -> dict[str, Artifact]:
    """Returns what is persisted of steps, by key."""
    texts = (_core.manifest(step) for step in steps)
    return _by_key(json.loads(text) for text in texts if text is not None)


def artifacts_in(folder: Path) -> dict[str, Artifact]:
    """Returns what is persisted in a data folder, by key. What can't be read is left out."""

    def manifests() -> Iterator[dict[str, Any]]:
        for path in sorted(folder.glob("*.manifest.json")):
            try:
                yield json.loads(path.read_bytes())
            except (OSError, ValueError):  # It is damaged, or just being removed. Whoever loads it learns of it.
                continue

    return _by_key(manifests())


def _by_key(manifests: Iterable[dict[str, Any]]) -> dict[str, Artifact]:
    artifacts = (_artifact(manifest) for manifest in manifests)
    return {artifact.key: artifact for artifact in artifacts if artifact is not None}


def _artifact(manifest: dict[str, Any]) -> Artifact | None:
    try:
        dependencies = tuple(
            Dependency(
                each["payload_name"], each["key"], each.get("payload_digest"), frozenset(each.get("accepted", ()))
            )
            for each in manifest["dependencies"]
        )
        seconds = manifest["provenance"].get("generation_seconds")
        name, key, digest = manifest["payload_name"], manifest["key"], manifest["payload"]["digest"]
    except (KeyError, TypeError, AttributeError):
        return None
    return Artifact(name, key, digest, seconds, dependencies)


def lineage(artifacts: dict[str, Artifact]) -> list[ChangedDependency]:
    """Returns, for each artifact, which of its dependencies were made from payloads that have changed since.

    Leaves out dependencies that are no longer persisted, and artifacts whose manifests do not record dependencies.
    """
    direct = {key: list(_changed(artifact, artifacts)) for key, artifact in artifacts.items()}
    found: list[ChangedDependency] = []
    for artifact in _lowest_first(artifacts):
        for key in _below(artifact, artifacts):
            found.extend(ChangedDependency(str(artifact), str(artifacts[key]), name) for name in direct[key])
    return found


def _lowest_first(artifacts: dict[str, Artifact]) -> Iterator[Artifact]:
    """Iterates over artifacts, each after those that it depends on."""
    seen: set[str] = set()
    pending = [(key, False) for key in reversed(artifacts)]
    while pending:
        key, is_below_done = pending.pop()
        if is_below_done:
            yield artifacts[key]
        elif key in artifacts and key not in seen:
            seen.add(key)
            pending.append((key, True))
            pending.extend((dependency.key, False) for dependency in reversed(artifacts[key].dependencies))


def _changed(artifact: Artifact, artifacts: dict[str, Artifact]) -> Iterator[str]:
    for dependency in artifact.dependencies:
        now = artifacts.get(dependency.key)
        if dependency.digest is None or now is None:
            continue
        if now.digest != dependency.digest and now.digest not in dependency.accepted:
            yield str(dependency)


def _below(artifact: Artifact, artifacts: dict[str, Artifact]) -> Iterator[str]:
    """Iterates over an artifact and all that it depends on, each once."""
    seen: set[str] = set()
    pending = [artifact.key]
    while pending:
        key = pending.pop()
        if key in artifacts and key not in seen:
            seen.add(key)
            yield key
            pending.extend(dependency.key for dependency in reversed(artifacts[key].dependencies))


def changed_dependencies(step: Any) -> list[str]:
    """Says for a step and its dependencies which were made from payloads that have changed since."""
    artifacts = artifacts_of(with_all_below([step]))
    shown = f"{step.payload_name}({step.persist_hash})"
    return [str(each) for each in lineage(artifacts) if each.step == shown]
