"""`audit()`: a sample is generated again, and all artifacts are compared with what their dependencies are now."""

from __future__ import annotations

import datetime
import json
import time
from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

import persistable
from persistable import step

PAYLOADS = {"counter": 0}


@step
def counter(n: int) -> int:
    """Gives another payload each time."""
    PAYLOADS["counter"] += 1
    return PAYLOADS["counter"]


@step
def doubled(number: Any) -> Any:
    return number * 2


@step
def kept(number: Any) -> str:
    return type(number).__name__


@step
def timed(n: int) -> int:
    return n


@step
def ordered(n: int) -> list[str]:
    return list({f"word {number}" for number in range(n)})


@step
def failing(n: int) -> int:
    import os

    if "PERSISTABLE_REPRODUCING" in os.environ:
        raise RuntimeError("not here")
    return n


def set_seconds(monkeypatch: pytest.MonkeyPatch, of_step: dict[int, float]) -> None:
    """Makes the manifests say how long the generations of `timed` took."""
    from persistable import _core

    manifest = _core.manifest

    def told(step: Any) -> Any:
        text = manifest(step)
        if text is None or step.payload_name != "timed":
            return text
        changed = json.loads(text)
        changed["provenance"]["generation_seconds"] = of_step[step.params["n"]]
        return json.dumps(changed)

    monkeypatch.setattr(_core, "manifest", told)


def persisted(folder: Path, count: int) -> list[Any]:
    steps = [timed(folder, n=number) for number in range(count)]
    for each in steps:
        each.generate()
    return steps


def verdicts(audit: Any) -> dict[str, str]:
    return {each.step: each.verdict for each in audit.steps}


def test_steps_and_all_below_are_audited(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    above = doubled(tmp_path, number)
    above.generate()
    audit = persistable.audit(above, sample=1)
    assert audit.counts == {"identical": 2}
    assert audit.is_clean
    assert {each.step.partition("(")[0] for each in audit.steps} == {"number_p", "doubled"}
    assert str(audit).splitlines()[-2:] == [
        "2 steps: 2 identical",
        "as far as is recorded, all were made from the present payloads of their dependencies",
    ]


def test_what_differs_or_fails_is_a_line_of_the_report(tmp_path: Path) -> None:
    steps = [ordered(tmp_path, n=50), failing(tmp_path, n=1)]
    for each in steps:
        each.generate()
    audit = persistable.audit(steps, sample=1)
    assert audit.counts == {"different": 1, "failed": 1}
    assert not audit.is_clean
    by_verdict = {each.verdict: each for each in audit.steps}
    assert "word" in by_verdict["different"].why
    assert "RuntimeError: not here" in by_verdict["failed"].why


def test_the_cheapest_are_taken_and_at_least_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = persisted(tmp_path, 4)
    set_seconds(monkeypatch, {0: 40.0, 1: 10.0, 2: 30.0, 3: 20.0})
    audit = persistable.audit(steps, sample=0.01)
    assert [each.step for each in audit.steps if each.verdict == "identical"] == [f"timed({steps[1].persist_hash})"]
    assert audit.counts["skipped"] == 3
    assert {each.why for each in audit.steps if each.verdict == "skipped"} == {"not in the sample"}


def test_the_budget_leaves_out_what_took_too_long_but_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = persisted(tmp_path, 2)
    set_seconds(monkeypatch, {0: 5000.0, 1: 6000.0})
    audit = persistable.audit(steps, sample=1, budget="1m")
    assert [(each.verdict, each.why) for each in audit.steps] == [("identical", ""), ("skipped", "over the budget")]


@pytest.mark.parametrize("budget", ["2h", 7200, "1h 60m", datetime.timedelta(hours=2), None])
def test_a_budget_is_a_text_or_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: Any) -> None:
    steps = persisted(tmp_path, 2)
    set_seconds(monkeypatch, {0: 0.1, 1: 7000.0})
    assert persistable.audit(steps, sample=1, budget=budget).counts == {"identical": 2}


@pytest.mark.parametrize("wrong", [{"budget": "soon"}, {"budget": "10"}, {"sample": 0}, {"sample": 1.5}])
def test_what_makes_no_sense_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        persistable.audit([], **wrong)


def test_a_seed_draws_the_same_sample_each_time(tmp_path: Path) -> None:
    steps = persisted(tmp_path, 12)
    first, second = (verdicts(persistable.audit(steps, sample=0.1, seed=7)) for _ in range(2))
    assert first == second


def test_what_is_not_persisted_is_skipped(tmp_path: Path) -> None:
    audit = persistable.audit([timed(tmp_path, n=1)])
    assert [(each.verdict, each.why) for each in audit.steps] == [("skipped", "not persisted")]
    assert persistable.audit([]).steps == ()


def test_another_payload_below_is_found_all_the_way_up(tmp_path: Path) -> None:
    bottom = counter(tmp_path, n=1)
    middle = kept(tmp_path, bottom)
    top = doubled(tmp_path, middle)
    top.generate()
    assert persistable.audit(tmp_path).changed_dependencies == ()
    bottom.generate()
    for audited in (tmp_path, str(tmp_path)):
        found = persistable.audit(audited)
        assert not found.is_clean
        maker, cause = f"kept({middle.persist_hash})", f"counter({bottom.persist_hash})"
        assert sorted(found.changed_dependencies) == sorted(
            [(maker, maker, cause), (f"doubled({top.persist_hash})", maker, cause)]
        )
        assert {each.verdict for each in found.steps} == {"skipped"}
    assert str(found).splitlines()[-2:] == [
        f"{cause} was generated again. Stale because of it: kept, doubled",
        "3 steps: 3 skipped; 2 of them stale",
    ]
    assert found.stale == (maker, f"doubled({top.persist_hash})")

    # `kept` gives the same payload again, so that what depends on it is as good as before.
    middle.generate()
    assert persistable.audit(tmp_path).changed_dependencies == ()


def test_steps_tell_of_another_payload_in_another_data_folder(tmp_path: Path) -> None:
    bottom = counter(tmp_path / "a", n=1)
    top = doubled(tmp_path / "b", bottom)
    top.generate()
    bottom.generate()
    audit = persistable.audit(top, sample=0.01)
    assert [each.step for each in audit.changed_dependencies] == [f"doubled({top.persist_hash})"]


def test_what_was_accepted_is_no_change(tmp_path: Path) -> None:
    bottom = counter(tmp_path, n=1)
    middle = kept(tmp_path, bottom)
    middle.generate()
    bottom.generate()
    middle.accept_dependencies()
    assert persistable.audit(tmp_path).changed_dependencies == ()


def test_steps_of_one_name_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    bottom = counter(tmp_path, n=1)
    above = [kept(tmp_path, bottom), kept(tmp_path, [bottom, bottom])]
    for each in above:
        each.generate()
    bottom.generate()
    (line,) = [line for line in str(persistable.audit(above)).splitlines() if "generated again" in line]
    assert all(each.persist_hash in line for each in above)


def test_skipped_steps_are_one_line_for_each_reason(tmp_path: Path) -> None:
    persisted(tmp_path, 8)
    (line,) = [line for line in str(persistable.audit(tmp_path)).splitlines() if line.startswith("skipped")]
    assert line.startswith("skipped, a data folder has no code: timed(")
    assert line.endswith(", and 3 more")


def test_a_report_shows_as_text_at_the_prompt_and_as_a_table_in_a_notebook(tmp_path: Path) -> None:
    bottom = counter(tmp_path, n=1)
    kept(tmp_path, bottom).generate()
    bottom.generate()
    found = persistable.audit(tmp_path)
    assert repr(found) == str(found)
    assert repr(found.steps[0]) == str(found.steps[0])
    html = found._repr_html_()
    assert html.startswith("<table><caption>2 steps: 2 skipped; 1 of them stale</caption>")
    assert "was generated again" in html
    assert "stale because of it: kept" in html


def test_a_data_folder_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"there is no data folder {tmp_path}/nodir: correct the path"):
        persistable.audit("nodir")
    assert not Path("nodir").exists()
    Path("file").touch()
    with pytest.raises(NotADirectoryError, match="file is not a folder"):
        persistable.audit("file")
    Path("empty").mkdir()
    assert str(persistable.audit("empty")) == "no steps"


@pytest.mark.parametrize("steps", [timed, [timed], NumberP, [NumberP]])
def test_what_makes_steps_is_not_a_step(steps: Any) -> None:
    with pytest.raises(TypeError, match="makes steps: call it with a data folder first"):
        persistable.audit(steps)
    with pytest.raises(TypeError, match="not an object of type int"):
        persistable.audit(5)  # type: ignore[arg-type]


def test_manifests_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    persisted(tmp_path, 1)
    (tmp_path / "x(0).manifest.json").write_text("{")
    (tmp_path / "y(0).manifest.json").write_text("[]")
    (tmp_path / "z(0).manifest.json").write_text('{"dependencies": [{}]}')
    assert len(persistable.audit(tmp_path).steps) == 1


def test_it_is_a_frame(tmp_path: Path) -> None:
    steps = persisted(tmp_path, 2)
    begin = time.monotonic()
    frame = persistable.audit(steps, sample=0.5).to_frame()
    assert list(frame["verdict"]) == ["identical", "skipped"]
    assert 0 <= frame["seconds"][0] <= time.monotonic() - begin
    assert frame["largest_absolute_error"][0] == 0
