"""What defines a step that a function makes. A step of a class may have attributes of the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from persistable._decorator import StepFunction

__all__ = ["Definition", "MakesSteps", "definition_of"]


class MakesSteps:
    """The base of what is called to get a step."""


class Definition(MakesSteps):
    """What `@step` makes of a function is one."""


def definition_of(step: Any) -> StepFunction[Any, Any] | None:
    """Returns what `@step` made of the function of a step; `None` for a step of a class."""
    definition = step.__dict__.get("_definition")
    return cast("StepFunction[Any, Any]", definition) if isinstance(definition, Definition) else None
