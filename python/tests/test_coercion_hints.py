"""The hint that a param is not of the type that its annotation says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams, step


@dataclass
class Inner(PersistableParams):
    ratio: float = 1.0


@dataclass
class PointsParams(PersistableParams):
    z_threshold: float = 1.0
    sizes: tuple[float, ...] = ()
    either: float | int = 1.0
    inner: Inner | None = None


class PointsP(Persistable[Any, PointsParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return [self.params.z_threshold]


@step
def spread(n: float) -> float:
    return n


@dataclass
class Chosen(PersistableParams):
    _coerce_by_annotation = True
    z_threshold: float = 1.0


class ChosenP(Persistable[Any, Chosen]):
    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return [self.params.z_threshold]


def hints_in(data_dir: Path, name: str) -> list[str]:
    return [line for line in (data_dir / f"{name}.log").read_text().splitlines() if "is annotated" in line]


def test_a_hint_is_logged_once_for_each_class_and_field(tmp_path: Path) -> None:
    for z in (2, 3):
        PointsP(tmp_path, PointsParams(z, [1], 2, Inner(5)), None).load_generate()  # type: ignore[arg-type]
    hints = hints_in(tmp_path, "points_p")
    assert len(hints) == 3
    assert (
        "PointsParams.z_threshold is annotated float and holds the int 2. 2 and 2.0 have different keys. "
        "Write 2.0, or set _coerce_by_annotation = True" in hints[0]
    )
    assert "PointsParams.sizes is annotated tuple[float, ...] and holds the list [1]" in hints[1]
    assert "Inner.ratio is annotated float and holds the int 5" in hints[2]


def test_a_hint_names_the_parameter_of_a_function(tmp_path: Path) -> None:
    spread(tmp_path, n=2).load_generate()
    (hint,) = hints_in(tmp_path, "spread")
    assert "spread.n is annotated float and holds the int 2" in hint
    assert "coerce=True" in hint


def test_no_hint_is_logged_where_the_value_was_coerced(tmp_path: Path) -> None:
    chosen = ChosenP(tmp_path, Chosen(2), None)
    assert repr(chosen.payload) == "[2.0]"
    assert hints_in(tmp_path, "chosen_p") == []
