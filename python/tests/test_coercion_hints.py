"""The hint that a param is not of the type that its annotation says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import InputFile, Persistable, PersistableParams, step


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


@step
def rows(table: InputFile) -> int:
    return len(Path(table).read_text().split())


@step(coerce=True)
def coerced_rows(table: InputFile) -> int:
    return len(Path(table).read_text().split())


@step
def rows_of_either(table: InputFile | str) -> int:
    return len(Path(table).read_text().split())


def test_a_text_in_place_of_an_input_file_is_warned_of(tmp_path: Path) -> None:
    csv = tmp_path / "points.csv"
    csv.write_text("1 2 3")
    for given in (str(csv), csv):
        assert rows(tmp_path, given).payload == 3  # type: ignore[arg-type]
    (hint,) = hints_in(tmp_path, "rows")
    assert " WARN " in hint
    assert f"rows.table is annotated InputFile and holds the str {str(csv)!r}"[:80] in hint
    assert "if what is there changes, the old result is loaded. Write InputFile(" in hint
    assert "coerce=True" in hint


def test_a_text_that_is_annotated_too_is_not(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("1 2 3")
    assert rows_of_either(tmp_path, str(tmp_path / "points.csv")).payload == 3
    assert hints_in(tmp_path, "rows_of_either") == []


def test_coercion_makes_an_input_file_of_a_text(tmp_path: Path) -> None:
    csv = tmp_path / "points.csv"
    for text, number in (("1", 1), ("1 2", 2)):
        csv.write_text(text)
        assert coerced_rows(tmp_path, str(csv)).payload == number  # type: ignore[arg-type]
    assert coerced_rows(tmp_path, csv).persist_hash == coerced_rows(tmp_path, InputFile(csv)).persist_hash  # type: ignore[arg-type]
