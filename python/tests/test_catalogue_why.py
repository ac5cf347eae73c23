"""`why` and `diff` name exactly what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from catalogue_support import points, spread, sweep

from persistable import Catalogue, Persistable, step
from persistable.exceptions import DamagedPayloadError
from persistable.io import JsonFileIO


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return sweep(tmp_path / "data")


def test_why_names_the_nearest_and_what_differs_anywhere_in_the_tree(catalogue: Catalogue, tmp_path: Path) -> None:
    data = tmp_path / "data"
    why = catalogue.why(spread(data, points=points(data, n=100), threshold=2.5))
    assert not why.is_persisted
    assert why.compared == 4
    assert [tuple(each)[:3] for each in why.nearest[0].differences] == [("threshold", "2.0", "2.5")]
    why = catalogue.why(spread(data, points=points(data, n=90), threshold=2.0))
    assert [tuple(each)[:3] for each in why.nearest[0].differences] == [("points.n", "100", "90")]
    assert "points.n  100 → 90" in str(why)
    assert "points.n" in why._repr_html_()


class NamedP(Persistable[int, Any]):
    """A step that names its dependencies."""

    payload_io = JsonFileIO()

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        return 1


def test_why_and_explain_know_a_step_that_names_its_dependencies(tmp_path: Path) -> None:
    def named(scale: int) -> NamedP:
        return NamedP(tmp_path, {"scale": scale}, {"below": points(tmp_path, n=3)})

    named(1).load_generate()
    assert Catalogue(tmp_path).why(named(1)).is_persisted
    why = Catalogue(tmp_path).why(named(2))
    assert why.key.startswith(named(2).persist_hash)
    assert [tuple(each)[:3] for each in why.nearest[0].differences] == [("scale", "1", "2")]
    with pytest.raises(FileNotFoundError, match=r"scale is 1 there and 2 here$"):
        named(2).load()


def test_why_knows_what_is_persisted_and_what_was_removed(catalogue: Catalogue, tmp_path: Path) -> None:
    made = points(tmp_path / "data", n=100)
    assert catalogue.why(made).is_persisted
    catalogue.filter("n == 100").rm().apply()
    why = catalogue.why(made)
    assert [answer["answer"] for answer in why.answers][:1] == ["removed"]
    assert "because it was selected" in str(why)


def test_why_with_a_payload_name_explains_the_newest(catalogue: Catalogue) -> None:
    newest = catalogue.filter(step="points").sort(".persisted", descending=True)[0]
    why = catalogue.why("points")
    assert (why.key, why.is_persisted) == (newest.key, True)


def test_why_tells_that_a_result_was_damaged(catalogue: Catalogue, tmp_path: Path) -> None:
    made = points(tmp_path / "data", n=100)
    (payload,) = (tmp_path / "data").glob(f"{made.persist_filepath.name}.json")
    payload.unlink()
    payload.write_bytes(b"wrong")
    with pytest.raises(DamagedPayloadError):
        made.load()
    assert "was put into quarantine" in str(catalogue.why(made))
    assert "was put into quarantine" in str(catalogue.why("points", "n == 100"))


def test_why_recognises_params_that_evolved_and_values_that_look_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def fit(depth: Any) -> int:
        return 1

    step(payload_name="fit", payload_io=JsonFileIO())(fit)(data, depth=2).load_generate()

    def fit_later(depth: Any, eta: float = 0.1) -> int:
        return 1

    later = step(payload_name="fit", payload_io=JsonFileIO())(fit_later)
    catalogue = Catalogue(data)
    why = catalogue.why(later(data, depth=2))
    assert why.answers[0]["answer"] == "param_added"
    assert "lacks eta" in str(why)
    alike = catalogue.why(step(payload_name="fit", payload_io=JsonFileIO())(fit)(data, depth=2.0))
    assert alike.answers[0]["answer"] == "look_alike"


def test_why_of_an_artifact_and_of_params(catalogue: Catalogue) -> None:
    newest = catalogue.filter("n == 100")[0]
    assert [tuple(each)[:3] for each in newest.why().nearest[0].differences] == [("n", "10", "100")]
    assert str(catalogue.why(newest.short)) == str(newest.why())
    by_params = catalogue.why("points", "n == 1000")
    assert by_params.key is None
    assert by_params.nearest[0].short == newest.short


def test_diff_tells_params_first_and_then_facts(catalogue: Catalogue) -> None:
    first, second = catalogue.filter("threshold == 2").sort("points.n")[:2]
    differences = first.diff(second)
    assert [each.path for each in differences if each.kind != "fact"] == ["points.n"]
    assert ".payload" in [each.path for each in differences]
    assert repr(catalogue.diff(first, first)) == "nothing differs"
    assert "points.n" in differences._repr_html_()


def test_a_pipeline_that_unfolds_without_end_is_explained(tmp_path: Path) -> None:
    @step(payload_io=JsonFileIO())
    def both(a: int, b: int) -> int:
        return (a + b) % 7

    last: Any = points(tmp_path / "data", n=3)
    for _ in range(60):
        last = both(tmp_path / "data", a=last, b=last)
    why = Catalogue(_made(tmp_path / "data")).why(last)
    assert not why.is_persisted


def _made(folder: Path) -> Path:
    points(folder, n=3).load_generate()
    return folder
