"""An artifact in a catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from persistable._catalogue._labelled import LabelChange, Labelled
from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import shown_age, shown_value
from persistable._html import table
from persistable._units import shown_duration, shown_size

if TYPE_CHECKING:
    from persistable._catalogue._asking import Artifact, Asking, Row
    from persistable._catalogue._differences import Differences
    from persistable._catalogue._lineage import Lineage
    from persistable._catalogue._removal import RemovalPlan
    from persistable._catalogue._why import Why
    from persistable.io import FileIO

__all__ = ["Entry"]


class Entry(Labelled):
    """An artifact as the catalogue knew it when it listed it."""

    def __init__(self, asking: Asking, row: Row) -> None:
        """Catalogues make entries."""
        self._asking = asking
        self._row = row

    @property
    def name(self) -> str:
        """The payload name."""
        return self._row.name

    @property
    def key(self) -> str:
        """The key in hex. It is the first half if the manifest can't be read."""
        return self._row.key

    @property
    def short(self) -> str:
        """As many digits of the key as tell this artifact from all others in the store."""
        return self._row.short

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return self._row.stem

    @property
    def params(self) -> dict[str, Any]:
        """The params by name, and those of the steps below by path, as filters name them: `n`, `points.n`.

        Numbers, texts, booleans and `None` are themselves. A list, a record and the like is what JSON has for it.
        """
        return dict(self._row.values)

    @property
    def state(self) -> str:
        """`"whole"`, `"damaged"`, `"newer format"` or `"unreadable"`. It is about the manifest, not the payload."""
        return self._row.state

    @property
    def problem(self) -> str | None:
        """What is wrong with it."""
        return self._row.problem

    @property
    def size_bytes(self) -> int | None:
        """The size of the payload."""
        return self._row.size_bytes

    @property
    def persisted_at(self) -> datetime | None:
        """When it was persisted, in UTC."""
        return moment_of(self._row.persisted_milliseconds)

    @property
    def generation_seconds(self) -> float | None:
        """How long its generation took."""
        return self._row.generation_seconds

    @property
    def tags(self) -> frozenset[str]:
        """Its tags."""
        return frozenset(self._row.tags)

    @property
    def is_pinned(self) -> bool:
        """Whether it is pinned. Nothing removes what is pinned."""
        return self._row.pinned

    @property
    def manifest(self) -> dict[str, Any]:
        """All that its manifest says, as JSON has it. It is read now."""
        found: dict[str, Any] = self._asking.answer("manifest", self.stem)
        return found

    def load(self, payload_io: FileIO[Any] | None = None) -> Any:
        """Loads the payload, without the code of its step.

        The payload is verified, and a pickle that is not trusted is refused, as when its step loads it. It is not
        validated, since only the step knows how. If a payload IO of your own wrote it, pass that.
        """
        from persistable._catalogue._loading import load

        return load(self._asking.store, self.manifest, payload_io)

    def why(self) -> Why:
        """Says why it was generated: what was nearest at that time, and what differs."""
        from persistable._catalogue._why import why_artifact

        return why_artifact(self._asking, self.stem)

    def diff(self, other: Artifact) -> Differences:
        """Returns what differs between this artifact and another one."""
        from persistable._catalogue._differences import diff

        return diff(self._asking, self, other)

    def lineage(self, *, up: bool = False, depth: int = 32) -> Lineage:
        """Returns what it was made from; with `up`, what was made from it."""
        from persistable._catalogue._lineage import lineage

        return lineage(self._asking, self, up, depth)

    @property
    def labels(self) -> dict[str, Any]:
        """What people say of it: `tags`, `pinned` (why), `note`. It is read now."""
        found: dict[str, Any] = self._asking.answer("labels", self.stem)
        return found

    def rm(self) -> RemovalPlan:
        """Plans to remove it. Nothing is removed before you call `apply()` of the plan."""
        from persistable._catalogue._removal import plan_of

        return plan_of(self._asking, (None, None, [self.stem]), is_all=True)

    def _label(self, change: LabelChange) -> None:
        (labels,) = change.apply(self._asking, [self.stem])
        self._row = self._row._replace(tags=sorted(labels.get("tags", [])), pinned="pinned" in labels)

    def _facts(self) -> list[tuple[str, str]]:
        row = self._row
        facts = [("key", self.key)]
        if row.size_bytes is not None:
            facts.append(("size", shown_size(row.size_bytes)))
        if self.persisted_at is not None:
            facts.append(("persisted", f"{self.persisted_at:%Y-%m-%d %H:%M} UTC, {shown_age(self.persisted_at)}"))
        if row.generation_seconds is not None:
            facts.append(("generated in", shown_duration(row.generation_seconds)))
        if row.state != "whole":
            facts.append(("state", f"{row.state}: {row.problem}"))
        if row.tags:
            facts.append(("tags", ", ".join(row.tags)))
        if row.pinned:
            facts.append(("pinned", "yes"))
        return facts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entry):
            return NotImplemented
        return (self.stem, self._asking.store) == (other.stem, other._asking.store)

    def __hash__(self) -> int:
        return hash(self.stem)

    def __repr__(self) -> str:
        own = {name: value for name, value in self._row.values.items() if "." not in name.replace("`.`", "")}
        params = ", ".join(f"{name}={shown_value(value)}" for name, value in own.items())
        facts = [self.short, *(name if name == "pinned" else text for name, text in self._facts() if name != "key")]
        return f"<{self.name}({params}): {', '.join(facts)}>"

    def _repr_html_(self) -> str:
        params = [f"{name} = {shown_value(value)}" for name, value in self._row.values.items()]
        rows = [("params", params), *((name, [text]) for name, text in self._facts())]
        return table(f"{self.name} {self.short}", rows)
