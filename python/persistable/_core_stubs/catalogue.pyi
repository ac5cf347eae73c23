"""Of `persistable._core`: what catalogues ask."""

import os
from collections.abc import Callable
from typing import Any, final

from persistable._core import Store
from persistable._persistable import Persistable

@final
class Catalogue:
    """An open catalogue. `persistable.Catalogue` keeps one. Answers with a structure of their own are JSON texts."""

    @staticmethod
    def open(store: Store, folder: str | os.PathLike[str] | None) -> Catalogue:
        """Opens the catalogue of a store. Its index is in `folder`, if one is given."""
    def refresh(self) -> tuple[int, int]:
        """Looks at the store anew. Returns how many manifests were read, and how many artifacts are gone."""
    def rows(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        shown: tuple[list[str] | None, bool, str | None, bool, int | None],
    ) -> tuple[list[str], list[tuple[Any, ...]], int, int, list[str]]:
        """Lists artifacts: those of a payload name, of a filter, and of stems; their columns, whether only those that
        vary, by what they are sorted, whether it descends, and how many at most."""
    def find(self, text: str) -> str:
        """Finds an artifact by the first digits of its key, by `name(digits)` or by the name of a file. Returns its
        stem."""
    def why(self, step: Persistable[Any, Any]) -> str:
        """Says why a step is not persisted."""
    def why_artifact(self, stem: str) -> str:
        """Says why an artifact was generated."""
    def knows(self, name: str) -> bool: ...
    def why_params(self, payload_name: str, params: str) -> str:
        """Says which artifacts of a payload name are nearest to some params."""
    def diff(self, before: str, after: str) -> str:
        """Returns how two artifacts differ."""
    def lineage(self, stem: str, is_up: bool, depth: int) -> str:
        """Returns what an artifact was made from, or what was made from it."""
    def usage(self, selection: tuple[str | None, str | None, list[str] | None], by: str | None) -> str:
        """Counts what takes the space: by step, by a param, or by each param that varies if its name is empty."""
    def status(self, selection: tuple[str | None, str | None, list[str] | None], inputs: bool) -> str:
        """Says what is in order, and what is not."""
    def manifest(self, stem: str) -> str:
        """Returns the manifest of an artifact; of one that was removed, that in its record."""
    def verify(self, stem: str, repair: bool) -> str:
        """Compares an artifact with its digest. If `repair` says so, a damaged one goes to quarantine."""
    def label(
        self,
        stem: str,
        added: list[str],
        removed: list[str],
        pin: tuple[str | None] | None,
        note: tuple[str | None] | None,
    ) -> str:
        """Changes what people say of an artifact, and returns it."""
    def labels(self, stem: str) -> str:
        """Returns what people say of an artifact."""
    def plan_removal(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        is_all: bool,
        limits: tuple[int | None, float | None, float | None],
        damaged: bool,
        stale: bool,
    ) -> RemovalPlan:
        """Plans what to remove: all that is selected; what is beyond a size, older than an age or unused for longer;
        what is damaged; what is stale."""
    def remove(self, plan: RemovalPlan, progress: Callable[[int, int], object] | None) -> str:
        """Removes what was planned. `progress` is told how many are done."""
    def export(
        self,
        selection: tuple[str | None, str | None, list[str] | None],
        file: str | os.PathLike[str],
        progress: Callable[[int, int], object] | None,
    ) -> str:
        """Writes artifacts into one file, with what they were made from. `progress` is told how many bytes are
        done."""
    def import_file(self, file: str | os.PathLike[str], progress: Callable[[int, int], object] | None) -> str:
        """Reads the artifacts of a file that was exported."""
    def former(self) -> str:
        """Lists what persistable 1.x left in the folder."""
    def log(self, entries: tuple[list[str], str | None, str | None, float | None, str | None], limit: int) -> str:
        """Returns the last entries of the log: those of these payload names, of a key, of a level, of an age in
        seconds, and with a text."""

@final
class RemovalPlan:
    """What would be removed, and why. `persistable` shows it."""

    def to_json(self) -> str:
        """Returns the plan as JSON."""

def size_in_bytes(text: str) -> int:
    """Reads a size such as `10 GB`."""

def age_in_seconds(text: str) -> float:
    """Reads an age such as `30d`."""
