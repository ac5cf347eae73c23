"""Steps that depend on others, and steps that changed."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from persistable import Persistable, PersistableParams
from persistable.io import JsonFileIO, MessagePackFileIO, NumpyFileIO, TextFileIO
from twins.twin import GivenP, Make, given


def _example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[3] / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # Dataclasses look their module up.
    spec.loader.exec_module(module)
    return module


EXAMPLE = _example("outlier_detection")


def points(data_dir: Path) -> Persistable[Any, Any]:
    """The points of the README, by the class that is there."""
    step: Persistable[Any, Any] = EXAMPLE.GaussianDistributedPointsP(
        data_dir,
        EXAMPLE.PointsParams(n=100, random_state=10),
        None,
        payload_name="gaussian_distributed_points",
        payload_io=NumpyFileIO(),
    )
    return step


class OutlierEstimatorP(Persistable[dict[str, float], Any]):
    """The estimator of the README, whose payload is a dict of what is a struct in Rust."""

    def _generate_payload(self, **untracked_payload_params: Any) -> dict[str, float]:
        numbers = self.tracked_persistable_dependencies[0].payload
        return {
            "mean": float(np.mean(numbers)),
            "standard_deviation": float(np.std(numbers)),
            "z_threshold": self.params.z_threshold,
        }


def estimator(data_dir: Path) -> Persistable[Any, Any]:
    return OutlierEstimatorP(
        data_dir,
        EXAMPLE.OutlierParams(z_threshold=1.5),
        [points(data_dir)],
        payload_name="outlier_estimator",
        payload_io=MessagePackFileIO(),
    )


@dataclass
class NumbersParams(PersistableParams):
    n: int


class NumbersP(Persistable[list[int], NumbersParams]):
    def _generate_payload(self, **untracked_payload_params: Any) -> list[int]:
        return list(range(self.params.n))


def numbers(data_dir: Path, n: int = 3) -> NumbersP:
    return NumbersP(data_dir, NumbersParams(n), None, payload_name="numbers", payload_io=MessagePackFileIO())


@dataclass
class TotalParams(PersistableParams):
    scale: int


class Total(Persistable[int, TotalParams]):
    payload_version = "2, of sums"

    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        (numbers,) = self.tracked_persistable_dependencies
        return int(self.params.scale * sum(numbers.payload))


def total(data_dir: Path) -> Persistable[Any, Any]:
    return Total(data_dir, TotalParams(2), iter([numbers(data_dir)]), payload_io=JsonFileIO())


class Between(Persistable[list[list[int]], None]):
    def _generate_payload(self, **untracked_payload_params: Any) -> list[list[int]]:
        held = self.tracked_persistable_dependencies
        return [held["first"].payload, *(numbers.payload for numbers in held["second"])]


def between(data_dir: Path, *second: int) -> Persistable[Any, Any]:
    places: dict[str, Any] = {"second": [numbers(data_dir, n) for n in second], "first": numbers(data_dir, 1)}
    return Between(data_dir, None, places, payload_io=MessagePackFileIO())


def _label(data_dir: Path) -> Persistable[Any, Any]:
    return given("label", TextFileIO(), lambda: "label")[1](data_dir)


def _text(name: str, text: str, dependencies: Any) -> tuple[str, Make]:
    def make(data_dir: Path) -> Persistable[Any, Any]:
        return GivenP(data_dir, None, dependencies(data_dir), lambda: text, payload_name=name, payload_io=TextFileIO())

    return name, make


class VersionedP(GivenP):
    payload_version = ""


def versioned(data_dir: Path) -> Persistable[Any, Any]:
    params = NumbersParams(1)
    return VersionedP(data_dir, params, None, lambda: "versioned", payload_name="versioned", payload_io=TextFileIO())


@dataclass
class EvolvedParams(PersistableParams):
    most_epochs: int
    momentum: float = 0.5
    threads: int = 1

    @property
    def _excluded_attributes(self) -> set[str]:
        return {"threads"}

    @property
    def _renamed_attributes(self) -> dict[str, str]:
        return {"most_epochs": "epochs"}

    @property
    def _added_with_defaults(self) -> dict[str, Any]:
        return {"momentum": 0.5}


def evolved(data_dir: Path, momentum: float) -> Persistable[Any, Any]:
    params = EvolvedParams(10, momentum, threads=5)
    return GivenP(data_dir, params, None, lambda: "evolved", payload_name="evolved", payload_io=TextFileIO())


def named(data_dir: Path) -> Persistable[Any, Any]:
    name = "näme v1.5, of us"
    return given(name, TextFileIO(), lambda: "a payload name", {"n": 1})[1](data_dir)


TWINS: dict[str, Make] = {
    "gaussian_distributed_points": points,
    "outlier_estimator": estimator,
    "numbers": numbers,
    "total": total,
    "between": lambda data_dir: between(data_dir, 2, 3),
    "between_few": lambda data_dir: between(data_dir, 3),
    "versioned": versioned,
    "evolved": lambda data_dir: evolved(data_dir, 0.5),
    "evolved_further": lambda data_dir: evolved(data_dir, 0.25),
    "named": named,
    **dict(
        [
            _text("of_two_types", "of two types", lambda data_dir: [numbers(data_dir), _label(data_dir)]),
            _text("maybe_labelled", "maybe labelled", lambda data_dir: {"label": None, "numbers": numbers(data_dir)}),
            _text(
                "by_name",
                "by name",
                lambda data_dir: {
                    "second": [numbers(data_dir, 2), numbers(data_dir, 3)],
                    "first": numbers(data_dir, 1),
                },
            ),
            _text("several", "several", lambda data_dir: [numbers(data_dir, 2), numbers(data_dir, 1)]),
        ]
    ),
}
