"""How an encoder says that a value has no form."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):  # noqa: N818 - it never reaches a user
    """What is wrong with a value and what to do about it. The compiled module adds where the value stands."""

    def __init__(self, type_name: str, problem: str, advice: str | None = None) -> None:
        """Takes words that continue "parameter `path` of type `type_name` …"; without advice, the usual is given."""
        super().__init__(type_name, problem, advice)
        self.type_name = type_name
        self.problem = problem
        self.advice = advice
