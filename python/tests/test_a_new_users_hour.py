"""The edits and mistakes of a day: each is told at once, with what it is and what can be done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support import STUCK_SECONDS

HELPERS = """
COLUMNS = ["a", "b"]

def clean(values):
    # Values below zero are errors.
    return [value for value in values if value >= 0]

def never_used(values):
    return values
"""

SCRIPT = """
from dataclasses import dataclass
from pathlib import Path

import helpers
from persistable import InputFile, Persistable, PersistableParams, step

FACTOR = 2


@dataclass
class LoadParams(PersistableParams):
    path: Path


class LoadP(Persistable[list, LoadParams]):
    def _generate_payload(self, **untracked):
        print("LoadP generates")
        return [float(line) for line in self.params.path.read_text().split()]


@step
def total(values, n: int = 1) -> float:
    print("total generates")
    return FACTOR * sum(helpers.clean(values)) + n + len(helpers.COLUMNS)


@step
def counted(file: InputFile) -> int:
    print("counted generates")
    return len(file.read_text().split())


if __name__ == "__main__":
    loaded = LoadP("data", LoadParams(Path("points.csv")), None)
    print("total is", total("data", loaded).payload)
    print("counted", counted("data", InputFile("points.csv")).payload)
"""


class Project:
    """A folder with a script, a module of helpers and a file of data, as a user has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("helpers.py", HELPERS)
        self.write("script.py", SCRIPT)
        self.write("points.csv", "1\n2\n-3\n")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def edit(self, name: str, before: str, after: str) -> None:
        text = (self.folder / name).read_text()
        assert before in text
        self.write(name, text.replace(before, after))

    def run(self, *arguments: str, code: str | None = None, **environment: str) -> tuple[str, list[str]]:
        """Runs the script; returns what it prints, and its warnings."""
        command = [
            sys.executable,
            "-B",
            *arguments,
            *(["script.py"] if code is None else ["-c", textwrap.dedent(code)]),
        ]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=STUCK_SECONDS,
        )
        self.error = done.stderr
        return done.stdout, re.findall(r"^.*?(\w+(?:Warning|Error): .*)$", done.stderr, flags=re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    out, warnings = project.run()
    assert (out, warnings) == (
        "LoadP generates\ntotal generates\ntotal is 9.0\ncounted generates\ncounted 3\n",
        [],
    ), project.error
    assert project.run() == ("total is 9.0\ncounted 3\n", []), project.error
    return project


def only(warnings: list[str], *words: str) -> None:
    assert len(warnings) == 1, warnings
    for word in words:
        assert word in warnings[0], warnings


def test_the_content_of_a_file_changed(project: Project) -> None:
    project.write("points.csv", "1\n2\n-3\n4\n")
    out, warnings = project.run(
        code="import script; script.LoadP('data', script.LoadParams(script.Path('points.csv')), None).load()"
    )
    only(warnings, "InputChangedWarning", "points.csv (path)", "generate()", "accept_inputs()")
    out, _ = project.run()
    assert "counted generates\ncounted 4\n" in out


def test_a_helper_changed(project: Project) -> None:
    project.edit("helpers.py", "value >= 0", "value > 1")
    out, warnings = project.run()
    assert out.startswith("total is 9.0"), "the decision is the user's"
    only(warnings, "CodeChangedWarning", "total(", "helpers.clean (helpers.py:4)", "accept_code()", "generate()")


def test_a_global_and_a_constant_of_a_module_changed(project: Project) -> None:
    project.edit("script.py", "FACTOR = 2", "FACTOR = 3")
    _, warnings = project.run()
    only(warnings, "CodeChangedWarning", "FACTOR (script.py)")
    project.edit("script.py", "FACTOR = 3", "FACTOR = 2")
    assert project.run()[1] == []
    project.edit("helpers.py", '["a", "b"]', '["a", "b", "c"]')
    _, warnings = project.run()
    only(warnings, "CodeChangedWarning", "helpers.COLUMNS")


def test_the_body_of_a_step_changed(project: Project) -> None:
    project.edit("script.py", "+ n +", "- n +")
    _, warnings = project.run()
    only(warnings, "CodeChangedWarning", "total", "script.py:")


def test_what_is_no_change_says_nothing(project: Project) -> None:
    project.edit("helpers.py", "# Values below zero are errors.", '"""Drops errors."""\n    # Really.')
    project.edit("helpers.py", "    return values\n", "    return list(values)\n")
    project.edit("helpers.py", "for value in values if value >= 0", "for value in values\n            if value >= 0")
    project.edit("script.py", "values, n: int = 1) -> float", "values: list, n: 'int' = 1)")
    assert project.run() == ("total is 9.0\ncounted 3\n", []), project.error


def test_accepted_code_is_silent_and_so_is_the_earlier_one(project: Project) -> None:
    project.edit("helpers.py", "value >= 0", "not value < 0")
    assert len(project.run()[1]) == 1
    project.run(
        code="""
        import script
        loaded = script.LoadP("data", script.LoadParams(script.Path("points.csv")), None)
        script.total("data", loaded).accept_code()
    """
    )
    assert project.run() == ("total is 9.0\ncounted 3\n", []), project.error
    project.edit("helpers.py", "not value < 0", "value >= 0")
    assert project.run() == ("total is 9.0\ncounted 3\n", []), project.error


def test_code_in_the_key_gives_each_branch_its_own_artifact(project: Project) -> None:
    environment = {"PERSISTABLE_CODE_CHANGE": "key"}
    assert "total generates" in project.run(**environment)[0]
    assert "generates" not in project.run(**environment)[0]
    project.edit("helpers.py", "value >= 0", "value > 1")
    out, warnings = project.run(**environment)
    assert ("total is 7.0" in out, "LoadP generates" in out, warnings) == (True, False, []), project.error
    project.edit("helpers.py", "value > 1", "value >= 0")
    out, warnings = project.run(**environment)
    assert (out, warnings) == ("total is 9.0\ncounted 3\n", []), project.error


def test_a_refusal_and_a_ci_stop_the_program(project: Project) -> None:
    project.edit("script.py", "+ n +", "- n +")
    out, errors = project.run(PERSISTABLE_CODE_CHANGE="refuse")
    assert (out, "OutdatedPayloadError" in errors[-1]) == ("", True), project.error
    out, errors = project.run(
        code="""
        import warnings
        from persistable.exceptions import StalePayloadWarning
        warnings.simplefilter("error", StalePayloadWarning)
        import runpy
        runpy.run_path("script.py", run_name="__main__")
    """
    )
    assert (out, "CodeChangedWarning" in errors[-1]) == ("", True), project.error


def test_a_dependency_was_generated_anew(project: Project) -> None:
    project.write("points.csv", "5\n")
    project.run(
        code="""
        import script
        script.LoadP("data", script.LoadParams(script.Path("points.csv")), None).generate()
    """
    )
    _, warnings = project.run()
    only(warnings, "DependencyChangedWarning", "total(", "load_p(", "accept_dependencies()")


def test_a_dependency_was_forgotten(project: Project) -> None:
    project.edit(
        "script.py",
        "def total(values, n: int = 1) -> float:\n",
        "def total(values, n: int = 1) -> float:\n"
        "    values = [*values, *LoadP('data', LoadParams(Path('more.csv')), None).payload]\n",
    )
    project.write("more.csv", "7\n")
    _, warnings = project.run(
        code="""
        import script
        loaded = script.LoadP("data", script.LoadParams(script.Path("points.csv")), None)
        script.total("data", loaded).generate()
    """
    )
    only(warnings, "UndeclaredDependencyWarning", "total(", "load_p(")


def test_a_return_was_forgotten(project: Project) -> None:
    project.edit("script.py", "    return len(file.read_text().split())", "    len(file.read_text().split())")
    project.write("points.csv", "9\n")
    _, warnings = project.run()
    told = [warning for warning in warnings if "None" in warning]
    only(told, "NonePayloadWarning", "counted", "return", "script.py:")


def test_two_functions_of_one_name(project: Project) -> None:
    project.edit(
        "script.py",
        "if __name__",
        """first = counted


@step
def counted(file: InputFile) -> int:
    return -1


if __name__""",
    )
    _, errors = project.run(
        code="""
        import script
        file = script.InputFile("points.csv")
        print(script.first("data", file).payload)
        print(script.counted("data", file).payload)
    """
    )
    assert "ConflictingStepsError" in errors[-1] and errors[-1].count("script.counted (script.py:") == 2, project.error


NOTEBOOK = """
    import linecache, sys
    import persistable

    def run_cell(number, text):
        name = f"<ipython-input-{number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        exec(compile(text, name, "exec"), globals())

    run_cell(1, "from persistable import step\\ndef scale(x):\\n    return 2 * x\\n")
    run_cell(2, "@step\\ndef scaled(n: int) -> int:\\n    return scale(n)\\n")
    print(scaled("data", 3).payload)
    run_cell(3, "def scale(x):\\n    return 3 * x\\n")
    print(scaled("data", 3).payload)
    run_cell(4, "@step\\ndef scaled(n: int) -> int:\\n    return -scale(n)\\n")
    print(scaled("data", 3).payload)
    scaled("data", 3).generate()
    kept = scaled("data", 3)
    print(kept.payload)
    run_cell(5, "def scale(x):\\n    return 4 * x\\n")
    print(kept.payload)
"""


def test_a_cell_of_a_notebook_was_edited_and_run_again(tmp_path: Path) -> None:
    project = Project(tmp_path)
    out, warnings = project.run(code=NOTEBOOK)
    assert out.split() == ["6", "6", "6", "-9", "-9"], project.error
    # The last one is of a payload that is in memory.
    told = ["scale" in warning and "CodeChangedWarning" in warning for warning in warnings]
    assert told == [True, True, True], project.error


def test_what_changed_upstream_is_told_when_only_the_last_step_is_asked_for(project: Project) -> None:
    project.edit("script.py", 'loaded = LoadP("data"', 'report("data", total("data", LoadP("data"')
    project.edit(
        "script.py", 'LoadParams(Path("points.csv")), None)\n', 'LoadParams(Path("points.csv")), None))).payload\n'
    )
    project.edit("script.py", '    print("total is", total("data", loaded).payload)\n', "")
    project.edit(
        "script.py",
        "@step\ndef counted",
        "@step\ndef report(total) -> str:\n    return str(total)\n\n\n@step\ndef counted",
    )
    assert project.run()[1] == []
    project.edit("helpers.py", "value >= 0", "value > 1")
    out, warnings = project.run()
    assert out == "counted 3\n"
    only(warnings, "CodeChangedWarning", "total(", "helpers.clean (helpers.py:4)", "report(", "was made from it")
    _, errors = project.run(PERSISTABLE_CODE_CHANGE="refuse")
    assert "OutdatedPayloadError" in errors[-1], project.error
    project.edit("helpers.py", "value > 1", "value >= 0")
    project.write("points.csv", "1\n2\n")
    _, warnings = project.run()
    only(warnings, "InputChangedWarning", "load_p(", "points.csv (path)", "was made from it")
