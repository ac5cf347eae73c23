"""Where artifacts are: a folder. Functions that are steps can be bound to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union, overload

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Unpack

    from persistable._bound import BoundStepFunction
    from persistable._options import StepOptions

    FunctionParams = ParamSpec("FunctionParams")
else:
    # `ParamSpec` came with Python 3.10.
    FunctionParams = TypeVar("FunctionParams")

__all__ = ["DataDir", "Store", "folder_path"]

PayloadT = TypeVar("PayloadT")

DataDir = Union[str, "os.PathLike[str]"]
"""What names a data folder: a text, a path or a `Store`."""


class Store:
    """A folder of artifacts. `store.step` makes a step from a function, and stores its results in this folder.

    ```python
    store = Store("data")

    @store.step
    def points(n: int, random_state: int = 100) -> NDArray[np.float64]: ...

    points(n=100).payload
    ```

    A store can be passed wherever a data folder is asked for. `~` stands for the home folder. A relative path is
    resolved once, against the current folder. The folder is created when the first step in it is made.
    """

    def __init__(self, path: DataDir) -> None:
        """Takes the path of the folder, or another store."""
        self._given = os.fspath(_checked(path))
        self._path = folder_path(path).absolute()

    @property
    def path(self) -> Path:
        """The folder, from the root on."""
        return self._path

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

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            from persistable._other_names import no_attribute_of_store

            raise no_attribute_of_store(self, name)

    def __fspath__(self) -> str:
        return os.fspath(self._path)

    def __repr__(self) -> str:
        return f"Store({self._given!r})"

    def __eq__(self, other: object) -> bool:
        return self._path == other._path if isinstance(other, Store) else NotImplemented

    def __hash__(self) -> int:
        return hash((Store, self._path))


def folder_path(data_dir: DataDir) -> Path:
    """Returns the path of a data folder, with the home folder in place of `~`.

    A `Path` and the path of a `Store` are returned as they are: the core opens the folder of one object once.
    """
    if isinstance(data_dir, Store):
        return data_dir.path
    path = data_dir if isinstance(data_dir, Path) else Path(_checked(data_dir))
    return _in_home(path) if path.parts and path.parts[0].startswith("~") else path


def _in_home(path: Path) -> Path:
    """Returns a path with the home folder in place of `~`.

    Earlier versions took `~` for the name of a folder. If such a folder has artifacts, it is used as before.
    """
    try:
        in_home = path.expanduser()
    except RuntimeError:  # There is no user of this name.
        return path
    if not any(path.glob("*(*)*.json")):
        return in_home
    from persistable._stale import issue

    message = (
        f"{path.absolute()} has artifacts, so it is used as before, and `~` is not the home folder. To keep it "
        f"without this warning, write its whole path. To use the home folder, move its files to {in_home}"
    )
    issue([(UserWarning, message, None)])
    return path


def _checked(path: DataDir) -> DataDir:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"a data folder must be a str, a Path or a Store, not an object of type {type(path).__qualname__}"
        )
    return path
