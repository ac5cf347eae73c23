"""pytest rewrites the assertions of test modules. A step in one has the same code there as in a plain run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEARCHED = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)

TEST = """
import sys
from persistable import Persistable, _core, step

N = 3

def helper(x):
    assert x > 0, f"{x} is too small"
    assert all(y in range(9) for y in [x]) and (lambda z: z)(x) and (z := x) and isinstance(z, int)
    return x + N

class Model:
    def __init__(self, x): assert x; self.x = x
    def fit(self):
        def inner(x):
            assert x != 1000
            return x
        return inner(self.x)

@step(code_change=MODE)
def fit(x: int) -> int:
    "Has a docstring."
    assert [x, Model(x).fit()] == [x, x]
    return helper(x) + no_assertion(x)

def no_assertion(x): return 0

class FitP(Persistable):
    code_change = MODE
    def _generate_payload(self):
        assert self.params
        return helper(1)

def test_it():
    show(fit("data", 1))
    show(FitP("data", {"a": 1}))

def show(step):
    step.payload
    code = _core.code_of(step)
    print(*code.record.unseen, step.persist_hash, code.digests(), file=sys.__stderr__)

if __name__ == "__main__":
    test_it()
"""


def run(folder: Path, *arguments: str) -> tuple[str, str]:
    environment = {**os.environ, "PYTHONPATH": SEARCHED, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-W", "error::persistable.exceptions.StalePayloadWarning", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return ("passed" if done.returncode == 0 else done.stdout + done.stderr), done.stderr


@pytest.mark.parametrize("mode", ["warn", "refuse", "key"])
@pytest.mark.parametrize("is_pytest_first", [True, False])
def test_a_test_module_has_the_same_code_in_pytest_and_in_a_plain_run(
    tmp_path: Path, mode: str, is_pytest_first: bool
) -> None:
    (tmp_path / "test_s.py").write_text(TEST.replace("MODE", repr(mode)))
    # No filter: those of the command line are not those of the tests.
    tests = ["-m", "pytest", "-q", "-s", "-W", "error::persistable.exceptions.StalePayloadWarning", "test_s.py"]
    commands = [tests, ["test_s.py"], [*tests, "--assert=plain"], tests]
    if not is_pytest_first:
        commands = commands[1:]
    done = [run(tmp_path, *command) for command in commands]
    assert [outcome for outcome, _ in done] == ["passed"] * len(commands)
    assert len({printed for _, printed in done}) == 1
    assert done[0][1].count("ast") == 2


def test_a_change_is_noticed_in_pytest(tmp_path: Path) -> None:
    (tmp_path / "test_s.py").write_text(TEST.replace("MODE", "'refuse'"))
    assert run(tmp_path, "test_s.py")[0] == "passed"
    for old, new, name in (("x + N", "x - N", "helper"), ("x > 0", "x > -5", "helper"), ("N = 3", "N = 4", "N")):
        (tmp_path / "test_s.py").write_text(TEST.replace("MODE", "'refuse'").replace(old, new))
        outcome, _ = run(tmp_path, "-m", "pytest", "-q", "test_s.py")
        assert f"other code made it: {name} (test_s.py" in outcome


def test_a_file_that_is_edited_while_pytest_runs_is_not_taken_for_what_runs(tmp_path: Path) -> None:
    editing = "import pathlib; f = pathlib.Path(__file__); f.write_text(f.read_text().replace('x + N', 'x - N'))"
    text = TEST.replace("MODE", "'key'").replace("def test_it():", f"def test_it():\n    {editing}")
    (tmp_path / "test_s.py").write_text(text)
    outcome, _ = run(tmp_path, "-m", "pytest", "-q", "test_s.py")
    assert "the code of helper (test_s.py:7) can't be in a key, since its source is not the code that runs" in outcome
