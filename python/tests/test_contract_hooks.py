"""The hooks that a user overrides, with and without untracked params, as 1.x called them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persistable import Persistable, PersistableParams


@dataclass
class Params(PersistableParams):
    n: int


class _HookedP(Persistable[int, Params]):
    def __init__(self, data_dir: Path, **kwargs: Any) -> None:
        super().__init__(data_dir, Params(1), None, **kwargs)
        self.calls: list[Any] = []


class WithoutArgumentsP(_HookedP):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        self.calls.append(("generate", untracked_payload_params))
        return 5

    def _post_load(self) -> None:  # type: ignore[override]
        self.calls.append("post_load")

    def _post_generate(self) -> None:  # type: ignore[override]
        self.calls.append("post_generate")


class WithArgumentsP(_HookedP):
    def _generate_payload(self, **untracked_payload_params: Any) -> int:
        self.calls.append(("generate", untracked_payload_params))
        return 5

    def _post_load(self, **untracked_payload_params: Any) -> None:
        self.calls.append(("post_load", untracked_payload_params))

    def _post_generate(self, **untracked_payload_params: Any) -> None:
        self.calls.append(("post_generate", untracked_payload_params))


def test_hooks_that_take_untracked_params_get_them(tmp_path: Path) -> None:
    first = WithArgumentsP(tmp_path)
    first.generate(threads=2)
    assert first.calls == [("generate", {"threads": 2}), ("post_generate", {"threads": 2})]
    second = WithArgumentsP(tmp_path)
    second.load(threads=3)
    second.load_generate(threads=4)
    assert second.calls == [("post_load", {"threads": 3}), ("post_load", {"threads": 4})]
    third = WithArgumentsP(tmp_path, payload_name="other")
    third.load_generate(threads=5)
    assert third.calls == [("generate", {"threads": 5}), ("post_generate", {"threads": 5})]


def test_hooks_that_take_none_are_called_without(tmp_path: Path) -> None:
    first = WithoutArgumentsP(tmp_path)
    first.generate(threads=2)
    assert first.calls == [("generate", {"threads": 2}), "post_generate"]
    second = WithoutArgumentsP(tmp_path)
    second.load(threads=3)
    second.load_generate(threads=3)
    assert second.payload == 5
    assert second.calls == ["post_load", "post_load"]


def test_untracked_params_are_not_part_of_the_hash(tmp_path: Path) -> None:
    step = WithArgumentsP(tmp_path)
    before = step.persist_hash
    step.generate(threads=2)
    assert step.persist_hash == before


def test_the_generator_may_name_the_untracked_params_it_wants(tmp_path: Path) -> None:
    class NamedP(Persistable[int, None]):
        def _generate_payload(self, threads: int = 1, **untracked_payload_params: Any) -> int:
            return threads

    step = NamedP(tmp_path, None, None)
    step.generate(threads=4)
    assert step.payload == 4


def test_the_order_is_generate_validate_keep_persist_and_the_hook(tmp_path: Path) -> None:
    calls: list[Any] = []

    class OrderedP(Persistable[int, None]):
        def _generate_payload(self, **untracked_payload_params: Any) -> int:
            calls.append("generate")
            return 1

        def _validate_payload(self, payload: int) -> None:
            calls.append(("validate", payload, self._payload))

        def _post_generate(self, **untracked_payload_params: Any) -> None:
            calls.append(("post", self._payload, any(self.data_dir.glob("*.persistable"))))

    OrderedP(tmp_path, None, None).generate()
    assert calls == ["generate", ("validate", 1, None), ("post", 1, True)]
