"""Removing, labelling and verifying artifacts from a catalogue."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from catalogue_support import points, sweep

from persistable import Catalogue
from persistable.exceptions import FilterError


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return sweep(tmp_path / "data")


def test_a_plan_removes_nothing_before_it_is_applied(catalogue: Catalogue, tmp_path: Path) -> None:
    plan = catalogue.filter("n == 100").rm()
    assert [planned.name for planned in plan.artifacts] == ["points"]
    assert plan.freed_bytes > 0
    assert "apply() removes 1 artifact" in repr(plan)
    assert "would be removed" in plan._repr_html_()
    assert len(catalogue) == 6
    told: list[tuple[int, int]] = []
    removal = plan.apply(progress=lambda done, all_: told.append((done, all_)))
    assert len(removal.removed) == 1
    assert told == [(1, 1)]
    assert len(catalogue) == 5
    assert points(tmp_path / "data", n=100) not in catalogue
    assert "gone already" in repr(plan.apply())


def test_what_is_pinned_stays(catalogue: Catalogue) -> None:
    part = catalogue.filter("n == 100")
    part.pin("for the paper")
    plan = catalogue.filter(step="points").rm()
    assert [planned.name for planned in plan.artifacts] == ["points"]
    assert plan.pinned == (part[0].short,)
    assert "because pinned" in repr(plan)
    plan.apply()
    assert part[0].is_pinned
    assert part[0].labels["pinned"] == "for the paper"
    part.unpin()
    assert len(part.rm()) == 1


def test_a_plan_says_what_stays_but_was_made_from_what_goes(catalogue: Catalogue) -> None:
    plan = catalogue.filter(step="points").rm()
    assert plan.orphaned == len(catalogue.filter(step="spread"))
    assert "that stay were made from these" in repr(plan)


def test_many_are_labelled_and_the_store_is_looked_at_once(catalogue: Catalogue) -> None:
    looks = []
    core = catalogue._asking.core

    class Counted:
        def __getattr__(self, name: str) -> object:
            if name == "refresh":
                looks.append(name)
            return getattr(core, name)

    catalogue._asking.core = Counted()
    catalogue.tag("best")
    assert len(catalogue.filter(".tag == 'best'")) == 6
    assert len(looks) == 1


def test_a_step_is_given_by_its_function_and_a_wrong_comparison_is_told(catalogue: Catalogue) -> None:
    assert len(catalogue.filter(step=points)) == 2
    with pytest.raises(TypeError, match="a step function"):
        catalogue.filter(step=3)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="n is an int, such as"):
        assert len(catalogue.filter("n == '10'")) == 0
    with pytest.raises(ValueError, match="less than 0"):
        catalogue.gc(max_size=-1)
    catalogue[0].pin()
    assert repr(catalogue[0]).endswith("pinned>")


def test_payloads_without_a_manifest_are_told(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.status().strays == ()
    entry = catalogue[0]
    (tmp_path / "data" / f"{entry.stem}.manifest.json").unlink()
    found = catalogue.status()
    assert found.strays == (f"{entry.stem}.json",)
    assert "1 payload without a manifest" in str(found)


def test_a_tag_needs_a_text(catalogue: Catalogue) -> None:
    with pytest.raises(FilterError, match="needs a text"):
        catalogue[0].tag("")


def test_too_much_is_removed_by_size_and_by_age(catalogue: Catalogue) -> None:
    total = sum(usage.size_bytes for usage in catalogue.du())
    assert len(catalogue.gc(max_size=total)) == 0
    plan = catalogue.gc(max_size=total - 1)
    assert len(plan) == 1
    assert "nothing to remove" in repr(catalogue.gc(max_size="10 GB"))
    assert len(catalogue.gc(older_than="30d")) == 0
    assert len(catalogue.gc(older_than=timedelta(0))) in range(7)
    with pytest.raises(TypeError, match="max_size"):
        catalogue.gc()
    with pytest.raises(FilterError, match="30d"):
        catalogue.gc(older_than="soon")
    with pytest.raises(FilterError, match="10GB"):
        catalogue.gc(max_size="30d")


def test_one_entry_is_removed_alone(catalogue: Catalogue) -> None:
    entry = catalogue.filter("n == 10")[0]
    assert [planned.key for planned in entry.rm().artifacts] == [entry.key]
    entry.rm().apply()
    assert entry.short not in catalogue


def test_tags_and_notes_are_for_people_and_for_filters(catalogue: Catalogue) -> None:
    entry = catalogue.filter("n == 10")[0]
    entry.tag("best", "paper")
    entry.note("see the log book")
    assert entry.tags == {"best", "paper"}
    assert [found.key for found in catalogue.filter('.tag == "best"')] == [entry.key]
    entry.untag("best")
    assert catalogue[entry.key].tags == {"paper"}
    assert entry.labels["note"] == "see the log book"
    entry.note(None)
    assert "note" not in entry.labels
    assert "paper" in repr(catalogue)


def test_damage_is_found_and_put_into_quarantine(catalogue: Catalogue, tmp_path: Path) -> None:
    made = points(tmp_path / "data", n=100)
    told: list[tuple[int, int]] = []
    assert catalogue.verify(progress=lambda done, all_: told.append((done, all_))).is_whole
    assert told[-1] == (6, 6)
    file = next((tmp_path / "data").glob(f"points({made.persist_hash})*.json"), None)
    payload = catalogue[made].manifest["payload"]["file"]
    assert file is not None
    (tmp_path / "data" / payload).write_bytes(b"[1, 2, 3]")
    found = catalogue.verify()
    assert not found.is_whole
    assert list(found.damaged) == [f"points({made.persist_hash})"]
    assert "1 damaged" in repr(found)
    assert catalogue.verify(repair=True).repaired == (f"points({made.persist_hash})",)
    assert catalogue.verify().is_whole
    assert made.payload == list(range(100))


def test_status_tells_what_is_stale_and_what_was_made_from_what_is_gone(catalogue: Catalogue, tmp_path: Path) -> None:
    assert [step.name for step in catalogue.status().steps] == ["points", "spread"]
    assert catalogue.status().findings == ()
    points(tmp_path / "data", n=100).remove()
    found = catalogue.status(inputs=False)
    assert {finding.issues for finding in found.findings} == {("dependency_gone",)}
    assert len(found.findings) == 2
    assert found.steps[1].orphaned == 2
    assert "which is gone" in repr(found)
    assert "2 need a look" in found._repr_html_()


def test_what_is_unused_or_stale_is_removed(catalogue: Catalogue) -> None:
    assert len(catalogue.gc(unused_for="90d")) == 0
    assert len(catalogue.gc(stale=True)) == 0
