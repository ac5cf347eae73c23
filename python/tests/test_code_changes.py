"""Whatever a step runs of the user's own code is noticed when it changes, and is told by its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from changes import CHANGES, Change
from code_support import MODES, Workplace, edited, names_of, sources_of


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("change", CHANGES, ids=[change.what.replace(" ", "-") for change in CHANGES])
def test_a_change_is_noticed_and_told_by_its_name(change: Change, mode: str, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, mode)
    before = workplace.run(sources_of(change.code))
    again = workplace.run(sources_of(change.code))
    after = workplace.run(sources_of(edited(change.code, change.old, change.new)))
    assert again.changes_since(before) == []
    assert change.told in names_of(after.changes_since(before))
    assert after.quick() != before.quick()
    assert after.digests()["ast"] != before.digests()["ast"]
    assert again.digests() == before.digests()


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the match statement came with Python 3.10")
def test_a_pattern_that_is_matched_is_noticed(tmp_path: Path) -> None:
    code = "@step\ndef fit():\n    match [1, 2]:\n        case [1, x]: return x\n"
    workplace = Workplace(tmp_path, "module")
    before = workplace.run(sources_of(code))
    after = workplace.run(sources_of(edited(code, "[1, x]", "[x, 2]")))
    assert names_of(after.changes_since(before)) == {"fit"}


def test_a_warning_tells_what_is_newly_used_and_what_is_no_longer(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, "module")
    before = workplace.run(sources_of("def old(): return 1\n@step\ndef fit(): return old()\n"))
    after = workplace.run(sources_of("def new(): return 1\n@step\ndef fit(): return new()\n"))
    told = after.changes_since(before)
    assert sorted(line.split()[0] for line in told if line.endswith(" is newly used")) == ["new"]
    assert sorted(line.split()[0] for line in told if line.endswith(" is no longer used")) == ["old"]
