"""A record is of the code as it is now. What a generation fills is state."""

from __future__ import annotations

import enum
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from code_support import MODES, Workplace, edited, names_of, sources_of

from persistable import Persistable, PersistableParams, _core, step
from persistable._code import record_of

STEP = """
N = 1
NAMES = ["a"]
TABLE = {"a": {"b": [1]}}
_CACHE = {}
class Config:
    def __init__(self): self.n = 1
    def half(self): return self.n / 2
config = Config()
def helper(): return N
def put(cache, x, value): cache[x] = value  # Which one is known only when this runs.
def remembered(x):
    put(_CACHE, x, _CACHE.get(x, 0) + 1)
    return x
@step
def fit():
    return [helper(), NAMES, TABLE, config.half(), remembered(1)]
"""


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    workplace = Workplace(tmp_path, "notebook")
    workplace.run(sources_of(STEP))
    return workplace


def changed_by(place: Workplace, statement: str) -> set[str]:
    before = place.record()
    assert place.record().record is before.record, "nothing is walked again where nothing changed"
    exec(statement, place.namespace)
    after = place.record()
    assert after.quick() != before.quick()
    return names_of(after.changes_since(before))


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("N = 2", "N"),
        ("NAMES.append('b')", "NAMES"),
        ("NAMES[0] = 'b'", "NAMES"),
        ("TABLE['c'] = 1", "TABLE"),
        ("TABLE['a']['b'].append(2)", "TABLE"),
        ("config.n = 2", "config"),
        ("helper = lambda: 3", "helper"),
        ("def helper(): return 3", "helper"),
        ("helper.__code__ = (lambda: 3).__code__", "helper"),
        ("Config.half = lambda self: self.n / 3", "Config.half"),
        ("import numpy; N = numpy.ones(2)", "N"),
        ("config = Config(); config.n = 7", "config"),
    ],
)
def test_what_changes_in_the_process_is_noticed(place: Workplace, statement: str, name: str) -> None:
    assert name in changed_by(place, statement)


def test_a_value_that_is_equal_is_no_change(place: Workplace) -> None:
    before = place.record()
    exec("NAMES = ['a']; N = int('1'); config = Config()", place.namespace)
    assert place.record().quick() == before.quick()


def test_an_array_that_is_changed_in_place_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    place = Workplace(tmp_path, "notebook")
    place.run(sources_of("import numpy\nA = numpy.zeros(3)\n@step\ndef fit(): return A\n"))
    assert changed_by(place, "A[0] = 1") == {"A"}


def test_a_name_that_is_defined_later_is_noticed(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "notebook")
    place.run(sources_of("@step\ndef fit(): return helper()\n"))
    assert changed_by(place, "def helper(): return 1") == {"helper"}


def test_a_function_that_replaces_a_value_is_noticed(place: Workplace) -> None:
    assert "NAMES" in changed_by(place, "def NAMES(): return 1")


def test_a_cell_that_is_edited_and_run_again_is_noticed(place: Workplace) -> None:
    before = place.record()
    place.run_cell("def helper(): return N + 1\n")
    assert place.record().changes_since(before) == [f"helper (notebook cell:{1})"]
    place.run_cell("def helper(): return N\n")
    assert place.record().digests() == before.digests()


def test_a_module_that_is_reloaded_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "reloaded_helpers.py"
    path.write_text("def clean(): return 1\n")
    place = Workplace(tmp_path, "notebook")
    place.run(sources_of("import reloaded_helpers\n@step\ndef fit(): return reloaded_helpers.clean()\n"))
    importlib.import_module("reloaded_helpers")
    exec("import reloaded_helpers", place.namespace)
    before = place.record()
    path.write_text("def clean(): return 22\n")
    importlib.reload(place.namespace["reloaded_helpers"])
    assert names_of(place.record().changes_since(before)) == {"reloaded_helpers.clean"}


def test_what_cannot_be_identified_is_not_looked_at_on_each_hit(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "import threading\nX = threading.local()\nY = collections.deque()\n@step\ndef fit(): return X, Y\n"
    place.run(sources_of(code))
    record = record_of(place.namespace["fit"])
    opaque = record.watched()[-1]
    assert [record.constants[number].name for number in opaque] == ["Y"]


# --- state -----------------------------------------------------------------------------------------------------------


def test_what_a_generation_fills_is_state_and_leaves_the_key_alone(place: Workplace) -> None:
    before = place.record()
    place.namespace["fit"].function()
    assert before.state_since() == ["_CACHE"]
    after = place.record()
    assert after.key_digest() == before.key_digest()
    place.namespace["fit"].function()
    assert place.record().key_digest() == before.key_digest()
    assert place.record().quick() == before.quick()


def test_state_of_one_step_is_state_of_the_others(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = """
CACHE = {}
def put(cache): cache[1] = 1
def helper(): put(CACHE)
@step
def other(): helper()
@step
def fit(): helper()
"""
    before = place.run(sources_of(code))
    other = _core.code_of(place.namespace["other"](tmp_path))
    assert other is not None
    place.namespace["other"].function()
    assert other.state_since() == ["CACHE"]
    after = place.record()
    assert after.digests() == before.digests()
    assert after.state_since() == ["CACHE"]


def test_state_is_left_out_by_name(place: Workplace) -> None:
    before = place.record()
    exec("_CACHE['x'] = 1", place.namespace)
    after = place.record()
    assert after.quick() != before.quick()
    assert after.quick(["_CACHE"]) == before.quick(["_CACHE"])
    assert after.digests(["_CACHE"]) == before.digests(["_CACHE"])


def test_a_counter_is_state(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "script")
    code = "CALLS = 0\n@step\ndef fit():\n    globals()['CALLS'] += 1\n    return CALLS\n"
    before = place.run(sources_of(code))
    place.namespace["fit"].function()
    assert before.state_since() == ["CALLS"]
    assert place.record().key_digest() == before.key_digest()


def test_functions_that_a_generation_registers_are_state(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "HOOKS = []\n@step\ndef fit():\n    def hook(): pass\n    (lambda hooks: hooks.append(hook))(HOOKS)\n"
    before = place.run(sources_of(code))
    place.namespace["fit"].function()
    assert before.state_since() == ["HOOKS"]
    assert place.record().digests() == before.digests()


def test_a_constant_that_no_generation_changed_is_in_the_key(place: Workplace) -> None:
    before = place.record()
    assert before.state_since() == ["_CACHE"]
    exec("N = 2", place.namespace)
    assert place.record().key_digest() != before.key_digest()


# Each with its names, and what fills them without a generation.
WRITTEN = {
    "a cache": ("X = {}", "def helper(): X[1] = 1", "X[1] = 1"),
    "a cache that is filled by a method": ("X = {}", "def helper(): return X.setdefault(1, 2)", "X[1] = 2"),
    "a cache of lists": (
        "X = collections.defaultdict(list)",
        "def helper(): X['a'].append(1); X['a'][0] = 2",
        "X['a'].append(2)",
    ),
    "a list": ("X = []", "def helper(): X.append(1)", "X.append(1)"),
    "a counter": ("X = 0", "def helper():\n    global X\n    X += 1", "X = 7"),
    "what is made when it is first asked for": (
        "X = None",
        "def helper():\n    global X\n    if X is None: X = [1]\n    return X",
        "X = [1]",
    ),
    "a time": ("import time\nX = time.time()", "def helper(): return X", "X = 1.0"),
    "a name of a run": (
        "from datetime import datetime\nX = f'run-{datetime.now():%H%M%S}'",
        "def helper(): return X",
        "X = 'run-1'",
    ),
    "a random identifier": ("import uuid\nX = str(uuid.uuid4())", "def helper(): return X", "X = 'a'"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("value", "helper", "filling"), WRITTEN.values(), ids=WRITTEN.keys())
def test_what_the_code_writes_to_is_state_whoever_fills_it(
    value: str, helper: str, filling: str, mode: str, tmp_path: Path
) -> None:
    place = Workplace(tmp_path, mode)
    cold = place.run(sources_of(f"{value}\n{helper}\n@step\ndef fit(): return helper()\n"))
    exec(filling, place.namespace)
    warm = place.record()
    assert warm.state_since() == cold.state_since() == ["X"]
    assert warm.quick(["X"]) == cold.quick(["X"])
    assert warm.digests(["X"]) == cold.digests(["X"])
    assert warm.key_digest() == cold.key_digest()


def test_an_object_that_remembers_is_state_but_counts_in_a_key(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = """
class Memo:
    def __init__(self, scale): self.scale, self.known = scale, {}
    def __call__(self, x):
        if x not in self.known: self.known[x] = x * self.scale
        return self.known[x]
X = Memo(2)
@step
def fit(): return X(1)
"""
    cold = place.run(sources_of(code))
    place.namespace["X"](1)
    warm = place.record()
    assert warm.state_since() == ["X"]
    assert warm.quick(["X"]) == cold.quick(["X"])
    place.namespace["X"] = place.namespace["Memo"](3)
    assert (
        Workplace(tmp_path / "other", "module").run(sources_of(edited(code, "Memo(2)", "Memo(3)"))).key_digest()
        != cold.key_digest()
    )


def test_what_a_cached_property_found_is_no_change(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "class A:\n    n = 1\n    @functools.cached_property\n    def m(self): return self.n + 1\n"
    before = place.run(sources_of(f"{code}X = A()\n@step\ndef fit(): return X.m\n"))
    assert place.namespace["X"].m == 2
    assert place.record().quick() == before.quick()
    place.namespace["X"].n = 5
    assert place.record().quick() != before.quick()


NOT_WRITTEN = {
    "a local of the same name": "def helper():\n    X = {}\n    X[1] = 1\n    return X",
    "a parameter of the same name": "def helper(X=3): X[1] = 1",
    "what it is given at first": "X = {1: 2}\ndef helper(): X[1] = 1",
    "what is read": "def helper(): return X[1], X.get(2), len(X)",
    "what a function that is not used writes": "def helper(): return X\ndef unused(): X[1] = 1",
}


@pytest.mark.parametrize("helper", NOT_WRITTEN.values(), ids=NOT_WRITTEN.keys())
def test_what_the_code_only_reads_is_no_state(helper: str, tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    record = place.run(sources_of(f"X = {{}}\n{helper}\n@step\ndef fit(): return helper({{}}) if 0 else X\n"))
    assert record.state_since() == []


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_is_refused_for_source_that_is_not_what_runs(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "@step\ndef fit(): return 1\n"
    before = place.run(sources_of(code))
    assert before.key_digest() == before.digests()["ast"]
    place.namespace["fit"].function.__code__ = eval("lambda: 2").__code__
    with pytest.raises(Exception, match=r"fit \(<string>:1\)|the code of fit .* can't be in a key") as refusal:
        place.step() and _core.code_of(place.step()).key_digest()
    assert type(refusal.value).__name__ == "UnsupportedParameterError"


def test_a_key_is_refused_for_a_constant_without_an_identity(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    record = place.run(sources_of("SOURCE = open(__file__)\n@step\ndef fit(): return SOURCE\n"))
    with pytest.raises(Exception, match=r"SOURCE: objects of type _io\.TextIOWrapper can't be identified"):
        record.key_digest()
    place.namespace["SOURCE"].close()


def test_source_that_was_edited_after_the_import_has_no_digest(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "def helper(): return 1\n@step\ndef fit(): return helper()\n"
    place.run(sources_of(code))
    # The source is looked at only now, when it is another one.
    place.namespace["helper"].__code__ = compile(
        "def helper(): return 3\n", str(tmp_path / "main.py"), "exec"
    ).co_consts[0]
    assert set(place.record().digests()) == {sys.implementation.cache_tag}


def test_lines_that_were_added_above_after_the_import_do_no_harm(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = "def helper(): return 1\n@step\ndef fit(): return helper()\n"
    before = place.run(sources_of(code))
    shifted = {name: "\n\n" + source for name, source in sources_of(code).items()}
    assert Workplace(tmp_path, "module").run(shifted).digests() == before.digests()


# --- params ----------------------------------------------------------------------------------------------------------


def loss(x: float) -> float:
    return x * x


class Plain:
    def __init__(self, n: int) -> None:
        self.n = n

    def half(self) -> float:
        return self.n / 2


class Shade(enum.Enum):
    DARK = 1

    def half(self) -> float:
        return 0.5


@dataclass
class Params(PersistableParams):
    n: int = 1
    loss: Any = None
    plain: Any = None

    def twice(self) -> int:
        return 2 * self.n


class WithParamsP(Persistable[int, Params]):
    def _generate_payload(self, **untracked: Any) -> int:
        return self.params.twice() + self.params.plain.half()  # type: ignore[no-any-return]


def items_of(params: Any, folder: Path) -> set[str]:
    code = _core.code_of(WithParamsP(folder, params))
    assert code is not None
    return names_of(code.items())


def test_methods_of_the_params_count_and_defaults_do_not(tmp_path: Path) -> None:
    items = items_of(Params(), tmp_path)
    assert "Params.twice" in items
    assert "Params.n" not in items


def test_other_members_of_an_enum_among_the_params_do_not_count(tmp_path: Path) -> None:
    items = items_of(Params(plain=Shade.DARK), tmp_path)
    assert "Shade" in items
    assert "Shade.half" in items
    code = _core.code_of(WithParamsP(tmp_path, Params(plain=Shade.DARK)))
    assert code is not None
    assert not any("members" in item for item in code.items())


def test_functions_and_classes_among_the_params_count(tmp_path: Path) -> None:
    assert "loss" not in items_of(Params(), tmp_path)
    assert "loss" in items_of(Params(loss=loss), tmp_path)
    assert "loss" in items_of(Params(loss=[{"a": loss}]), tmp_path)
    assert "Plain.half" in items_of(Params(plain=Plain(1)), tmp_path)


def test_params_of_other_values_share_a_record(tmp_path: Path) -> None:
    first, second = (_core.code_of(WithParamsP(tmp_path, Params(n=n))) for n in (1, 2))
    assert first is not None and second is not None
    assert first.record is second.record


@step
def summed(n: int, function: Any = None) -> int:
    return n if function is None else function(n)  # type: ignore[no-any-return]


def test_functions_among_the_arguments_of_a_step_count(tmp_path: Path) -> None:
    code = _core.code_of(summed(tmp_path, 1, loss))
    assert code is not None
    assert names_of(code.items()) >= {"loss", "summed"}


@pytest.mark.parametrize("mode", MODES)
def test_steps_that_are_used_are_told(mode: str, tmp_path: Path) -> None:
    code = "@step\ndef other(): return 1\n@step\ndef fit(): return other('data').payload\n"
    record = Workplace(tmp_path, mode).run(sources_of(code))
    assert record.record.steps == ["other"]
    assert edited(code, "return 1", "return 2") != code
