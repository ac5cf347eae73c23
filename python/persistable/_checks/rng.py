"""Random generators whose seed comes from a step's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from persistable._checks.current import current_generation

if TYPE_CHECKING:
    from numpy.random import Generator


class RngOfKey:
    """The attribute `rng` of a step. One that the step, or a subclass, sets itself takes its place."""

    @overload
    def __get__(self, step: None, owner: Any) -> RngOfKey: ...

    @overload
    def __get__(self, step: object, owner: Any) -> Generator: ...

    def __get__(self, step: Any, owner: Any) -> Any:
        """Returns the generation's one generator while the step is generated, and a new one at any other time."""
        if step is None:
            return self
        generation = current_generation()
        while generation is not None and generation.step is not step:
            generation = generation.outer
        if generation is None:
            return _new(step)
        if generation.rng is None:
            generation.rng = _new(step)
        return generation.rng


def current_rng() -> Generator:
    """Returns the random generator of the step that is being generated, for functions that have no `self`.

    ```python
    @step
    def points(n: int) -> NDArray[np.float64]:
        return current_rng().random(n)
    ```

    It is a `numpy.random.Generator`. Its seed comes from the step's key. So the same params and dependencies give the
    same numbers in every process. Other params or dependencies give other numbers. Within a generation, every call
    returns the same generator. In a class, use `self.rng`.

    Threads that a step starts do not know the step. Give each a generator of its own: `current_rng().spawn(8)`.

    If no step is being generated, raises `RuntimeError`. Without NumPy, raises `ImportError`.
    """
    generation = current_generation()
    if generation is None:
        raise RuntimeError(
            "current_rng() was called in a thread that generates no step: call it in a step's function, and pass the "
            "generator to the threads that the step starts"
        )
    if generation.rng is None:
        generation.rng = _new(generation.step)
    rng: Generator = generation.rng
    return rng


def _new(step: Any) -> Generator:
    from persistable.io._require import require

    numpy_random = require("numpy.random", "numpy", "rng")
    # By name: what `default_rng` gives may become another one.
    bits = numpy_random.PCG64(int.from_bytes(_seed_of(step), "little"))
    rng: Generator = numpy_random.Generator(bits)
    return rng


def _seed_of(step: Any) -> bytes:
    """Returns 32 bytes that depend on the step's key alone: those that `Run::seed` gives in Rust."""
    from persistable import _core

    return _core.seed(step)
