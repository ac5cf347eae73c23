"""Random generators that are seeded from a step's key."""

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

    It is a `numpy.random.Generator` that is seeded from the step's key: other params or dependencies give other
    numbers, and the same ones give the same, in every process. Every call within a generation gives the same
    generator, so that draws go on where the last ones ended. A class has it as `self.rng`.

    Threads that a step starts do not know of the step: give them generators, such as those of `current_rng().spawn(8)`.

    Raises `RuntimeError` where no step is being generated, and `ImportError` without NumPy.
    """
    generation = current_generation()
    if generation is None:
        raise RuntimeError(
            "current_rng() was called where no step is being generated: call it in a step's function, and hand the "
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
