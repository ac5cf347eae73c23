"""The vectors of the specification: this package gives the bytes and keys that every implementation gives."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from persistable import _core

_FOLDER = Path(__file__).parents[2] / "spec" / "vectors"
_STEP_MEMBERS = {"payload_name", "version", "params", "dependencies"}


_NUMBER = "a number: "


def read(path: Path) -> list[Any]:
    """Reads numbers as text, since Python's would lose how they were written."""

    def marked(digits: str) -> str:
        return _NUMBER + digits

    content = json.loads(path.read_text("utf-8"), parse_int=marked, parse_float=marked)
    return list(content["cases"])


def text_of(node: Any) -> str:
    """Returns JSON with every number as it was."""
    return re.sub(f'"{_NUMBER}([^"]*)"', r"\1", json.dumps(node))


def is_of_the_packages_making(case: Any) -> bool:
    """Tells whether the package gets to see a case: what is no step at all is seen by whoever reads the file alone."""
    if "step" not in case or "error" not in case:
        return True
    step = case["step"]
    if step.keys() != _STEP_MEMBERS or (type(step["params"]), type(step["dependencies"])) != (dict, list):
        return False
    return all(each.keys() == {"payload_name", "key"} for each in step["dependencies"])


_FILES = {path.name: read(path) for path in sorted(_FOLDER.glob("*.json"))}
_CASES = [
    pytest.param(case, id=f"{name}: {case['name']}")
    for name, cases in _FILES.items()
    for case in cases
    if is_of_the_packages_making(case)
]


def results(case: Any) -> dict[str, str]:
    """Returns what the package gives for a case."""
    if "value" in case:
        return {"canonical": _core.Value.from_json(text_of(case["value"])).canonical_bytes().hex()}
    params = {name: _core.Value.from_json(text_of(param)) for name, param in case["step"]["params"].items()}
    step = json.loads(text_of(case["step"]))
    dependencies = [(each["payload_name"], each["key"]) for each in step["dependencies"]]
    canonical, key, params_digest = _core.step_key(step["payload_name"], step["version"], params, dependencies)
    return {"canonical": canonical.hex(), "key": key, "params_digest": params_digest}


def test_there_are_vectors() -> None:
    assert len(_FILES) >= 11
    assert len(_CASES) > 800


@pytest.mark.parametrize("case", _CASES)
def test_a_vector_gives_what_the_specification_states(case: Any) -> None:
    if "error" in case:
        with pytest.raises((ValueError, TypeError)):
            results(case)
        return
    assert results(case) == {name: case[name] for name in ("canonical", "key", "params_digest") if name in case}


@pytest.mark.parametrize(
    "case", [case for case in _CASES if "value" in case.values[0] and "error" not in case.values[0]]
)
def test_a_vectors_value_is_the_same_after_json(case: Any) -> None:
    value = _core.Value.from_json(text_of(case["value"]))
    again = _core.Value.from_json(value.to_json())
    assert again.canonical_bytes() == value.canonical_bytes()
    assert value.kind() == next(iter(case["value"]))


def has_elements(case: Any) -> bool:
    """Tells whether a case states the elements of its array as a caller has them: those of dtype object are nodes."""
    return "elements" in case and case["value"]["array"]["dtype"] != "object"


@pytest.mark.parametrize("case", [case for case in _CASES if has_elements(case.values[0])])
def test_a_vectors_array_has_the_digest_of_its_elements(case: Any) -> None:
    array = case["value"]["array"]
    shape = json.loads(text_of(array["shape"]))
    value = _core.Value.array(array["dtype"], shape, bytes.fromhex(case["elements"]))
    assert value.canonical_bytes().hex() == case["canonical"]


@pytest.mark.parametrize("name", _FILES)
def test_vectors_differ_and_agree_as_they_say(name: str) -> None:
    by_name = {case["name"]: case for case in _FILES[name] if "error" not in case}
    bytes_of = {case_name: results(case)["canonical"] for case_name, case in by_name.items()}
    for case_name, case in by_name.items():
        for other in case.get("differs_from", []):
            assert bytes_of[case_name] != bytes_of[other], (case_name, other)
        for other in case.get("agrees_with", []):
            assert bytes_of[case_name] == bytes_of[other], (case_name, other)
