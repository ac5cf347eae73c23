"""What the validator refuses, and 1.x persisted all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams

from persistable.exceptions import InvalidPayloadError, InvalidPayloadWarning


class PositiveP(NumberP):
    def _validate_payload(self, payload: int) -> None:
        if payload <= 0:
            raise InvalidPayloadError(f"{payload} is not positive")


def test_an_invalid_payload_in_memory_is_persisted_with_a_warning(tmp_path: Path) -> None:
    step = PositiveP(tmp_path, NumberParams(3), None)
    step._payload = -1
    with pytest.warns(
        InvalidPayloadWarning, match="positive_p is persisted, .* refuses it: -1 is not positive"
    ) as told:
        step.persist()
    assert told[0].filename == __file__
    other = PositiveP(tmp_path, NumberParams(3), None)
    with pytest.raises(InvalidPayloadError):
        other.load()
    with pytest.warns(InvalidPayloadWarning, match="positive_p is loaded"):
        other.load(warn_if_validation_fails=True)
    assert other.payload == -1


def test_where_warnings_are_errors_an_invalid_payload_is_not_persisted(tmp_path: Path) -> None:
    step = PositiveP(tmp_path, NumberParams(3), None)
    step._payload = -1
    with pytest.raises(InvalidPayloadWarning):  # As errors, which is what these tests are set to.
        step.persist()
    assert not list(tmp_path.glob("*.manifest.json"))


def test_an_interrupt_in_the_validator_is_no_warning(tmp_path: Path) -> None:
    class InterruptedP(NumberP):
        def _validate_payload(self, payload: int) -> None:
            raise KeyboardInterrupt

    step = InterruptedP(tmp_path, NumberParams(3), None)
    step._payload = 3
    with pytest.raises(KeyboardInterrupt):
        step.persist()
    assert not list(tmp_path.glob("*.manifest.json"))


def test_an_invalid_payload_that_is_generated_is_not_persisted(tmp_path: Path) -> None:
    step = PositiveP(tmp_path, NumberParams(-3), None)
    with pytest.raises(InvalidPayloadError):
        step.generate()
    assert step._payload is None
    assert not list(tmp_path.glob("*.manifest.json"))


# --- removing ---------------------------------------------------------------------------------------------------------


def test_removing_leaves_nothing_to_load(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    assert not step.remove()
    step.generate()
    assert step.remove()
    assert step._payload is None
    assert not step.remove()
    with pytest.raises(FileNotFoundError):
        step.load()
    assert step.payload == 3
    assert step.generations == 2


def test_removing_leaves_a_payload_that_is_not_persisted(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    step.generate()
    step.generate(persist=False)
    assert step.remove()
    assert step._payload == 3


def test_removing_removes_what_the_present_params_have(tmp_path: Path) -> None:
    step = NumberP(tmp_path, NumberParams(3), None)
    step.generate()
    step.params.n = 4
    assert not step.remove()
    step.params.n = 3
    assert step.payload == 3
    assert step.remove()


# --- hooks and what they see ------------------------------------------------------------------------------------------


def test_a_hook_may_persist_once_more(tmp_path: Path) -> None:
    class TwiceP(NumberP):
        def _post_generate(self, **untracked: Any) -> None:
            assert self._payload == 3
            self.persist()

    TwiceP(tmp_path, NumberParams(3), None).generate()
    step = TwiceP(tmp_path, NumberParams(3), None)
    assert step.payload == 3
    assert step.generations == 0


def test_a_hooks_exception_comes_through_and_costs_no_payload(tmp_path: Path) -> None:
    raised = KeyError("mine")

    class RaisingP(NumberP):
        def _post_generate(self, **untracked: Any) -> None:
            raise raised

    step = RaisingP(tmp_path, NumberParams(3), None)
    with pytest.raises(KeyError) as caught:
        step.load_generate()
    assert caught.value is raised
    assert step._payload == 3
    assert NumberP(tmp_path, NumberParams(3), None, payload_name="raising_p").persist_hash == step.persist_hash
    assert step.remove()


def test_methods_that_a_test_replaces_are_called(tmp_path: Path) -> None:
    from unittest import mock

    step = NumberP(tmp_path, NumberParams(3), None)
    with mock.patch.object(step, "persist") as persist:
        step.generate()
    persist.assert_called_once_with()
    assert not list(tmp_path.glob("*.manifest.json"))
    missing = mock.patch.object(NumberP, "load", side_effect=FileNotFoundError)
    with missing as load, mock.patch.object(NumberP, "generate") as generate:
        NumberP(tmp_path, NumberParams(4), None).load_generate(threads=3)
    load.assert_called_once_with(threads=3)
    generate.assert_called_once_with(threads=3)
    with mock.patch.object(NumberP, "load_generate") as load_generate:
        assert NumberP(tmp_path, NumberParams(4), None).payload is None
    load_generate.assert_called_once_with()
