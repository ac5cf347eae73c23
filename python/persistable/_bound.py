"""A function that makes steps in one store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from persistable._definition import MakesSteps
from persistable._store import Store

if TYPE_CHECKING:
    from typing import SupportsIndex

    from typing_extensions import ParamSpec

    from persistable._decorator import StepFunction
    from persistable._function_step import FunctionStep
    from persistable._store import DataDir

    FunctionParams = ParamSpec("FunctionParams")
else:
    # `ParamSpec` came with Python 3.10.
    FunctionParams = TypeVar("FunctionParams")

__all__ = ["BoundStepFunction", "definition_of"]

PayloadT = TypeVar("PayloadT")


class BoundStepFunction(MakesSteps, Generic[FunctionParams, PayloadT]):
    """What `store.step` makes of a function: called with its arguments, it gives a step in the store."""

    def __init__(self, definition: StepFunction[FunctionParams, PayloadT], store: DataDir) -> None:
        """Takes what `step` made of the function. `StepFunction.bind` and `Store.step` call this."""
        import functools

        functools.update_wrapper(self, definition.function)
        self.definition = definition
        self.store = store if isinstance(store, Store) else Store(store)

    @property
    def function(self) -> Callable[FunctionParams, PayloadT]:
        """The function itself."""
        return self.definition.function

    def bind(self, store: DataDir) -> BoundStepFunction[FunctionParams, PayloadT]:
        """Returns the same for another store, or for a data folder."""
        return BoundStepFunction(self.definition, store)

    if TYPE_CHECKING:

        def __call__(self, *args: FunctionParams.args, **kwargs: FunctionParams.kwargs) -> FunctionStep[PayloadT]:
            """Returns the step of these arguments. Nothing is generated or loaded."""

    else:

        def __call__(self, /, *args, **kwargs):
            """Returns the step of these arguments. Nothing is generated or loaded."""
            return self.definition.in_store(self.store, args, kwargs)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            from persistable._function_step import FunctionStep
            from persistable._other_names import no_attribute_of_function

            raise no_attribute_of_function(self, name, FunctionStep)

    def __repr__(self) -> str:
        return f"<step {self.definition.payload_name} in {self.store!r}>"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> Any:
        from persistable._by_value import reduced

        return reduced(self, self.function)


def definition_of(bound: BoundStepFunction[Any, Any]) -> StepFunction[Any, Any]:
    """Returns what a bound function makes steps of. Pickles of earlier versions name this function."""
    return bound.definition
