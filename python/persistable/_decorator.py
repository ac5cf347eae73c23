"""Steps that are made from functions, without a class."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar, overload

from persistable._bound import BoundStepFunction
from persistable._definition import Definition
from persistable._first_load import prepare_first_load
from persistable._function_step import FunctionStep
from persistable._options import checked_options, step_attributes
from persistable._wrong_call import WrongCallError

if TYPE_CHECKING:
    from typing import SupportsIndex

    from typing_extensions import ParamSpec, Unpack

    from persistable._options import StepOptions
    from persistable._store import DataDir, Store

    FunctionParams = ParamSpec("FunctionParams")
else:
    # `ParamSpec` came with Python 3.10.
    FunctionParams = TypeVar("FunctionParams")

__all__ = ["BoundStepFunction", "FunctionStep", "StepFunction", "step"]

PayloadT = TypeVar("PayloadT")


@overload
def step(function: Callable[FunctionParams, PayloadT], /) -> StepFunction[FunctionParams, PayloadT]: ...


@overload
def step(
    **options: Unpack[StepOptions],
) -> Callable[[Callable[FunctionParams, PayloadT]], StepFunction[FunctionParams, PayloadT]]: ...


def step(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Makes a step from a function. If you call it with a data folder and arguments, you get a `Persistable`.

    ```python
    @step(payload_io=NumpyFileIO(), untracked=("threads",))
    def points(n: int, random_state: int = 100, threads: int = 1) -> NDArray[np.float64]: ...

    @step
    def spread(points: NDArray[np.float64], z_threshold: float) -> float: ...

    p = points("data", n=100)
    spread("data", p, z_threshold=1.5).payload
    ```

    The first argument is the data folder: a text, a path or a `Store`. With `points.bind("data")` and
    `Store("data").step` you get functions that don't take it.

    An argument that is a step is a tracked dependency. So are all steps in an argument that is a list, a tuple or a
    dict, at any depth. The function gets the payloads in their places. A parameter that is annotated as `Persistable`
    gets the step itself. A list and a tuple of nothing but steps have the same key.

    All other arguments are params, by name. If you leave out an argument, its default is a param. A class with the same
    payload name, params and dependencies has the same key.

    The function gets its own copies of lists, dicts and sets among the params. It gets payloads without a copy: copy a
    payload before you change it in place.

    - `payload_name`: by default the function's name in snake case.
    - `payload_io`: by default `PickleFileIO()`.
    - `version`: part of the key, an int or a str: `2` and `"2"` are the same. Change it if the function should give
      other results from now on. If a function inside another function uses variables of the outer one, it needs a
      version, since these are not part of the key. Better: make them parameters.
    - `untracked`: parameters that are not part of the key. `load_generate(threads=8)` overrides the given value.
    - `validate`: is called with each payload. If it has parameters with names of the function's params, it gets those
      too. If the payload can't be right, it raises an error or returns `False`.
    - `verbose`: whether the console shows messages from INFO up.
    - `added_with_defaults`: parameters that were added later, each with the value that means the earlier behaviour.
      While a parameter has that value, it is not part of the key.
    - `renamed`: parameters with other names than before, as in `{"rate": "learning_rate"}`. The key has the old name.
    - `encoders`: functions by type. Each takes a param of that type, and returns what stands for it in the key. The
      type itself is not in the key: if params may be of several types, return its name too.
    - `coerce`: whether params are converted to the annotated types. Then `1` is `1.0` for `x: float`. Without it, `1`
      and `1.0` have different keys.
    - `persist_durability`, `load_verification`, `lease_wait_seconds`, `code_change`: as the attributes of
      `Persistable`.
    - `resources`: what a run needs, as in `{"gpus": 1}`. Each step has it as the attribute `resources`. It is not part
      of the key.
    - `code_track`: names of installed packages whose code counts as your own.
    - `code_untracked`: names of code and constants that don't count, as `explain()` shows them: `DEBUG`,
      `helpers.START`. What only they use doesn't count either.
    """
    if function is not None:
        return StepFunction(function, **options)
    checked_options(options)
    return lambda function: StepFunction(function, **options)


class StepFunction(Definition, Generic[FunctionParams, PayloadT]):
    """What the decorator `step` makes of a function. `function` is the function itself."""

    def __init__(self, function: Callable[FunctionParams, PayloadT], **options: Unpack[StepOptions]) -> None:
        """Takes a function and the options of `step`."""
        import functools

        from persistable._closure import refuse_values
        from persistable._function import Function

        kept = checked_options(dict(options))
        called = Function(function, kept)
        functools.update_wrapper(self, function)
        self.called = called
        self.function = function
        self.payload_name = kept["payload_name"]
        self.payload_io = kept["payload_io"]
        self.version = kept["version"]
        self.verbose = kept["verbose"]
        self.code_track = kept["code_track"]
        self.code_untracked = kept["code_untracked"]
        self.step_attributes = step_attributes(kept)
        self.__signature__ = self.called.signature.with_data_dir(function)
        if self.version is None:
            refuse_values(function, (StepFunction, BoundStepFunction))
        if self.payload_name is None:
            self.payload_name = self.called.payload_name()
        prepare_first_load()

    if TYPE_CHECKING:

        def __call__(
            self, data_dir: DataDir, /, *args: FunctionParams.args, **kwargs: FunctionParams.kwargs
        ) -> FunctionStep[PayloadT]:
            """Returns the step of these arguments in a data folder. Nothing is generated or loaded."""

    else:

        def __call__(self, /, *args, **kwargs):
            """Returns the step of these arguments in a data folder. Nothing is generated or loaded."""
            if not args or not isinstance(args[0], (str, os.PathLike)):
                raise self.called.no_data_dir(args)
            try:
                return FunctionStep(self, args[0], args[1:], kwargs)
            except WrongCallError as error:
                raise TypeError(f"{error}{self.called.on_data_dir(args, kwargs)}") from None

    def in_store(self, store: Store, args: tuple[Any, ...], kwargs: dict[str, Any]) -> FunctionStep[PayloadT]:
        """Returns the step of these arguments in a store."""
        try:
            return FunctionStep(self, store, args, kwargs)
        except WrongCallError as error:
            raise TypeError(f"{error}{self.called.on_store(store, args)}") from None

    def bind(self, store: DataDir) -> BoundStepFunction[FunctionParams, PayloadT]:
        """Returns a function that makes steps in a store or a data folder. Its calls take no data folder."""
        return BoundStepFunction(self, store)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            from persistable._other_names import no_attribute_of_function

            raise no_attribute_of_function(self, name, FunctionStep)

    def __repr__(self) -> str:
        return f"<step {self.payload_name}>"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        from persistable._by_value import reduced

        return reduced(self, self.function)
