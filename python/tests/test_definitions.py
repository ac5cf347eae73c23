"""Two classes or functions that would share artifacts."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from support import NumberP, NumberParams

from persistable import Persistable, PersistableParams, step
from persistable.exceptions import ConflictingStepsError


class OtherNumberP(Persistable[int, NumberParams]):
    def _generate_payload(self, **untracked: Any) -> int:
        return -self.params.n


def test_two_classes_of_one_payload_name_are_an_error_that_names_both(tmp_path: Path) -> None:
    NumberP(tmp_path, NumberParams(1), None, payload_name="fit").generate()
    other = OtherNumberP(tmp_path, NumberParams(1), None, payload_name="fit")
    for ask in (other.load_generate, other.load, other.generate):
        with pytest.raises(ConflictingStepsError, match=r"NumberP \(support.py:\d+\) and .*OtherNumberP"):
            ask()
    # Other params, another folder or another name are another artifact.
    OtherNumberP(tmp_path, NumberParams(2), None, payload_name="fit").generate()
    OtherNumberP(tmp_path / "other", NumberParams(1), None, payload_name="fit").generate()
    OtherNumberP(tmp_path, NumberParams(1), None).generate()


def test_whoever_ignores_code_may_share(tmp_path: Path) -> None:
    NumberP(tmp_path, NumberParams(1), None, payload_name="fit").generate()
    other = OtherNumberP(tmp_path, NumberParams(1), None, payload_name="fit")
    other.code_change = "ignore"
    assert other.payload == 1


def write(folder: Path, text: str) -> Any:
    name = f"steps_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(text)
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


TWO = """
from persistable import step

@step
def points(n: int) -> int:
    return n

first = points

@step
def points(n: int) -> int:
    return -n
"""


def test_two_functions_of_one_name_in_one_file_are_told_apart_by_their_lines(tmp_path: Path) -> None:
    module = write(tmp_path, TWO)
    module.first(tmp_path, 1).generate()
    with pytest.raises(ConflictingStepsError, match=r"points \(.*:4\) and .*points \(.*:10\)"):
        module.points(tmp_path, 1).load_generate()


def test_a_function_that_was_edited_and_reloaded_is_the_same(tmp_path: Path) -> None:
    source = "from persistable import step\n\n@step(version='1')\ndef points(n: int) -> int:\n    return n\n"
    module = write(tmp_path, source)
    assert module.points(tmp_path, 1).payload == 1
    (Path(module.__file__)).write_text("# A line more.\n" + source)
    sys.path.insert(0, str(tmp_path))
    try:
        importlib.reload(module)
    finally:
        sys.path.remove(str(tmp_path))
    assert module.points(tmp_path, 1).payload == 1


def test_one_function_around_two_others_is_two_steps(tmp_path: Path) -> None:
    def double(n: int) -> int:
        return 2 * n

    def negate(n: int) -> int:
        return -n

    def make(function: Callable[[int], int]) -> Any:
        @step
        def applied(n: int) -> int:
            return function(n)

        return applied

    doubled, negated = make(double), make(negate)
    assert doubled(tmp_path, 1).payload == 2
    with pytest.raises(ConflictingStepsError, match="applied"):
        negated(tmp_path, 1).load_generate()
    assert make(double)(tmp_path, 1).payload == 2


def test_a_class_that_is_made_twice_is_one_step(tmp_path: Path) -> None:
    def make() -> type[NumberP]:
        class LocalP(NumberP):
            def __init__(self, data_dir: Path, params: PersistableParams) -> None:
                super().__init__(data_dir, params, None)  # type: ignore[arg-type]

        return LocalP

    assert make()(tmp_path, NumberParams(1)).payload == 1  # type: ignore[call-arg]
    assert make()(tmp_path, NumberParams(1)).payload == 1  # type: ignore[call-arg]
