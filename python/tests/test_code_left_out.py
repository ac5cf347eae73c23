"""A step leaves names out of the record of its code."""

from __future__ import annotations

from pathlib import Path

import pytest
from code_support import MODES, Workplace, names_of, sources_of

CODE = """
import helpers
DEBUG = 1
N = 1
def log(): return BELOW
BELOW = 1
class Plot:
    color = 1
    def draw(self): return self.color
def used(): return N
@step(code_untracked=["DEBUG", "log", "Plot", "helpers.START", "no_such_name"])
def fit(): return DEBUG, log(), Plot().draw(), used(), helpers.START
# --- helpers.py
START = 1
"""


@pytest.mark.parametrize("mode", MODES)
def test_names_and_what_only_they_use_are_left_out(tmp_path: Path, mode: str) -> None:
    code = Workplace(tmp_path, mode).run(sources_of(CODE))
    assert names_of(code.items()) == {"fit", "used", "N"}
    assert "DEBUG: left out by code_untracked" in code.record.unseen


def test_what_is_left_out_may_change_in_a_process(tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    before = place.run(sources_of(CODE))
    place.namespace["DEBUG"] = 2
    place.namespace["log"] = lambda: 3
    assert place.record().changes_since(before) == []
    assert place.record().key_digest() == before.key_digest()


def test_what_others_use_too_stays(tmp_path: Path) -> None:
    code = CODE.replace("def used(): return N", "def used(): return N, BELOW")
    assert "BELOW" in names_of(Workplace(tmp_path, "module").run(sources_of(code)).items())


@pytest.mark.parametrize("name", ["DEBUG", "FitP.DEBUG", "FitP.show"])
def test_a_class_leaves_out_names(tmp_path: Path, name: str) -> None:
    code = """
DEBUG = 1
class FitP(Persistable):
    code_untracked = %s
    DEBUG = 2
    def show(self): return 1
    def _generate_payload(self): return DEBUG, self.DEBUG, self.show()
"""
    everything = names_of(Workplace(tmp_path, "module").run(sources_of(code % "()")).items())
    less = names_of(Workplace(tmp_path, "module").run(sources_of(code % f"[{name!r}]")).items())
    assert everything - less == {name}


def test_the_step_itself_stays(tmp_path: Path) -> None:
    code = "N = 1\n@step(code_untracked='fit')\ndef fit(): return N\n"
    assert names_of(Workplace(tmp_path, "module").run(sources_of(code)).items()) == {"fit", "N"}
