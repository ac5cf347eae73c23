"""`persistable.Catalogue` lists, filters and finds what is in a store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from catalogue_support import points, spread, sweep

from persistable import Catalogue, Store, step
from persistable.exceptions import FilterError, NoArtifactError, UnavailableError
from persistable.io import FileIO, JsonFileIO, ZstdFileIO


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return sweep(tmp_path / "data")


def test_all_artifacts_are_listed_with_their_params(catalogue: Catalogue) -> None:
    assert len(catalogue) == 6
    assert catalogue.steps == ["points", "spread"]
    found = {(entry.name, *(entry.params[name] for name in sorted(entry.params))) for entry in catalogue}
    assert ("points", 10, 0) in found
    assert ("spread", 100, 0, 1.0) in found
    entry = next(entry for entry in catalogue if entry.name == "spread")
    assert sorted(entry.params) == ["points.n", "points.seed", "threshold"]
    assert entry.state == "whole"
    assert entry.size_bytes is not None
    assert entry.persisted_at is not None
    assert entry.persisted_at.tzinfo is not None
    assert entry.generation_seconds is not None


def test_filters_select_by_params_of_the_whole_tree(catalogue: Catalogue) -> None:
    assert {entry.params["n"] for entry in catalogue.filter("n > 10")} == {100}
    assert len(catalogue.filter("points.n == 100 and threshold < 2")) == 1
    assert len(catalogue.filter("points.n == 100").filter("threshold < 2")) == 1
    assert len(catalogue.filter(step="points")) == 2
    assert len(catalogue.filter(".size >= 0", step="spread")) == 4
    assert len(catalogue) == 6


def test_a_wrong_filter_is_refused_at_once_and_says_what_may_be_meant(catalogue: Catalogue) -> None:
    with pytest.raises(FilterError, match=r"Did you mean threshold\?"):
        catalogue.filter("treshold > 1")
    with pytest.raises(FilterError, match=r"n > and"):
        catalogue.filter("n > and seed == 1")
    with pytest.raises(NoArtifactError, match=r"Did you mean points\?"):
        catalogue.filter(step="pints")
    assert issubclass(FilterError, ValueError)
    assert issubclass(NoArtifactError, LookupError)


def test_an_artifact_is_found_by_its_key_its_step_and_its_place(catalogue: Catalogue, tmp_path: Path) -> None:
    wanted = points(tmp_path / "data", n=100)
    entry = catalogue[wanted]
    assert entry.params == {"n": 100, "seed": 0}
    assert catalogue[entry.short] == entry
    assert catalogue[entry.key] == entry
    assert wanted in catalogue
    assert entry.short in catalogue
    assert points(tmp_path / "data", n=5) not in catalogue
    listed = list(catalogue)
    assert [catalogue[0], catalogue[-1]] == [listed[0], listed[-1]]
    assert catalogue[1:3] == listed[1:3]
    with pytest.raises(IndexError):
        catalogue[6]
    with pytest.raises(NoArtifactError):
        catalogue.filter("n == 10")[wanted]
    with pytest.raises(TypeError, match="first digits of a key"):
        catalogue.diff(3.5, entry)  # type: ignore[arg-type]


def test_an_entry_loads_its_payload_without_its_step(catalogue: Catalogue) -> None:
    assert catalogue.filter("n == 10")[0].load() == list(range(10))
    assert catalogue.filter("points.n == 100 and threshold == 2")[0].load() == 49.5


def test_an_entry_loads_what_each_payload_io_wrote(tmp_path: Path) -> None:
    class Lines(FileIO["list[str]"]):
        def _save(self, payload: list[str], filepath: Path, **kwargs: object) -> None:
            filepath.write_text("\n".join(payload))

        def _load(self, filepath: Path, **kwargs: object) -> list[str]:
            return filepath.read_text().split("\n")

    store = Store(tmp_path / "data")

    @store.step
    def pickled() -> dict[str, int]:
        return {"a": 1}

    @store.step(payload_io=ZstdFileIO(JsonFileIO()))
    def compressed() -> list[int]:
        return [1, 2]

    @store.step(payload_io=Lines())
    def lines() -> list[str]:
        return ["a", "b"]

    for made in (pickled(), compressed(), lines()):
        made.load_generate()
    catalogue = Catalogue(store)
    assert catalogue.filter(step="pickled")[0].load() == {"a": 1}
    assert catalogue.filter(step="compressed")[0].load() == [1, 2]
    with pytest.raises(TypeError, match="payload_io"):
        catalogue.filter(step="lines")[0].load()
    assert catalogue.filter(step="lines")[0].load(payload_io=Lines()) == ["a", "b"]


def test_what_changes_in_a_folder_is_seen_at_once(catalogue: Catalogue, tmp_path: Path) -> None:
    part = catalogue.filter(step="points")
    points(tmp_path / "data", n=7).load_generate()
    assert len(part) == 3
    points(tmp_path / "data", n=7).remove()
    assert len(part) == 2


def test_sorting_is_by_a_param_or_a_fact(catalogue: Catalogue) -> None:
    by_n = catalogue.filter(step="points").sort("n")
    assert [entry.params["n"] for entry in by_n] == [10, 100]
    assert [entry.params["n"] for entry in by_n.sort("n", descending=True)] == [100, 10]
    with pytest.raises(FilterError):
        catalogue.sort("nothing_of_this_name")


def test_stores_of_each_form_have_a_catalogue(tmp_path: Path) -> None:
    sweep(tmp_path / "data")
    for store in (tmp_path / "data", str(tmp_path / "data"), Store(tmp_path / "data")):
        assert len(Catalogue(store)) == 6
    memory = Store("memory://catalogue")
    points(memory, n=3).load_generate()
    in_memory = Catalogue("memory://catalogue")
    assert [entry.load() for entry in in_memory] == [[0, 1, 2]]
    with pytest.raises(UnavailableError, match="there is no folder"):
        Catalogue(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_the_index_is_where_it_is_asked_for_and_never_in_the_store(tmp_path: Path) -> None:
    sweep(tmp_path / "data")
    before = sorted((tmp_path / "data").iterdir())
    assert len(Catalogue(tmp_path / "data", index=tmp_path / "index")) == 6
    assert list((tmp_path / "index").glob("index-*.sqlite"))
    assert len(Catalogue(tmp_path / "data", index=False)) == 6
    assert sorted((tmp_path / "data").iterdir()) == before


def test_threads_and_forked_children_ask_the_same_catalogue(catalogue: Catalogue) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda _: len(catalogue.filter("n >= 10")), range(40))) == {2}
    child = os.fork()
    if child == 0:
        os._exit(0 if len(catalogue) == 6 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(catalogue) == 6


def test_a_catalogue_shows_what_varies(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = repr(catalogue)
    assert "threshold" in shown
    assert "points.n" in shown
    assert "seed" not in shown
    assert shown.splitlines()[-1].startswith("6 artifacts of ")
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, repr(catalogue).splitlines()[:-1])) <= 42
    assert "<th>threshold</th>" in catalogue._repr_html_()
    assert repr(catalogue.filter("n > 1e9")).startswith("0 artifacts")


def test_what_a_param_holds_cannot_steer_a_terminal_or_a_page(tmp_path: Path) -> None:
    @step(payload_io=JsonFileIO())
    def named(name: str) -> int:
        return 1

    named(tmp_path / "data", name="\x1b[2J<script>").load_generate()
    named(tmp_path / "data", name="b").load_generate()
    catalogue = Catalogue(tmp_path / "data")
    assert "\x1b" not in repr(catalogue)
    assert "<script>" not in catalogue._repr_html_()
    assert "\x1b" not in repr(list(catalogue))
    assert "<script>" not in catalogue[0]._repr_html_() + catalogue[1]._repr_html_()


def test_lineage_is_a_tree_in_both_directions(catalogue: Catalogue, tmp_path: Path) -> None:
    made = points(tmp_path / "data", n=100)
    below = catalogue.lineage(spread(tmp_path / "data", points=made, threshold=1.0))
    assert [node.name for node in below.next] == ["points"]
    above = catalogue[made].lineage(up=True)
    assert sorted(node.name for node in above.next) == ["spread", "spread"]
    assert str(above).splitlines()[1].startswith("├─ spread ")
    made.remove()
    assert "not there" in str(below) or "removed" in str(catalogue.lineage(below.short))


def test_space_is_counted_by_step_and_by_param(catalogue: Catalogue) -> None:
    by_step = catalogue.du()
    assert {usage.name: usage.artifacts for usage in by_step} == {"points": 2, "spread": 4}
    by_n = catalogue.filter(step="points").du("n")
    assert [(usage.param, usage.value) for usage in by_n] == [("n", 100), ("n", 10)]
    assert "n = 100" in repr(by_n)
    assert {usage.param for usage in catalogue.du(by=True)} == {"n", "threshold", "points.n"}
    assert "points" in by_step._repr_html_()
