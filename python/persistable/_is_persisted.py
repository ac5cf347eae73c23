"""Whether a step is persisted."""

from __future__ import annotations

from typing import Any, overload

from persistable import _core

__all__ = ["IsPersisted"]


class IsPersisted:
    """The attribute `is_persisted` of a step. One that the step, or a subclass, sets itself takes its place."""

    @overload
    def __get__(self, step: None, owner: Any) -> IsPersisted: ...

    @overload
    def __get__(self, step: object, owner: Any) -> bool: ...

    def __get__(self, step: Any, owner: Any) -> Any:
        """Looks at the store."""
        return self if step is None else _core.is_persisted(step)
