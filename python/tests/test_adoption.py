"""Artifacts that persistable 1.x left behind are adopted where their name can only mean this step."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Callable, Literal, Optional, Union

import numpy as np
import pytest
from support import give

from persistable import Persistable, PersistableParams
from persistable.data import PersistableParam
from persistable.io import FileIO, JsonFileIO, PickleFileIO

KEY_VARIABLE = "PERSISTABLE_SIGNING_KEY"


@pytest.fixture(autouse=True)
def without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


class Mode(Enum):
    FAST = "f"


class OtherMode(Enum):
    FAST = "f"


@dataclass
class Inner(PersistableParams):
    depth: int = 1


@dataclass
class Params(PersistableParams):
    n: Any = 1
    text: str = "t"
    texts: list = field(default_factory=list)  # type: ignore[type-arg]
    place: Path | None = None
    mode: Mode = Mode.FAST
    maybe: Optional[Mode] = None  # noqa: UP045  # As older code has it.
    either: Mode | OtherMode | None = None
    inner: Inner = field(default_factory=Inner)
    any_inner: Any = None


class ValueP(Persistable[Any, Any]):
    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        self.generations += 1
        return "new"


def made(folder: Path, params: Any = None, dependencies: Any = None, **kwargs: Any) -> ValueP:
    return ValueP(folder, params, dependencies, payload_name=kwargs.pop("payload_name", "value"), **kwargs)


def old_path(folder: Path, tree: Any, payload_name: str = "value", suffix: str = ".persistable") -> Path:
    """The path that 1.x had for a params tree, by the contract."""
    digest = hashlib.md5(str({payload_name: tree}).encode()).hexdigest()
    return folder / f"{payload_name}({digest}){suffix}"


def left(folder: Path, tree: Any, payload: Any = "old", **kwargs: Any) -> Path:
    folder.mkdir(exist_ok=True)
    path = old_path(folder, tree, **kwargs)
    path.write_bytes(pickle.dumps(payload))
    path.chmod(0o644)
    return path


PLAIN: dict[str, Any] = {
    "n": 1,
    "text": "t",
    "texts": [],
    "place": None,
    "mode": "FAST",
    "maybe": None,
    "either": None,
    "inner": {"depth": 1},
    "any_inner": None,
}


# --- adopting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["load", "load_generate"])
def test_an_old_artifact_is_loaded_and_persisted_anew(tmp_path: Path, call: str) -> None:
    path = left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    getattr(step, call)()
    assert (step.payload, step.generations) == ("old", 0)
    path.unlink()
    again = made(tmp_path, Params())
    again.load()
    assert again.payload == "old"


def test_the_payload_of_an_old_artifact_may_be_none(tmp_path: Path) -> None:
    left(tmp_path, PLAIN, payload=None)
    step = made(tmp_path, Params())
    assert step.payload is None
    assert step.generations == 0


def test_the_hook_of_loading_runs(tmp_path: Path) -> None:
    class HookedP(ValueP):
        said = ""

        def _post_load(self) -> None:  # type: ignore[override]
            self.said += "loaded"

        def _post_generate(self) -> None:  # type: ignore[override]
            self.said += "generated"

    left(tmp_path, PLAIN)
    step = HookedP(tmp_path, Params(), None, payload_name="value")
    step.load_generate()
    assert step.said == "loaded"


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"n": 2}, {"n": 2}),
        ({"text": "it's"}, {"text": "it's"}),
        ({"n": 0.1}, {"n": 0.1}),
        ({"n": True}, {"n": True}),
        ({"n": [1, (2.5, None), [True]]}, {"n": [1, (2.5, None), [True]]}),
        ({"texts": [1, (2.5, "a"), {"k": "v"}]}, {"texts": [1, (2.5, "a"), {"k": "v"}]}),
        ({"place": Path("a/b")}, {"place": "a/b"}),
        ({"maybe": Mode.FAST}, {"maybe": "FAST"}),
        ({"inner": Inner(5)}, {"inner": {"depth": 5}}),
    ],
)
def test_plain_values_are_named_as_they_were(tmp_path: Path, changes: dict[str, Any], shown: dict[str, Any]) -> None:
    left(tmp_path, {**PLAIN, **shown})
    assert made(tmp_path, Params(**changes)).payload == "old"
    assert made(tmp_path, Params(n=77)).payload == "new"


def test_dependencies_stand_behind_the_params_in_the_old_name(tmp_path: Path) -> None:
    left(tmp_path, {"depth": 1, "a": {"depth": 2}, "b": {"depth": 3, "c": {}}})
    below = [
        made(tmp_path, Inner(2), payload_name="a"),
        made(tmp_path, Inner(3), [made(tmp_path, payload_name="c")], payload_name="b"),
    ]
    assert made(tmp_path, Inner(1), below).payload == "old"


def test_a_step_without_params_has_an_old_name_too(tmp_path: Path) -> None:
    left(tmp_path, {})
    assert made(tmp_path).payload == "old"


def test_exclusions_encoders_and_dicts_of_the_users_own_count_as_they_did(tmp_path: Path) -> None:
    @dataclass
    class Special(PersistableParams):
        strange: Any
        threads: int = 1

        @property
        def _excluded_attributes(self) -> set[str]:
            return {"threads"}

        @property
        def _custom_type_encoder_map(self) -> dict[type, Callable[[Any], Any]]:
            return {complex: lambda value: value.real}

    class Own(PersistableParams):
        def to_dict(self) -> dict[str, Any]:
            return {"mine": 1}

    left(tmp_path, {"strange": 2.0})
    assert made(tmp_path, Special(2 + 0j)).payload == "old"
    left(tmp_path, {"mine": 1})
    assert made(tmp_path, Own()).payload == "old"


def test_the_users_own_payload_io_reads_it(tmp_path: Path) -> None:
    class TextIO(FileIO[str]):
        def _save(self, payload: str, filepath: Path, **kwargs: Any) -> None:
            filepath.write_text(payload)

        def _load(self, filepath: Path, **kwargs: Any) -> str:
            return filepath.read_text()

    path = old_path(tmp_path, PLAIN, suffix=".txt")
    path.write_text("old text")
    path.chmod(0o644)
    step = made(tmp_path, Params(), payload_io=TextIO(), payload_file_suffix=".txt")
    assert step.payload == "old text"


def test_what_is_persisted_by_now_comes_first(tmp_path: Path) -> None:
    made(tmp_path, Params()).generate()
    left(tmp_path, PLAIN)
    assert made(tmp_path, Params()).payload == "new"


def test_generating_never_asks_for_old_artifacts(tmp_path: Path) -> None:
    left(tmp_path, PLAIN)
    step = made(tmp_path, Params())
    step.generate()
    assert step.payload == "new"


# --- doubt ------------------------------------------------------------------------------------------------------------

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


# --- trust ------------------------------------------------------------------------------------------------------------


class Explosive:
    """Its pickle leaves a trace when it is loaded."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def test_what_a_shared_group_may_write_to_is_not_run(tmp_path: Path) -> None:
    file = left(tmp_path, PLAIN, Explosive(tmp_path / "trace"))
    give(file, group=12345)
    file.chmod(0o664)
    with pytest.warns(UserWarning, match="chmod"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_what_the_accounts_private_group_may_write_to_is_adopted(tmp_path: Path) -> None:
    file = left(tmp_path, PLAIN, "old")
    if file.stat().st_gid != file.stat().st_uid:
        pytest.skip("this account has no group of its own")
    file.chmod(0o664)
    assert made(tmp_path, Params()).payload == "old"


@pytest.mark.parametrize("mode", [0o646, 0o666])
def test_what_others_may_write_to_is_not_run(tmp_path: Path, mode: int) -> None:
    left(tmp_path, PLAIN, Explosive(tmp_path / "trace")).chmod(mode)
    with pytest.warns(UserWarning, match="chmod"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = left(tmp_path / "elsewhere", PLAIN, Explosive(tmp_path / "trace"))
    old_path(tmp_path, PLAIN).symlink_to(target)
    with pytest.warns(UserWarning, match="link"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_what_belongs_to_another_account_is_not_run(tmp_path: Path) -> None:
    give(left(tmp_path, PLAIN, Explosive(tmp_path / "trace")), user=12345)
    with pytest.warns(UserWarning, match="another account"):
        assert made(tmp_path, Params()).payload == "new"
    assert not (tmp_path / "trace").exists()


def test_what_the_user_trusts_is_adopted(tmp_path: Path) -> None:
    left(tmp_path, PLAIN).chmod(0o666)
    assert made(tmp_path, Params(), payload_io=PickleFileIO(trust=True)).payload == "old"


@pytest.mark.parametrize("place", ["argument", "environment"])
@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_with_a_signing_key_nothing_is_run_that_has_no_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, call: str
) -> None:
    left(tmp_path, PLAIN, Explosive(tmp_path / "trace"))
    if place == "environment":
        monkeypatch.setenv(KEY_VARIABLE, "secret")
    step = made(tmp_path, Params(), payload_io=PickleFileIO(signing_key="secret") if place == "argument" else None)
    with pytest.warns(UserWarning, match="signing key"):
        if call == "load":
            with pytest.raises(FileNotFoundError):
                step.load()
        else:
            assert step.payload == "new"
    assert not (tmp_path / "trace").exists()


def test_with_a_signing_key_an_artifact_is_adopted_by_who_trusts_anyone(tmp_path: Path) -> None:
    left(tmp_path, PLAIN)
    io = PickleFileIO[Any](trust=True, signing_key="secret")
    assert made(tmp_path, Params(), payload_io=io).payload == "old"


def test_with_a_signing_key_formats_that_run_no_code_are_adopted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    path = old_path(tmp_path, PLAIN, suffix=".json")
    path.write_text('"old"')
    path.chmod(0o644)
    assert made(tmp_path, Params(), payload_io=JsonFileIO()).payload == "old"


@pytest.mark.parametrize("call", ["load_generate", "load"])
def test_what_is_adopted_is_told_as_a_warning_of_the_log_only(tmp_path: Path, call: str) -> None:
    path = left(tmp_path, PLAIN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(made(tmp_path, Params()), call)()
    told = [line for line in (tmp_path / "value.log").read_text().splitlines() if "adopting" in line]
    assert len(told) == 1
    assert " WARN " in told[0]
    assert str(path) in told[0]


# --- damage -----------------------------------------------------------------------------------------------------------


def test_a_torn_old_artifact_is_a_miss_with_a_warning(tmp_path: Path) -> None:
    path = left(tmp_path, PLAIN, list(range(1000)))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(UserWarning, match="can't be loaded"), pytest.raises(FileNotFoundError):
        made(tmp_path, Params()).load()
    with pytest.warns(UserWarning, match="can't be loaded"):
        assert made(tmp_path, Params()).payload == "new"
    assert path.exists()


def test_an_old_payload_that_is_invalid_is_not_adopted(tmp_path: Path) -> None:
    class StrictP(ValueP):
        def _validate_payload(self, payload: Any) -> None:
            if payload != "new":
                raise ValueError("old")

    left(tmp_path, PLAIN)
    step = StrictP(tmp_path, Params(), None, payload_name="value")
    with pytest.raises(ValueError, match="old"):
        step.load()
    assert not list(tmp_path.glob("*.manifest.json"))


# --- graphs -----------------------------------------------------------------------------------------------------------


def test_graphs_that_1x_could_not_name_take_no_time(tmp_path: Path) -> None:
    deep = made(tmp_path, payload_name="s0")
    for number in range(1, 2000):
        deep = made(tmp_path, None, [deep], payload_name=f"s{number}")
    wide = made(tmp_path, payload_name="d0")
    for number in range(1, 60):
        sides = [made(tmp_path, None, [wide], payload_name=f"{side}{number}") for side in "lr"]
        wide = made(tmp_path, None, sides, payload_name=f"d{number}")
    assert deep.payload == wide.payload == "new"
