"""If the name of an artifact of 1.x may mean another step, the artifact is not adopted. A warning says why."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any, Callable, Literal, Optional, Union

import numpy as np
import pytest
from adoption_support import (
    PLAIN,
    Inner,
    Mode,
    OtherMode,
    Params,
    ValueP,
    left,
    made,
    without_a_key,  # noqa: F401  # It holds for each test.
)

from persistable import PersistableParams
from persistable.data import PersistableParam

ARRAY = np.zeros(10_000)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"n": ARRAY}, {"n": ARRAY}),
        ({"n": {1, 2}}, {"n": {1, 2}}),
        ({"n": np.float64(0.5)}, {"n": np.float64(0.5)}),
        ({"n": b"x"}, {"n": b"x"}),
        ({"n": [Path("a")]}, {"n": [Path("a")]}),
        ({"n": Mode.FAST}, {"n": "FAST"}),
        ({"n": "FAST"}, {"n": "FAST"}),
        ({"n": Path("a")}, {"n": "a"}),
        ({"n": "a"}, {"n": "a"}),
        ({"n": ["a"]}, {"n": ["a"]}),
        ({"text": Path("a")}, {"text": "a"}),
        ({"either": "FAST"}, {"either": "FAST"}),
        ({"any_inner": {"depth": 2}}, {"any_inner": {"depth": 2}}),
        ({"either": OtherMode.FAST}, {"either": "FAST"}),
        ({"any_inner": Inner(2)}, {"any_inner": {"depth": 2}}),
    ],
    ids=[
        "array",
        "set",
        "numpy",
        "bytes",
        "path in a list",
        "member",
        "text like a member",
        "path",
        "text like a path",
        "text in a list",
        "path where text belongs",
        "text in a union",
        "dict like a nested object",
        "member of a union",
        "nested",
    ],
)
@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_a_name_that_may_mean_another_step_is_not_adopted_and_a_warning_says_why(
    tmp_path: Path, changes: dict[str, Any], shown: dict[str, Any], call: str
) -> None:
    path = left(tmp_path, {**PLAIN, **shown})
    step = made(tmp_path, Params(**changes))
    with pytest.warns(UserWarning, match="not adopted") as caught:
        if call == "load":
            with pytest.raises(FileNotFoundError):
                step.load()
        else:
            assert step.payload == "new"
    assert len(caught) == 1
    assert str(path) in str(caught[0].message)
    assert "not adopted" in (tmp_path / "value.log").read_text()
    assert path.exists()


ANNOTATIONS: list[tuple[Any, bool]] = [
    (str, True),
    ("str", True),
    ("'str'", True),
    (Optional[str], True),
    ("Optional[str]", True),
    ("typing.Optional['str']", True),
    ("str | None", True),
    ("Union[None, str]", True),
    (Literal["a", "b"], True),
    ("Literal['a', 'b'] | None", True),
    (Any, False),
    ("Any", False),
    (object, False),
    (Union[str, Mode], False),
    ("Union[str, Mode]", False),
    ("str | Path", False),
    ("Optional[Union[Mode, str]]", False),
    ("Literal['a', 1]", False),
    ("Literal[Mode.FAST]", False),
    (Path, False),
    ("list[str]", False),
    ("T", False),
    ("not an annotation", False),
    ("", False),
]


@pytest.mark.parametrize(("annotation", "is_adopted"), ANNOTATIONS, ids=[str(each) for each, _ in ANNOTATIONS])
@pytest.mark.filterwarnings("ignore:.*not adopted")
def test_a_text_is_adopted_where_the_annotation_names_nothing_but_its_type(
    tmp_path: Path, annotation: Any, is_adopted: bool
) -> None:
    annotated = make_dataclass("Annotated", [("c", annotation)], bases=(PersistableParams,))
    left(tmp_path, {"c": "a"})
    assert made(tmp_path, annotated("a")).payload == ("old" if is_adopted else "new")


def test_a_list_or_dict_of_texts_is_adopted_where_the_annotation_names_its_type(tmp_path: Path) -> None:
    fields = [("a", list[str]), ("b", "List[str]"), ("c", "Optional[Dict[str, str]]"), ("d", tuple)]
    annotated = make_dataclass("Annotated", fields, bases=(PersistableParams,))
    values = (["a"], ["b"], {"c": "c"}, ("d",))
    left(tmp_path, dict(zip("abcd", values)))
    assert made(tmp_path, annotated(*values)).payload == "old"


def test_an_attribute_without_an_annotation_is_not_adopted_as_a_text(tmp_path: Path) -> None:
    class Plain(PersistableParams):
        def __init__(self, c: Any) -> None:
            self.c = c

    left(tmp_path, {"c": 1})
    assert made(tmp_path, Plain(1)).payload == "old"
    left(tmp_path, {"c": "a"})
    with pytest.warns(UserWarning, match="not adopted"):
        assert made(tmp_path, Plain("a")).payload == "new"


def test_what_an_encoder_makes_a_text_is_adopted_where_only_that_type_can_be(tmp_path: Path) -> None:
    @dataclass
    class Encoded(PersistableParams):
        certain: complex
        open: Any

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {complex: str}

    left(tmp_path, {"certain": "1j", "open": 1})
    assert made(tmp_path, Encoded(1j, 1)).payload == "old"
    left(tmp_path, {"certain": "1j", "open": "1j"})
    with pytest.warns(UserWarning, match="open"):
        assert made(tmp_path, Encoded(1j, 1j)).payload == "new"


@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_where_warnings_are_errors_the_log_says_why_not(tmp_path: Path, call: str) -> None:
    left(tmp_path, {**PLAIN, "n": "FAST"})
    step = made(tmp_path, Params(n="FAST"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if call == "load":
            with pytest.raises(FileNotFoundError):
                step.load()
        else:
            assert step.payload == "new"
    told = [line for line in (tmp_path / "value.log").read_text().splitlines() if "not adopted" in line]
    assert len(told) == 1
    assert " WARN " in told[0]


def test_an_array_is_not_taken_for_another_that_prints_alike(tmp_path: Path) -> None:
    left(tmp_path, {**PLAIN, "n": ARRAY})
    other = ARRAY.copy()
    other[5000] = 1
    with pytest.warns(UserWarning, match="not adopted"):
        assert made(tmp_path, Params(n=other)).payload == "new"


def doubtful_steps(folder: Path) -> dict[str, tuple[ValueP, Any]]:
    versioned = made(folder, Inner(1))
    versioned.payload_version = "2"
    extra = Inner(1)
    extra.more = 2  # type: ignore[attr-defined]
    a = made(folder, Inner(2), payload_name="a")
    places = made(folder, Inner(1), {"first": a})
    wrapped = made(folder, Params(n=PersistableParam(1)))
    return {
        "version": (versioned, {"depth": 1}),
        "extra attribute": (made(folder, extra), {"depth": 1, "more": 2}),
        "two of a name": (made(folder, None, [made(folder, Inner(1), payload_name="a"), a]), {"a": {"depth": 2}}),
        "like a field": (made(folder, Inner(1), [made(folder, None, payload_name="depth")]), {"depth": {}}),
        "places": (places, {"depth": 1, "a": {"depth": 2}}),
        "dict": (made(folder, {"x": 1}), {"x": 1}),
        "doubt below": (
            made(folder, None, [made(folder, Params(n=b"x"), payload_name="a")]),
            {"a": {**PLAIN, "n": b"x"}},
        ),
        "wrapped": (wrapped, {**PLAIN, "n": PersistableParam(1)}),
    }


@pytest.mark.parametrize("case", list(doubtful_steps(Path("unused"))))
def test_what_1x_did_not_tell_apart_is_not_adopted(tmp_path: Path, case: str) -> None:
    step, tree = doubtful_steps(tmp_path)[case]
    left(tmp_path, tree)
    with pytest.warns(UserWarning, match="not adopted"):
        assert step.payload == "new"


def test_of_a_name_with_a_dot_the_old_file_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / "my.persistable").write_bytes(pickle.dumps("old"))
    with pytest.warns(UserWarning, match="no hash"):
        assert made(tmp_path, Inner(1), payload_name="my.points").payload == "new"


def test_without_an_old_artifact_nothing_is_said(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made(tmp_path, Params(n=ARRAY)).payload == "new"
