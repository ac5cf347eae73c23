"""The catalogue of a store."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, overload

from persistable import _core
from persistable._catalogue._asking import Asking, payload_name_of
from persistable._catalogue._entry import Entry
from persistable._catalogue._labelled import LabelChange, Labelled
from persistable._catalogue._moment import moment_of
from persistable._catalogue._table import cut, html_table, shown_age, shown_value, text_table
from persistable._persistable import Persistable
from persistable._store import store_of
from persistable._units import shown_duration, shown_size

if TYPE_CHECKING:
    from persistable._bound import BoundStepFunction
    from persistable._catalogue._asking import Artifact, Listed, Selection
    from persistable._catalogue._differences import Differences
    from persistable._catalogue._exchange import Exported, Imported
    from persistable._catalogue._former import Formers
    from persistable._catalogue._lineage import Lineage
    from persistable._catalogue._log import Log
    from persistable._catalogue._removal import RemovalPlan
    from persistable._catalogue._status import Status
    from persistable._catalogue._usage import Usages
    from persistable._catalogue._verification import Verification
    from persistable._catalogue._why import Why
    from persistable._decorator import StepFunction
    from persistable._store import DataDir, Store

__all__ = ["Catalogue"]

_MOST_SHOWN = 20
_FACTS = ("size", "age", "took", "state", "tags")


class Catalogue(Labelled):
    """What is in a store: list, filter, compare, explain and remove artifacts.

    ```python
    catalogue = Catalogue("data")
    catalogue  # a table of the params that vary
    catalogue.filter("n > 100 and points.seed == 1").to_frame()
    catalogue["5f1e"].load()
    catalogue.why(step)  # why is it not persisted?
    catalogue.gc(max_size="10 GB").apply()
    ```

    It reads the manifests of the store into an index, in the cache folder of this account. Loading a payload never
    needs the index. If it is missing or damaged, it is built again.

    Each question looks at a folder anew. In a bucket or on a server that takes requests: there, call `refresh()`.
    """

    def __init__(self, store: DataDir, *, index: str | os.PathLike[str] | bool = True) -> None:
        """Opens the catalogue of a store, which may be a path, a URL or a `Store`.

        `index` is the folder of the index. `True` means `$XDG_CACHE_HOME/persistable/catalogue`, else
        `~/.cache/persistable/catalogue`. `False` keeps no index: all manifests are read now.

        If there is no such folder, raises `UnavailableError`.
        """
        self._asking = Asking(store_of(store), _index_folder(index))
        self._step: str | None = None
        self._filter: str | None = None
        self._sort: tuple[str, bool] | None = None

    # --- selecting --------------------------------------------------------------------------------------------------

    def filter(
        self,
        filter: str | None = None,
        *,
        step: str | StepFunction[Any, Any] | BoundStepFunction[Any, Any] | None = None,
    ) -> Catalogue:
        """Returns the part of this catalogue that a filter selects, and that is of this step.

        The step is given by its payload name or by its function.

        A filter compares params: `n > 100 and points.seed in [1, 2]`. A dot leads to a dependency. Facts of the
        manifest begin with a dot: `.size > 1GB`, `.age < 7d`, `.tag == "best"`. The guide has the whole language.

        Raises `FilterError` if a filter can't be understood, or if no artifact has such a param. If the filter compares
        a param with a value of another type, there is a warning.
        """
        part = self._part()
        if step is not None:
            part._step = payload_name_of(step)
        if filter is not None:
            part._filter = filter if self._filter is None else f"({self._filter}) and ({filter})"
        # It says now what is wrong with the filter.
        for hint in part._rows([], limit=0).hints:
            warnings.warn(hint, UserWarning, stacklevel=2)
        return part

    def sort(self, name: str, *, descending: bool = False) -> Catalogue:
        """Returns this catalogue, sorted by a param or a fact. Artifacts without it come last.

        By default the newest come first within each step.
        """
        part = self._part()
        part._sort = (name, descending)
        part._rows([], limit=0)
        return part

    def refresh(self) -> None:
        """Looks at the store anew. In a folder each question does that by itself."""
        self._asking.core.refresh()

    def _part(self) -> Catalogue:
        part = object.__new__(Catalogue)
        part._asking, part._step, part._filter, part._sort = self._asking, self._step, self._filter, self._sort
        return part

    @property
    def store(self) -> Store:
        """The store."""
        store: Store = self._asking.store
        return store

    @property
    def steps(self) -> list[str]:
        """The payload names of its artifacts."""
        return sorted({usage.name for usage in self.du()})

    # --- listing ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._rows([], limit=0).selected

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries())

    @overload
    def __getitem__(self, which: int | str | Persistable[Any, Any] | Entry) -> Entry: ...

    @overload
    def __getitem__(self, which: slice) -> list[Entry]: ...

    def __getitem__(self, which: Any) -> Entry | list[Entry]:
        """Returns an artifact by the first digits of its key, by its step, or by its place in the list.

        Raises `NoArtifactError`, a `LookupError`, if there is none, or if several keys begin so.
        """
        if isinstance(which, slice):
            return self._entries()[which]
        if isinstance(which, int):
            return self._entries(limit=which + 1 if which >= 0 else None)[which]
        stem = self._asking.find(which)
        found = self._asking.rows((self._step, self._filter, [stem]), limit=1).rows
        if not found:
            from persistable.exceptions import NoArtifactError

            raise NoArtifactError(f"{stem} is not in this catalogue: it was removed, or a filter leaves it out")
        return Entry(self._asking, found[0])

    def __contains__(self, which: object) -> bool:
        try:
            self[which]  # type: ignore[call-overload]
        except LookupError:
            return False
        return True

    def to_frame(self, columns: list[str] | None = None, *, library: str | None = None) -> Any:
        """Returns a data frame with one row an artifact and one column a param.

        The columns are `name` and `key`, the params, and then `size_bytes`, `persisted_at`, `generation_seconds`,
        `state`, `tags` and `pinned`. The params of a dependency have its name in front, as in `points.n`. If a param
        has the name of another column, its column begins with `params.`.

        - `columns`: only these params, or facts such as `.host`. By default all params.
        - `library`: `"pandas"` or `"polars"`. By default pandas, or polars if only that is installed.
        """
        from persistable._catalogue._frame import frame_of

        return frame_of(self._rows(columns), library)

    # --- asking -----------------------------------------------------------------------------------------------------

    def why(self, what: Artifact, params: str | None = None) -> Why:
        """Says why a step is not persisted, or why an artifact was generated.

        ```python
        catalogue.why(points("data", n=1000))
        catalogue.why("5f1e")
        catalogue.why("points")  # the newest one
        catalogue.why("points", "n == 1000 and seed == 1")
        ```

        The answer names what is nearest, and exactly what differs. Or it says that the artifact was removed, when and
        why; that it is damaged; or that params were added or renamed.
        """
        from persistable._catalogue import _why

        if params is not None:
            if not isinstance(what, str):
                raise TypeError("if params are given, the first argument is a payload name")
            return _why.why_params(self._asking, what, params)
        if isinstance(what, Persistable):
            return _why.why_step(self._asking, what)
        # As in the command, a payload name goes before the digits of a key.
        if isinstance(what, str) and self._asking.core.knows(what):
            newest = self.filter(step=what).sort(".persisted", descending=True)._entries(limit=1)
            what = newest[0] if newest else what
        return _why.why_artifact(self._asking, self._asking.find(what))

    def diff(self, before: Artifact, after: Artifact) -> Differences:
        """Returns what differs between two artifacts: their params anywhere in the tree, and their code and inputs."""
        from persistable._catalogue._differences import diff

        return diff(self._asking, before, after)

    def lineage(self, artifact: Artifact, *, up: bool = False, depth: int = 32) -> Lineage:
        """Returns what an artifact was made from; with `up`, what was made from it."""
        from persistable._catalogue._lineage import lineage

        return lineage(self._asking, artifact, up, depth)

    def du(self, by: str | bool | None = None) -> Usages:
        """Counts what takes the space: by step, by a param or fact, or with `by=True` by each param that varies."""
        from persistable._catalogue._usage import usages

        return usages(self._asking, self._selection, by)

    def status(self, *, inputs: bool = True) -> Status:
        """Says what is stale, damaged, not trusted or made from what is gone, step by step. Payloads are not read.

        An artifact counts as stale if other code made it than the newest one of its step. With `inputs=False`, input
        files are not looked at, which may be large.
        """
        from persistable._catalogue._status import status

        return status(self._asking, self._selection, inputs)

    def verify(self, *, repair: bool = False, progress: Callable[[int, int], object] | None = None) -> Verification:
        """Reads the artifacts in full, and compares them with their digests.

        With `repair`, damaged ones go to quarantine, and are generated again when they are needed. In a bucket or on a
        server, they are deleted. What is pinned, or what a process uses now, stays. `progress` is told how many are
        done, and of how many.
        """
        from persistable._catalogue._verification import verify

        return verify(self._asking, [row.stem for row in self._rows([]).rows], repair, progress)

    def log(
        self,
        *,
        limit: int = 20,
        level: str | None = None,
        since: str | timedelta | None = None,
        text: str | None = None,
        key: Artifact | None = None,
    ) -> Log:
        """Returns the last entries of the log: what was generated, loaded, missed, removed, and what failed.

        ```python
        catalogue.filter(step="points").log(level="warning", since="7d")
        ```

        They are those of all steps, or of the step by which this catalogue is filtered. A filter of params does not
        count.

        - `limit`: at most so many.
        - `level`: those that are at least so grave: `"debug"`, `"info"`, `"warning"` or `"error"`.
        - `since`: what happened since then, such as `"1h"` or `"7d"`.
        - `text`: those that have this text.
        - `key`: those of one artifact.
        """
        from persistable._catalogue._log import log

        digits = None if key is None else self._asking.find(key).rpartition("(")[2].rstrip(")")
        return log(self._asking, self._step, digits, limit, level, _seconds(since), text)

    def adopt(self) -> Formers:
        """Lists the artifacts of persistable 1.x in the folder: what they are, and what can be done with each.

        If a step with the same params is loaded, its artifact is adopted. Nothing is changed before that.
        """
        from persistable._catalogue._former import formers

        return formers(self._asking)

    # --- exchanging -------------------------------------------------------------------------------------------------

    def export(self, file: str | os.PathLike[str], *, progress: Callable[[int, int], object] | None = None) -> Exported:
        """Writes all artifacts of this catalogue into one file, with everything they were made from.

        ```python
        catalogue.filter("n == 100").export("figure-3.zip")
        ```

        The file is a zip that holds a data folder, with RO-Crate metadata for archives such as Zenodo. Each payload is
        compared with its digest. The file appears when it is complete, and replaces one that is there. `progress` is
        told how many bytes of payloads are done, and of how many.
        """
        from persistable._catalogue._exchange import export

        return export(self._asking, self._selection, file, progress)

    def import_(
        self, file: str | os.PathLike[str], *, progress: Callable[[int, int], object] | None = None
    ) -> Imported:
        """Reads the artifacts of a file that `export` wrote, or of any zip of a data folder, into the store.

        What is there already stays. Each payload is compared with its digest. Nothing becomes trusted by that: pickles
        of others are refused until `persistable.trust` signs them. `progress` is told how many
        bytes of payloads are done, and of how many.
        """
        from persistable._catalogue._exchange import import_file

        return import_file(self._asking, file, progress)

    # --- changing ---------------------------------------------------------------------------------------------------

    def rm(self) -> RemovalPlan:
        """Plans to remove all artifacts of this catalogue. Nothing is removed before you call `apply()` of the plan.

        ```python
        plan = catalogue.filter("n < 10", step="points").rm()
        plan  # shows what would go, why, and what that frees
        plan.apply()
        ```

        What is pinned stays. What is removed leaves a record, so that `why` knows.
        """
        from persistable._catalogue._removal import plan_of

        return plan_of(self._asking, self._selection, is_all=True)

    def gc(
        self,
        *,
        max_size: int | str | None = None,
        older_than: str | timedelta | None = None,
        unused_for: str | timedelta | None = None,
        damaged: bool = False,
        stale: bool = False,
    ) -> RemovalPlan:
        """Plans to remove what is too much. Nothing is removed before you call `apply()` of the plan.

        - `max_size`: what stays has at most this size, such as `"10 GB"`. Large payloads that were generated fast go
          first.
        - `older_than`: what was persisted longer ago goes, such as `"30d"`.
        - `unused_for`: what was not stored, copied or loaded for longer goes, such as `"90d"`. The logs tell of loads.
        - `damaged`: artifacts whose manifests are damaged go.
        - `stale`: what other code made, or what was made from other inputs or dependencies than there are now, goes.
        """
        from persistable._catalogue._removal import plan_of

        if max_size is None and older_than is None and unused_for is None and not damaged and not stale:
            raise TypeError('what is to go? Give max_size, older_than or another rule, as in gc(max_size="10 GB")')
        return plan_of(
            self._asking,
            self._selection,
            most_bytes=None if max_size is None else _bytes(max_size),
            longest_age_seconds=_seconds(older_than),
            longest_unused_seconds=_seconds(unused_for),
            damaged=bool(damaged),
            stale=bool(stale),
        )

    # --- how it shows -----------------------------------------------------------------------------------------------

    @property
    def _selection(self) -> Selection:
        return self._step, self._filter, None

    def _rows(self, columns: list[str] | None = None, **options: Any) -> Listed:
        return self._asking.rows(self._selection, columns, sort=self._sort, **options)

    def _entries(self, limit: int | None = None) -> list[Entry]:
        return [Entry(self._asking, row) for row in self._rows(limit=limit).rows]

    def _label(self, change: LabelChange) -> None:
        change.apply(self._asking, [row.stem for row in self._rows([]).rows])

    def _shown(self) -> tuple[str, list[str], list[list[str]], int]:
        """Returns a summary, columns, rows, and how many rows are left out."""
        listed = self._rows(varying=True, limit=_MOST_SHOWN)
        number = listed.selected
        artifacts = "1 artifact" if number == 1 else f"{number:,} artifacts"
        chosen = "" if self._filter is None else f", where {cut(self._filter, 60)}"
        summary = f"{artifacts} of {shown_size(listed.size_bytes)} in {self.store.location}{chosen}"
        names = [*listed.columns, *_FACTS]
        rows = []
        for row in listed.rows:
            persisted = moment_of(row.persisted_milliseconds)
            facts = [
                "" if row.size_bytes is None else shown_size(row.size_bytes),
                "" if persisted is None else shown_age(persisted),
                "" if row.generation_seconds is None else shown_duration(row.generation_seconds),
                "" if row.state == "whole" else row.state,
                ", ".join([*row.tags, *(["pinned"] if row.pinned else [])]),
            ]
            params = [shown_value(row.values[name]) if name in row.values else "" for name in listed.columns]
            rows.append([row.name, row.short, *params, *facts])
        columns = ["step", "key", *names]
        # A column that says nothing takes place only.
        used = [
            index for index, name in enumerate(columns) if name not in _FACTS or any(cells[index] for cells in rows)
        ]
        columns, rows = [columns[index] for index in used], [[cells[index] for index in used] for cells in rows]
        return summary, columns, rows, number - len(rows)

    def __repr__(self) -> str:
        summary, columns, rows, left_out = self._shown()
        if not rows:
            return summary
        more = [f"and {left_out:,} more"] if left_out else []
        return "\n".join([text_table(columns, rows), *more, summary])

    def _repr_html_(self) -> str:
        summary, columns, rows, left_out = self._shown()
        return html_table(summary, columns, rows, f"and {left_out:,} more" if left_out else "")


def _bytes(size: int | str) -> int:
    if isinstance(size, str):
        return _core.size_in_bytes(size)
    if size < 0:
        raise ValueError(f"max_size is a number of bytes, and {size} is less than 0")
    return size


def _seconds(age: str | timedelta | None) -> float | None:
    if age is None or isinstance(age, timedelta):
        return None if age is None else age.total_seconds()
    return _core.age_in_seconds(age)


def _index_folder(index: str | os.PathLike[str] | bool) -> str | None:
    if index is False:
        return None
    if index is not True:
        return os.fspath(Path(index).expanduser().absolute())
    folder = _core.index_folder()
    return None if folder is None else os.fspath(folder)
