"""Where artifacts are: a folder, a bucket or another place. Functions that are steps can be bound to it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Protocol, TypeVar, Union, overload

from persistable._data_folder import named

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Unpack

    from persistable import _core
    from persistable._bound import BoundStepFunction
    from persistable._copying import CopyProgress, CopyReport
    from persistable._options import StepOptions
    from persistable._persistable import Persistable
    from persistable._place import Place

    FunctionParams = ParamSpec("FunctionParams")
else:
    # `ParamSpec` came with Python 3.10.
    FunctionParams = TypeVar("FunctionParams")

__all__ = ["DataDir", "Store", "data_dir_of", "store_of"]

PayloadT = TypeVar("PayloadT")

DataDir = Union[str, "os.PathLike[str]", "Store"]
"""What names a data folder: a text (a path or a URL), a path or a `Store`."""


class FileSystem(Protocol):
    """A file system of fsspec's."""

    @property
    def cat_file(self) -> Callable[..., Any]:
        """Returns the content of a file."""

    @property
    def pipe_file(self) -> Callable[..., Any]:
        """Writes a file."""

    @property
    def find(self) -> Callable[..., Any]:
        """Lists files."""

    @property
    def rm_file(self) -> Callable[..., Any]:
        """Removes a file."""


class _NoPathError(ValueError, AttributeError):
    """A store that is not a folder has no path."""

    def __init__(self, store: Store) -> None:
        super().__init__(f"{store!r} is not a folder, so it has no path. store.location names it")


class Store:
    """A place for artifacts. `store.step` makes a step from a function, and stores its results there.

    ```python
    store = Store("data")

    @store.step
    def points(n: int, random_state: int = 100) -> NDArray[np.float64]: ...

    points(n=100).payload
    ```

    A store can be passed wherever a data folder is asked for. The place is a folder or a URL:

    | location | where |
    | --- | --- |
    | `"data"`, `Path("data")`, `"file:///data"` | a folder |
    | `"s3://bucket/folder"` | S3, or a service with its protocol: see the option `endpoint` |
    | `"gs://bucket/folder"` | Google Cloud Storage |
    | `"az://container/folder"`, `"abfss://container@account.dfs.core.windows.net/folder"` | Azure Blob Storage |
    | `"sftp://user@host/path"` | a server that your own `ssh` reaches |
    | `"https://host/path"` | a web server. It can only be read |
    | `"memory://name"` | the memory of this process, for tests |
    | `Store(filesystem, "folder")` | a file system of fsspec's |

    In a path, `~` stands for the home folder. A relative path is resolved once, against the current folder. The folder
    is created when the first step in it is made. To open a URL sends no request.
    """

    def __init__(
        self,
        path: DataDir | FileSystem,
        folder: str | None = None,
        *,
        cache: str | os.PathLike[str] | bool | None = None,
        cache_size: str | int | None = None,
        trusted: bool = False,
        **options: Any,
    ) -> None:
        """Takes the path of a folder, a URL, or another store; or a file system of fsspec's and a folder in it.

        - `cache`: the folder for payloads that were downloaded. `False` means none. By default it is what
          `PERSISTABLE_CACHE` says, else `$XDG_CACHE_HOME/persistable`, else `~/.cache/persistable`.
        - `cache_size`: how large the cache may be, such as `"10 GB"`. By default it is 10 GiB.
        - `trusted`: trusts every artifact of this store, also one that may run code when it is loaded. Say so only if
          you trust everybody who can write to the store.
        - Other options are those of the kind of store, such as `endpoint`, `region` or `profile`. The guide about
          stores lists them. They may also be in the query of the URL, or in the environment.

        Credentials that are given here are in pickles of the store. They are never in a `repr`, a log or an error.
        """
        from persistable._placing import place_of

        if not isinstance(trusted, bool):
            raise TypeError(f"trusted is True or False, not {trusted!r}")
        is_given = folder is not None or cache is not None or cache_size is not None or trusted or bool(options)
        if not isinstance(path, Store):
            self._set(place_of(path, folder, cache, cache_size, trusted, options))
        elif is_given:
            raise TypeError(f"{path!r} is a store already: give the options where it is made")
        else:
            self._set(path._place)

    @classmethod
    def layers(cls, *stores: DataDir) -> Store:
        """Puts stores on top of each other, such as `Store.layers("~/cache", "s3://bucket/folder")`.

        A payload is looked for in the first store first. What is found further down is copied to the stores above. What
        is generated is published in all of them. The last store decides which process generates a payload.
        """
        from persistable._place import LayersPlace

        if len(stores) < 2:
            raise TypeError(f"Store.layers takes two stores or more, not {len(stores)}")
        return cls._at(LayersPlace(tuple(store if isinstance(store, Store) else Store(store) for store in stores)))

    @classmethod
    def _at(cls, place: Place) -> Store:
        store = cls.__new__(cls)
        store._set(place)
        return store

    def _set(self, place: Place) -> None:
        self._place = place
        self._plain_path = place.path if place.is_plain else None
        self._opened: _core.Store | None = None

    @property
    def path(self) -> Path:
        """The folder, from the root on.

        A store that is not a folder has no path: this raises an `AttributeError` that is also a `ValueError`. So
        `getattr(store, "path", None)` tells whether it is a folder.
        """
        path = self._place.path
        if path is None:
            raise _NoPathError(self)
        return path

    @property
    def location(self) -> str:
        """The path or the URL, for people.

        It has those options that say where the store is, such as `endpoint`. It has no credentials.
        """
        return self._place.location

    @overload
    def step(self, function: Callable[FunctionParams, PayloadT], /) -> BoundStepFunction[FunctionParams, PayloadT]: ...

    @overload
    def step(
        self, **options: Unpack[StepOptions]
    ) -> Callable[[Callable[FunctionParams, PayloadT]], BoundStepFunction[FunctionParams, PayloadT]]: ...

    def step(self, function: Callable[..., Any] | None = None, /, **options: Any) -> Any:  # type: ignore[misc]
        """Makes a step from a function, bound to this store. Its calls take no data folder.

        The options are those of `persistable.step`.
        """
        from persistable._decorator import step

        if function is not None:
            return step(function).bind(self)
        decorate = step(**options)
        return lambda function: decorate(function).bind(self)

    def push(
        self,
        other: DataDir,
        steps: Iterable[Persistable[Any, Any]] | Persistable[Any, Any] | None = None,
        *,
        dependencies: bool = True,
        progress: Callable[[CopyProgress], object] | None = None,
    ) -> CopyReport:
        """Copies artifacts of this store to another one, as far as they are missing there.

        ```python
        report = Store("data").push("s3://team/experiments", [train])
        ```

        - `steps`: only the artifacts of these steps. By default all of the store.
        - `dependencies`: also copies what the artifacts were made from.
        - `progress`: a function that is told how much is done, up to 20 times a second and at the end.

        Each copy is verified. If an artifact can't be copied, the others are copied all the same, and then an error is
        raised. Its attribute `report` tells what was done. Call `push` again, and it goes on with what is missing.
        If a bucket or server can't be reached, or denies, it stops after a few failures.

        If this store was opened with `trusted=True`, the copies in a bucket or on a server are signed with your key,
        also those of results that others persisted.
        """
        from persistable._copying import copy

        return copy(self, store_of(other), steps, dependencies, progress, "push")

    def pull(
        self,
        other: DataDir,
        steps: Iterable[Persistable[Any, Any]] | Persistable[Any, Any] | None = None,
        *,
        dependencies: bool = True,
        progress: Callable[[CopyProgress], object] | None = None,
    ) -> CopyReport:
        """Copies artifacts of another store to this one, as far as they are missing here. See `push`."""
        from persistable._copying import copy

        return copy(store_of(other), self, steps, dependencies, progress, "pull")

    @property
    def _persistable_store(self) -> _core.Store:
        """The open store. The core asks for it."""
        return self._opened if self._opened is not None else self._opened_anew()

    def _existing(self) -> _core.Store:
        """Returns the open store. A folder that is missing is not created."""
        path = self._place.path
        if path is not None and not path.is_dir():
            from persistable.exceptions import UnavailableError

            raise UnavailableError(f"there is no folder {path}")
        return self._persistable_store

    def _opened_anew(self) -> _core.Store:
        """Opens the store again, whose folder was removed."""
        opened = self._opened = self._place.open()
        return opened

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            from persistable._other_names import no_attribute_of_store

            if name == "path":  # Python asks here if the property raises an AttributeError.
                raise _NoPathError(self)
            raise no_attribute_of_store(self, name)

    def __fspath__(self) -> str:
        if self._place.path is None:
            raise TypeError(f"{self!r} is not a folder, so it can't be used as a path")
        return os.fspath(self._place.path)

    def __repr__(self) -> str:
        from persistable._place import LayersPlace

        method = ".layers" if isinstance(self._place, LayersPlace) else ""
        return f"Store{method}({self._place.shown()})"

    def __eq__(self, other: object) -> bool:
        return self._place.identity == other._place.identity if isinstance(other, Store) else NotImplemented

    def __hash__(self) -> int:
        return hash((Store, self._place.identity))

    # What can't change may be shared by copies. An open store stays in its process.

    def __copy__(self) -> Store:
        return self

    def __deepcopy__(self, memo: object) -> Store:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"_place": self._place}

    def __setstate__(self, state: dict[str, Any]) -> None:
        place = state.get("_place")
        if place is None:  # Pickled by an earlier version.
            from persistable._place import FolderPlace, Options

            place = FolderPlace(state["_given"], state["_path"], Options())
        self._set(place)


def store_of(given: DataDir) -> Store:
    """Returns the store that a text, a path or a store names."""
    return given if isinstance(given, Store) else Store(given)


def data_dir_of(given: DataDir) -> Path | Store:
    """Returns what a step keeps as its `data_dir`: the path of a folder, or any other store.

    In a path, the home folder is in place of `~`. A `Path` and the path of a `Store` are returned as they are: the core
    opens the folder of one object once.
    """
    if isinstance(given, Store):
        return given if given._plain_path is None else given._plain_path
    found = named(given)
    return Store(given) if isinstance(found, str) else found
