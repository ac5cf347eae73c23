"""Steps out of functions, for those who want no class."""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar, overload

from persistable._persistable import Persistable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import SupportsIndex

    from typing_extensions import ParamSpec

    from persistable._function import Function
    from persistable.io import FileIO

    FunctionParams = ParamSpec("FunctionParams")
else:
    # `ParamSpec` came with Python 3.10.
    FunctionParams = TypeVar("FunctionParams")

__all__ = ["FunctionStep", "StepFunction", "step"]

PayloadT = TypeVar("PayloadT")


@overload
def step(function: Callable[FunctionParams, PayloadT], /) -> StepFunction[FunctionParams, PayloadT]: ...


@overload
def step(
    *,
    payload_name: str | None = None,
    payload_io: FileIO[Any] | None = None,
    version: str | None = None,
    untracked: Iterable[str] = (),
    validate: Callable[..., object] | None = None,
    verbose: bool = False,
    code_change: str | None = None,
    code_track: Iterable[str] = (),
    code_untracked: Iterable[str] = (),
) -> Callable[[Callable[FunctionParams, PayloadT]], StepFunction[FunctionParams, PayloadT]]: ...


def step(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Makes a step of a function: called with a data folder and arguments, it gives a `Persistable`.

    ```python
    @step(payload_io=NumpyFileIO(), untracked=("threads",))
    def points(n: int, random_state: int = 100, threads: int = 1) -> NDArray[np.float64]: ...

    @step
    def spread(points: NDArray[np.float64], z_threshold: float) -> float: ...

    p = points("data", n=100)
    spread("data", p, z_threshold=1.5).payload
    ```

    Arguments that are steps, or lists of steps, are tracked dependencies, in the order of the function's parameters.
    The function gets their payloads, or the steps themselves where a parameter is annotated as `Persistable`. All
    other arguments are params, by name; defaults are as good as given. A class named like the function with the
    same params and dependencies has the same key.

    The function gets lists, dicts and sets among the params as copies of its own. Payloads are handed over as they are:
    copy one before changing it in place.

    - `payload_name`: by default the function's name in snake case.
    - `payload_io`: by default `PickleFileIO()`.
    - `version`: what `payload_version` is to a class. Change it when the function comes to do something else. Without
      one, a function inside another can't use values of that one, which no key has: make them parameters.
    - `untracked`: parameters that never touch the key. `load_generate(threads=8)` overrides what was given.
    - `validate`: is called with each payload, and with those of the function's params that it has parameters for. It
      raises for a payload that can't be right, or returns `False`.
    - `verbose`: as in `Persistable`.
    - `code_change`: what to do about a payload that other code made: `"warn"`, `"refuse"`, `"key"` or `"ignore"`.
    - `code_track`: names of installed packages whose code counts as your own.
    - `code_untracked`: names of code and constants that don't count, as `explain()` shows them: `DEBUG`,
      `helpers.START`. What only they use doesn't count either.
    """

    def decorate(function: Callable[..., Any]) -> StepFunction[Any, Any]:
        return StepFunction(function, **options)

    return decorate if function is None else decorate(function)


class StepFunction(Generic[FunctionParams, PayloadT]):
    """What the decorator `step` makes of a function. `function` is the function itself."""

    def __init__(
        self,
        function: Callable[FunctionParams, PayloadT],
        *,
        payload_name: str | None = None,
        payload_io: FileIO[PayloadT] | None = None,
        version: str | None = None,
        untracked: Iterable[str] = (),
        validate: Callable[..., object] | None = None,
        verbose: bool = False,
        code_change: str | None = None,
        code_track: Iterable[str] = (),
        code_untracked: Iterable[str] = (),
    ) -> None:
        """Takes a function and the settings of its steps; see `step`."""
        import functools

        from persistable._closure import refuse_values
        from persistable._function import Function

        functools.update_wrapper(self, function)
        self.function = function
        self.payload_name = payload_name
        self.payload_io = payload_io
        self.version = version
        self.verbose = verbose
        self.code_change = code_change
        self.code_track = (code_track,) if isinstance(code_track, str) else tuple(code_track)
        self.code_untracked = (code_untracked,) if isinstance(code_untracked, str) else tuple(code_untracked)
        self._called = Function(function, untracked, validate)
        if version is None:
            refuse_values(function)
        if payload_name is None:
            self.payload_name = self._called.payload_name()

    def __call__(self, data_dir: str | os.PathLike[str], /, *args: Any, **kwargs: Any) -> FunctionStep[PayloadT]:
        """Returns the step of these arguments. Nothing is generated or loaded."""
        return FunctionStep(self, self._called, data_dir, args, kwargs)

    def __repr__(self) -> str:
        return f"<step {self.payload_name}>"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        from persistable._by_value import goes_by_value

        if not goes_by_value(self, self.function):
            return self.function.__qualname__
        # Its parts come after itself: the function may refer to itself by its name.
        return copyreg.__newobj__, (StepFunction,), dict(self.__dict__)  # type: ignore[attr-defined]


class FunctionStep(Persistable[PayloadT, Any]):
    """A step whose payload a function generates."""

    def __init__(
        self,
        definition: StepFunction[Any, PayloadT],
        called: Function,
        data_dir: str | os.PathLike[str],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Sorts the arguments into params, dependencies and untracked ones. Calling a `StepFunction` does this."""
        from pathlib import Path

        sorted_arguments = called.sort(args, kwargs)
        self._definition = definition
        self._places = sorted_arguments.places
        self._untracked = sorted_arguments.untracked
        super().__init__(
            Path(data_dir),
            sorted_arguments.params,
            sorted_arguments.dependencies,
            payload_name=definition.payload_name,
            payload_io=definition.payload_io,
            verbose=definition.verbose,
        )
        if definition.version is not None:
            self.payload_version = definition.version
        if definition.code_change is not None:
            self.code_change = definition.code_change

    def _generate_payload(self, **untracked_payload_params: Any) -> PayloadT:
        called = self._definition._called
        untracked = {**self._untracked, **untracked_payload_params}
        payload: PayloadT = called.call(self.params, self._places, self.tracked_persistable_dependencies, untracked)
        return payload

    def _validate_payload(self, payload: PayloadT) -> None:
        self._definition._called.validate(payload, self.params, self._untracked)
