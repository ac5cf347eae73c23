"""Attributes of a user's step: it may have any name but one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable import Persistable
from persistable.exceptions import NonePayloadWarning


class OwnNamesP(NumberP):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._definition = "of the word"
        self._rows = [1, 2]
        self._untracked = {"a": 1}
        self._has_rules = True
        super().__init__(*args, **kwargs)


def test_a_step_may_have_the_names_that_steps_of_functions_have(tmp_path: Path) -> None:
    step = OwnNamesP(tmp_path, NumberParams(3), None)
    assert step.payload == NumberP(tmp_path, NumberParams(3), None).payload
    assert repr(step).startswith("OwnNamesP(")
    assert (step._definition, step._rows, step._untracked) == ("of the word", [1, 2], {"a": 1})


def test_a_step_with_such_names_may_have_a_dict_of_params(tmp_path: Path) -> None:
    class OfDictP(Persistable[int, Any]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._definition, self._has_rules = None, True
            super().__init__(*args, **kwargs)

        def _generate_payload(self, **untracked: Any) -> int:
            return int(self.params["n"])

    assert OfDictP(tmp_path, {"n": 3}, None).payload == 3


def test_such_a_step_is_named_by_its_class(tmp_path: Path) -> None:
    class NothingP(OwnNamesP):
        def _generate_payload(self, **untracked: Any) -> Any:
            list(range(self.params.n))

    with pytest.warns(NonePayloadWarning, match="NothingP._generate_payload returned None"):
        NothingP(tmp_path, NumberParams(3), None).load_generate()
