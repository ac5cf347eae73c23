"""A notebook shows a step as a small table, which never raises, generates or loads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persistable import Persistable, PersistableParams


@dataclass
class Params(PersistableParams):
    n: Any = 3


class PointsP(Persistable[Any, Params]):
    generations = 0

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        self.generations += 1
        return list(range(3))


def points(folder: Path, n: Any = 3, dependencies: Any = None) -> PointsP:
    return PointsP(folder, Params(n), dependencies)


def shown(step: Persistable[Any, Any]) -> str:
    table = step._repr_html_()
    assert table.startswith("<table>")
    return table


def test_it_shows_name_key_params_and_dependencies(tmp_path: Path) -> None:
    table = shown(points(tmp_path, 3, [points(tmp_path, 4)]))
    assert "<th" in table
    for part in ("PointsP", "points_p", points(tmp_path, 3, [points(tmp_path, 4)]).persist_hash, "n = 3", "depends on"):
        assert part in table


def test_it_shows_what_is_missing_in_memory_and_persisted(tmp_path: Path) -> None:
    step = points(tmp_path)
    assert ">missing<" in shown(step)
    step.generate(persist=False)
    assert ">in memory, not persisted<" in shown(step)
    step.persist()
    assert ">in memory, persisted<" in shown(step)
    table = shown(points(tmp_path))
    assert ">persisted<" in table
    for part in ("size", " B<", "UTC", "generated in", "s<", "points_p("):
        assert part in table
    step.params.n = 4
    assert "in memory, for other params, not persisted" in shown(step)


def test_it_shows_damage(tmp_path: Path) -> None:
    step = points(tmp_path)
    step.generate()
    manifest = step.persist_filepath.with_name(step.persist_filepath.name + ".manifest.json")
    manifest.write_text("{}")
    assert ">damaged<" in shown(points(tmp_path))


def test_it_neither_generates_nor_loads(tmp_path: Path) -> None:
    below = points(tmp_path, 4)
    step = points(tmp_path, 3, [below])
    shown(step)
    assert step.generations == below.generations == 0
    assert step._payload is None
    points(tmp_path, 3, [below]).generate()
    shown(step)
    assert step._payload is None


def test_it_is_escaped_and_short(tmp_path: Path) -> None:
    assert "<script>" not in shown(points(tmp_path, "<script>alert(1)</script>"))
    for value in ("x" * 10**6, list(range(10**5)), np.zeros(10**6), {"deep": [["x" * 1000] * 10] * 10}):
        assert len(shown(points(tmp_path, value))) < 2000


@pytest.mark.parametrize("value", [object(), lambda: None])
def test_it_shows_what_has_no_identity_too(tmp_path: Path, value: Any) -> None:
    table = shown(points(tmp_path, value))
    assert "not known" in table


def test_it_never_raises(tmp_path: Path) -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    shown(points(tmp_path, Hostile()))
    assert PointsP.__new__(PointsP)._repr_html_()
    step = points(tmp_path)
    del step.params
    assert step._repr_html_()
