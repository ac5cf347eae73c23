"""Exporting, importing, the log, and what persistable 1.x left, from a catalogue."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from adoption_support import PLAIN, left
from catalogue_support import points, spread, sweep

from persistable import Catalogue
from persistable.exceptions import UnavailableError


def test_what_is_exported_is_imported_with_what_it_was_made_from(tmp_path: Path) -> None:
    catalogue = sweep(tmp_path / "data")
    file = tmp_path / "spread.zip"
    told: list[tuple[int, int]] = []
    exported = catalogue.filter("threshold == 2 and points.n == 10").export(
        file, progress=lambda done, all_: told.append((done, all_))
    )
    assert sorted(stem.split("(")[0] for stem in exported.artifacts) == ["points", "spread"]
    assert told[-1][0] == told[-1][1] == exported.size_bytes
    assert (exported.file, exported.missing, exported.failed) == (file, (), {})
    assert str(exported).startswith("2 artifacts in ")
    assert "ro-crate-metadata.json" in zipfile.ZipFile(file).namelist()

    (tmp_path / "received").mkdir()
    received = Catalogue(tmp_path / "received")
    imported = received.import_(file)
    assert sorted(imported.copied) == sorted(exported.artifacts)
    assert imported.copied_bytes == exported.size_bytes
    assert len(received) == 2
    made = spread(tmp_path / "received", points=points(tmp_path / "received", n=10), threshold=2.0)
    made.load()
    assert made.payload == 4.5
    again = received.import_(file)
    assert (again.copied, sorted(again.present)) == ((), sorted(exported.artifacts))
    assert "2 there already" in repr(again)


def test_what_is_not_such_a_file_is_refused(tmp_path: Path) -> None:
    catalogue = sweep(tmp_path / "data")
    with pytest.raises(UnavailableError, match=r"no\.zip"):
        catalogue.import_(tmp_path / "no.zip")
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(UnavailableError, match=r"text\.zip"):
        catalogue.import_(tmp_path / "text.zip")
    with pytest.raises(UnavailableError, match="missing"):
        catalogue.export(tmp_path / "missing" / "all.zip")


def test_what_progress_raises_ends_an_export_and_leaves_no_file(tmp_path: Path) -> None:
    catalogue = sweep(tmp_path / "data")

    def stop(done: int, all_: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        catalogue.export(tmp_path / "all.zip", progress=stop)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".zip")]


def test_the_log_tells_what_happened(tmp_path: Path) -> None:
    catalogue = sweep(tmp_path / "data")
    log = catalogue.log(limit=1000)
    assert {entry.name for entry in log} == {"points", "spread"}
    assert sorted(log, key=lambda entry: entry.at) == list(log)
    generated = catalogue.filter(step="points").log(text="generated")
    assert [(entry.name, entry.what, entry.level) for entry in generated] == [("points", "generated", "info")] * 2
    made = points(tmp_path / "data", n=10)
    of_one = catalogue.log(key=made, limit=1000)
    assert {entry.key for entry in of_one} == {made.persist_hash}
    assert len(catalogue.log(limit=3)) == 3
    assert catalogue.log(level="error") == []
    assert repr(catalogue.log(level="error")) == "the log has no such entry"
    assert catalogue.log(since=timedelta(hours=1), limit=1000) == log
    assert "generated in" in repr(log)
    assert "generated in" in log._repr_html_()
    with pytest.raises(ValueError, match="warning"):
        catalogue.log(level="loud")


def test_what_persistable_1_left_is_listed_with_what_can_be_done(tmp_path: Path) -> None:
    catalogue = sweep(tmp_path / "data")
    assert list(catalogue.adopt()) == []
    assert repr(catalogue.adopt()) == "persistable 1.x left nothing here"
    path = left(tmp_path / "data", PLAIN)
    path.with_suffix(".params.json").write_text(json.dumps(PLAIN))
    found = catalogue.adopt()
    assert [(each.name, each.file, each.size_bytes) for each in found] == [("value", path, path.stat().st_size)]
    assert found[0].is_certain
    assert found[0].advice in {"load", "distrusted"}
    assert found[0].reason in repr(found)
    assert "value" in found._repr_html_()
