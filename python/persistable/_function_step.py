"""A step whose payload a function generates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from persistable import _core
from persistable._persistable import Persistable

if TYPE_CHECKING:
    from persistable._decorator import StepFunction
    from persistable._store import DataDir

__all__ = ["FunctionStep"]

PayloadT = TypeVar("PayloadT")

if TYPE_CHECKING:
    # A step may be passed where its payload is asked for: for type checkers it fits any parameter.
    class _FitsAnywhere(Any):  # type: ignore[misc]
        pass

else:

    class _FitsAnywhere:
        __slots__ = ()


class FunctionStep(Persistable[PayloadT, Any], _FitsAnywhere):
    """A step whose payload a function generates. `params` are its arguments by name, as `step.params.n`."""

    def __init__(
        self, definition: StepFunction[Any, PayloadT], data_dir: DataDir, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Sorts the arguments into params, dependencies and untracked ones. Calling a `StepFunction` does this."""
        sorted_arguments = definition.called.sort(args, kwargs)
        self._definition = definition
        self._rows = sorted_arguments.rows
        self._untracked = sorted_arguments.untracked
        self.__dict__.update(definition.step_attributes)
        super().__init__(
            data_dir,
            sorted_arguments.params,
            sorted_arguments.dependencies,
            payload_name=definition.payload_name,
            payload_io=definition.payload_io,
            verbose=definition.verbose,
        )
        if sorted_arguments.lazy:
            _core.set_lazy(self, sorted_arguments.lazy)

    def _generate_payload(self, **untracked_payload_params: Any) -> PayloadT:
        untracked = {**self._untracked, **untracked_payload_params}
        payload: PayloadT = self._definition.called.call(
            self.params, self._rows, self.tracked_persistable_dependencies, untracked
        )
        return payload

    def _load_dependencies(self) -> None:
        self._definition.called.load(self._rows, self.tracked_persistable_dependencies)

    def _validate_payload(self, payload: PayloadT) -> None:
        self._definition.called.validate(payload, self.params, self._untracked)
