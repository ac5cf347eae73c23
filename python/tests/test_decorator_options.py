"""The options of `step`: what classes have, for functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from persistable import Persistable, PersistableParams, Store, step
from persistable.io import JsonFileIO, ZstdFileIO


def refused(message: str, error: type[Exception] = TypeError, **options: Any) -> None:
    for decorate in (step, Store("data").step):
        with pytest.raises(error, match=re.escape(message)):

            @decorate(**options)
            def fit(n: int, threads: int = 1) -> int:
                return n


# --- version, resources and settings ----------------------------------------------------------------------------------


def test_a_version_may_be_an_int(tmp_path: Path) -> None:
    def made(version: Any) -> str:
        @step(version=version)
        def fit(n: int) -> int:
            return n

        return fit(tmp_path, 1).persist_hash

    assert made(2) == made("2") != made(3)
    assert made(None) != made(0) == made("0")


def test_settings_are_those_of_a_class(tmp_path: Path) -> None:
    @step(
        persist_durability="fast",
        load_verification="never",
        lease_wait_seconds=3,
        code_change="refuse",
        resources={"gpu": 1, "memory_gib": 2.5},
        verbose=True,
    )
    def fit(n: int) -> int:
        return n

    made = fit(tmp_path, 1)
    assert (made.persist_durability, made.load_verification, made.lease_wait_seconds) == ("fast", "never", 3)
    assert (made.code_change, made.verbose) == ("refuse", True)
    assert made.resources == {"gpu": 1, "memory_gib": 2.5}
    assert made.payload == 1

    @step
    def plain(n: int) -> int:
        return n

    assert plain(tmp_path, 1).resources == {}
    assert plain(tmp_path, 1).persist_durability == "synced"


def test_resources_are_not_part_of_the_key(tmp_path: Path) -> None:
    def made(**options: Any) -> str:
        @step(**options)
        def fit(n: int) -> int:
            return n

        return fit(tmp_path, 1).persist_hash

    assert made() == made(resources={"gpu": 1}) == made(resources={"gpu": 2})


def test_a_class_has_resources_too(tmp_path: Path) -> None:
    class FitP(Persistable[int, None]):
        resources = {"gpu": 1}  # noqa: RUF012

    assert FitP(tmp_path, None).resources == {"gpu": 1}
    for wrong in ({"gpu": 0}, {"gpu": "one"}, ["gpu"], {1: 1}):
        with pytest.raises((TypeError, ValueError), match=r"FitP\.resources"):
            type("FitP", (Persistable,), {"resources": wrong})


def test_options_that_can_t_be_are_refused() -> None:
    refused("step has no option 'versoin' (did you mean 'version'?): the options are payload_name", versoin=1)
    refused("step has no option 'nothing_like_it': the options are payload_name", nothing_like_it=1)
    refused("version must be an int or a str, not 1.5", version=1.5)
    refused("version must be an int or a str, not True", version=True)
    refused(
        "payload_io is the class JsonFileIO, but has to be an instance: write payload_io=JsonFileIO()",
        payload_io=JsonFileIO,
    )
    refused("write payload_io=ZstdFileIO(JsonFileIO())", payload_io=ZstdFileIO)
    refused("payload_io is of type str: pass a payload IO, such as PickleFileIO() or JsonFileIO()", payload_io="json")
    refused('persist_durability is "synced" or "fast", and not \'quick\'', ValueError, persist_durability="quick")
    refused('load_verification is "default", "always"', ValueError, load_verification="sometimes")
    refused("lease_wait_seconds is a number of seconds", ValueError, lease_wait_seconds="long")
    refused("lease_wait_seconds can't be -1", ValueError, lease_wait_seconds=-1)
    refused("code_change must be one of 'warn', 'refuse'", ValueError, code_change="ask")
    refused("resources must be a dict from name to amount", resources=["gpu"])
    refused("resources names 1, but a name must be a text", resources={1: 1})
    refused("resources['gpu'] is 'one', but an amount must be a number", resources={"gpu": "one"})
    refused("resources['gpu'] is True", resources={"gpu": True})
    refused("resources['gpu'] is -1, but an amount must be above zero", ValueError, resources={"gpu": -1})
    refused("resources['gpu'] is nan", ValueError, resources={"gpu": float("nan")})
    refused("coerce must be True or False, not 'float'", coerce="float")
    refused("added_with_defaults must be a dict from the name of a parameter to its default", added_with_defaults=["n"])
    refused("renamed must be a dict from the name of a parameter to its earlier name", renamed={"n": 1})
    refused("encoders must be a dict from type to function", encoders={"n": str})


def test_options_that_name_no_parameter_are_refused() -> None:
    refused("fit(n, threads=1): untracked names 'cpus', but there is no such parameter", untracked="cpus")
    refused("added_with_defaults names 'cpus'", added_with_defaults={"cpus": 1})
    refused("renamed names 'cpus'", renamed={"cpus": "n"})
    refused("renamed gives two parameters the name 'threads' in the key", renamed={"n": "threads"})
    refused("threads is untracked", untracked="threads", renamed={"threads": "cpus"})
    refused("the validator has a parameter 'cpus'", validate=lambda payload, cpus: True)
    refused("a default in added_with_defaults holds a step", added_with_defaults={"n": [step(lambda_named)("data")]})


def lambda_named() -> int:
    return 1


# --- params that change -----------------------------------------------------------------------------------------------


@dataclass
class Before(PersistableParams):
    rate: float


class FitP(Persistable[Any, Any]):
    pass


@step(added_with_defaults={"momentum": 0.5}, renamed={"learning_rate": "rate"})
def fit(learning_rate: float, momentum: float = 0.5) -> float:
    return learning_rate * momentum


def test_an_added_parameter_with_its_default_keeps_the_key(tmp_path: Path) -> None:
    before = FitP(tmp_path, Before(0.1), None, payload_name="fit")
    assert fit(tmp_path, 0.1).persist_hash == before.persist_hash
    assert fit(tmp_path, 0.1, momentum=0.9).persist_hash != before.persist_hash
    assert fit(tmp_path, 0.1, momentum=0.9).payload == 0.1 * 0.9
    assert fit(tmp_path, 0.1).params_tree == {"learning_rate": 0.1, "momentum": 0.5}


def test_present_params_count_by_the_same_rules(tmp_path: Path) -> None:
    made = fit(tmp_path, 0.1, momentum=0.9)
    made.params["momentum"] = 0.5
    assert made.persist_hash == fit(tmp_path, 0.1).persist_hash
    made.params = {"learning_rate": 0.1, "momentum": 0.9}
    assert made.persist_hash == fit(tmp_path, 0.1, momentum=0.9).persist_hash


def test_an_encoder_says_what_stands_in_the_key(tmp_path: Path) -> None:
    class Model:
        def __init__(self, name: str) -> None:
            self.name = name

    @step(encoders={Model: lambda model: model.name})
    def name_of(model: Model, others: Any = ()) -> str:
        return model.name

    @step(payload_name="name_of")
    def by_text(model: str, others: Any = ()) -> str:
        return model

    made = name_of(tmp_path, Model("a"))
    assert made.payload == "a"
    assert made.persist_hash == by_text(tmp_path, "a").persist_hash
    mixed = [fit(tmp_path, 0.1), Model("b")]
    assert name_of(tmp_path, Model("a"), mixed).persist_hash == by_text(tmp_path, "a", [mixed[0], "b"]).persist_hash


@step
def number(n: int) -> int:
    return n


def test_an_added_parameter_may_hold_steps(tmp_path: Path) -> None:
    a, b = number(tmp_path, 1), number(tmp_path, 2)

    @step
    def total(first: Any) -> Any:
        return first

    @step(payload_name="total", added_with_defaults={"second": None, "third": []})
    def later(first: Any, second: Any = None, third: Any = ()) -> Any:
        return first, second, third

    for first in (1, a, [a, b], [[a], b]):
        assert later(tmp_path, first, third=[]).persist_hash == total(tmp_path, first).persist_hash
    made = [
        later(tmp_path, *arguments).persist_hash
        for arguments in (
            ([a, b], None, []),
            (a, b, []),
            (a, None, [b]),
            (a, None, b),
            (a, [b], []),
            ({"second": a}, None, []),
            (1, a, []),
            (1, None, a),
            (a, 1, []),
        )
    ]
    assert len(set(made)) == len(made)
    assert later(tmp_path, a, b, []).payload == (1, 2, [])


def test_a_renamed_parameter_may_hold_steps(tmp_path: Path) -> None:
    a, b = number(tmp_path, 1), number(tmp_path, 2)

    @step
    def total(parts: Any, more: Any = None) -> Any:
        return parts

    @step(payload_name="total", renamed={"pieces": "parts"})
    def later(pieces: Any, more: Any = None) -> Any:
        return pieces

    for parts in (a, [a], [a, b], [[a], [b]], {"x": a}, 1):
        for more in (None, b, [b], [[b], a]):
            assert later(tmp_path, parts, more).persist_hash == total(tmp_path, parts, more).persist_hash


def test_a_key_of_a_dict_may_be_the_earlier_name_of_a_parameter(tmp_path: Path) -> None:
    a = number(tmp_path, 1)

    @step
    def total(parts: Any, more: Any = None) -> Any:
        return parts, more

    def later(pieces: Any, more: Any = None) -> Any:
        return pieces, more

    renamed = step(payload_name="total", renamed={"pieces": "parts"})(later)
    for parts in ({"parts": a}, {"pieces": a}, {"parts": [[], a]}):
        assert renamed(tmp_path, parts, 1).persist_hash == total(tmp_path, parts, 1).persist_hash
    added = step(payload_name="total", renamed={"pieces": "parts"}, added_with_defaults={"more": None})(later)
    calls = [({"parts": a}, 1), (1, a), ({"pieces": a}, 1), ([[], a], None), ({"parts": [[], a]}, None)]
    assert len({added(tmp_path, *arguments).persist_hash for arguments in calls}) == len(calls)


# --- coercion ---------------------------------------------------------------------------------------------------------


def test_params_are_coerced_by_annotation_if_asked_to(tmp_path: Path) -> None:
    @step(coerce=True)
    def scaled(factor: float, sizes: tuple[int, ...] = (), path: Path = Path("a")) -> Any:
        return [type(factor), type(sizes), type(path)]

    made = scaled(tmp_path, 2, [1, 2], "b")  # type: ignore[arg-type]
    assert made.payload == [float, tuple, type(Path())]
    assert made.persist_hash == scaled(tmp_path, 2.0, (1, 2), Path("b")).persist_hash
    assert scaled(tmp_path, number(tmp_path, 2)).payload[0] is int  # type: ignore[arg-type]


def test_the_default_of_an_added_parameter_is_coerced_too(tmp_path: Path) -> None:
    @step
    def scaled(n: int) -> Any:
        return n

    @step(payload_name="scaled", coerce=True, added_with_defaults={"factor": 1, "sizes": [2]})
    def later(n: int, factor: float = 1, sizes: tuple[int, ...] = (2,)) -> Any:
        return n, factor, sizes

    assert later(tmp_path, 5).persist_hash == later(tmp_path, 5, 1.0).persist_hash == scaled(tmp_path, 5).persist_hash
    assert len({later(tmp_path, 5, factor).persist_hash for factor in (1, 2, True)}) == 3
    assert later(tmp_path, 5, 2).payload == (5, 2.0, (2,))


def test_without_it_an_int_stays_an_int(tmp_path: Path) -> None:
    @step
    def scaled(factor: float) -> Any:
        return type(factor)

    assert scaled(tmp_path, 2).payload is int
    assert scaled(tmp_path, 2).persist_hash != scaled(tmp_path, 2.0).persist_hash
