"""`Store.push` and `Store.pull`."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Callable

import pytest
from decorator_support import points

from persistable import CopyProgress, CopyReport, Store, trust
from persistable.exceptions import UnavailableError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "data")
    for n in (1, 2, 3):
        points(made, n=n).generate()
    return made


def test_push_copies_what_is_missing(store: Store) -> None:
    other = Store(f"memory://{uuid.uuid4().hex}")
    report = store.push(other)
    assert isinstance(report, CopyReport)
    assert len(report.copied) == 3
    assert report.skipped == report.missing == ()
    assert report.copied_bytes > 0
    assert repr(report).startswith("<CopyReport: 3 artifacts copied (")
    points(other, n=2).load()
    again = store.push(other)
    assert (len(again.copied), len(again.skipped)) == (0, 3)


def test_only_what_is_asked_for_is_copied(store: Store) -> None:
    other = Store(f"memory://{uuid.uuid4().hex}")
    step = points(store, n=2)
    report = store.push(other, step)
    assert report.copied == (f"points({step.persist_hash})",)
    assert store.push(other, [step, points(store, n=4)]).missing == (f"points({points(store, n=4).persist_hash})",)


def test_pull_copies_the_other_way_round(store: Store, tmp_path: Path) -> None:
    mine = Store(tmp_path / "mine")
    assert len(mine.pull(store, [points(store, n=1)]).copied) == 1
    points(mine, n=1).load()


@pytest.mark.parametrize("wrong", [points, 3, "points", {"n": 3}, [3]])
def test_what_is_no_step_is_refused_by_the_method_that_was_called(store: Store, tmp_path: Path, wrong: Any) -> None:
    calls: dict[str, Callable[[], object]] = {
        "push": lambda: store.push(tmp_path / "other", wrong),
        "pull": lambda: store.pull(store, wrong),
        "trust": lambda: trust(store, wrong),
    }
    for name, call in calls.items():
        with pytest.raises(TypeError, match=rf"^{name}\(\) takes a step, ") as caught:
            call()
        what = type(wrong[0] if isinstance(wrong, list) else wrong).__qualname__
        assert (what if wrong is not points else "call it with a data folder first") in str(caught.value)


def test_trust_takes_one_step(store: Store) -> None:
    assert trust(store, points(store, n=1), agree=True) == []


def test_progress_is_told(store: Store, tmp_path: Path) -> None:
    told: list[CopyProgress] = []
    store.push(tmp_path / "other", progress=told.append)
    assert told[-1].artifacts_done == told[-1].artifacts == 3
    assert told[-1].bytes_done == told[-1].bytes > 0


def test_what_the_progress_function_raises_ends_the_copying(store: Store, tmp_path: Path) -> None:
    def stop(progress: CopyProgress) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        store.push(tmp_path / "other", progress=stop)
    assert len(store.push(tmp_path / "other").copied) <= 3
    points(tmp_path / "other", n=3).load()


def test_an_artifact_that_cannot_be_copied_is_told_after_the_others(store: Store, tmp_path: Path) -> None:
    damaged = points(store, n=2)
    path = Path(f"{damaged.persist_filepath}{damaged.payload_file_suffix}")
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(Exception, match="could not be copied") as caught:
        store.push(tmp_path / "other")
    report: CopyReport = caught.value.report  # type: ignore[attr-defined]
    assert len(report.copied) == 2
    assert list(report.failed) == [f"points({damaged.persist_hash})"]


def test_a_folder_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="there is no folder"):
        Store(tmp_path / "dta").push(tmp_path / "other")
    assert not (tmp_path / "dta").exists()


def test_what_is_not_a_step_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="takes a step"):
        store.push(tmp_path / "other", [points])  # type: ignore[list-item]


def test_a_place_without_results_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    empty = Store(f"memory://{uuid.uuid4().hex}")
    report = Store(tmp_path / "mine").pull(empty)
    assert (report.copied, report.skipped) == ((), ())
    assert "there is no artifact in memory://" in caplog.text


def test_a_payload_that_was_lost_is_copied_again(store: Store, tmp_path: Path) -> None:
    mine = Store(tmp_path / "mine")
    step = points(mine, n=1)
    mine.pull(store)
    next((tmp_path / "mine").glob(f"points({step.persist_hash}).persistable")).unlink()
    assert len(mine.pull(store).copied) == 1
    step.load()
