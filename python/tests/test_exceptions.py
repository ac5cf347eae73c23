"""Errors: one root, the built-in that fits, a stable kind, and whole after pickling."""

from __future__ import annotations

import errno
import pickle

import pytest

from persistable import _core, exceptions
from persistable.exceptions import ExplainedNotImplementedError, PayloadError, PersistableError, error_of_kind

BUILT_INS = {
    "missing": FileNotFoundError,
    "damaged": OSError,
    "invalid_payload": ValueError,
    "no_payload": ValueError,
    "unsupported_parameter": (TypeError, ValueError),
    "missing_input": (FileNotFoundError, ValueError),
    "input": ValueError,
    "invalid_name": ValueError,
    "generation": RuntimeError,
    "encoding": OSError,
    "incompatible": ValueError,
    "outdated": ValueError,
    "conflict": ValueError,
    "undeclared": ValueError,
    "untrusted": PermissionError,
    "busy": TimeoutError,
    "interrupted": InterruptedError,
    "denied": PermissionError,
    "full": OSError,
    "unavailable": OSError,
    "not_fetched": OSError,
}


def test_the_kinds_are_those_of_the_core() -> None:
    assert sorted(_core.ERROR_KINDS) == sorted(BUILT_INS)


@pytest.mark.parametrize("kind", BUILT_INS)
def test_each_kind_has_a_class_under_the_root_and_under_the_built_in_that_fits(kind: str) -> None:
    error = error_of_kind(kind)
    assert error.kind == kind
    assert issubclass(error, PersistableError)
    expected = BUILT_INS[kind]
    for built_in in expected if isinstance(expected, tuple) else (expected,):
        assert issubclass(error, built_in)


@pytest.mark.parametrize("kind", BUILT_INS)
def test_an_error_comes_whole_out_of_a_pickle(kind: str) -> None:
    error = error_of_kind(kind)("what went wrong: {it}")
    error.step, error.key, error.operation, error.is_retryable = "points(00)", "00", "load", True
    same = pickle.loads(pickle.dumps(error))
    assert type(same) is type(error)
    assert str(same) == "what went wrong: {it}"
    assert (same.step, same.key, same.operation, same.is_retryable) == ("points(00)", "00", "load", True)
    assert getattr(same, "errno", None) == getattr(error, "errno", None)


def test_an_error_that_nobody_told_more_about_says_nothing_more() -> None:
    error = error_of_kind("busy")("wait")
    assert (error.step, error.key, error.operation, error.is_retryable) == (None, None, None, False)


def test_system_errors_have_the_number_that_fits() -> None:
    assert error_of_kind("full")("no room").errno == errno.ENOSPC  # type: ignore[attr-defined]
    assert error_of_kind("missing")("nothing").errno == errno.ENOENT  # type: ignore[attr-defined]
    assert str(error_of_kind("full")("no room")) == "no room"


def test_a_kind_of_a_later_core_is_an_error_of_the_root() -> None:
    assert error_of_kind("not known yet") is PersistableError


@pytest.mark.parametrize(
    "kind", ["missing", "damaged", "invalid_payload", "no_payload", "incompatible", "outdated", "untrusted"]
)
def test_what_is_wrong_with_a_payload_is_a_payload_error(kind: str) -> None:
    assert issubclass(error_of_kind(kind), PayloadError)


def test_every_public_name_is_an_error_or_a_warning_with_a_docstring() -> None:
    for name in exceptions.__all__:
        thing = getattr(exceptions, name)
        assert issubclass(thing, (PersistableError, Warning))
        assert thing.__doc__


def test_kinds_are_unique() -> None:
    classes = [getattr(exceptions, name) for name in exceptions.__all__]
    kinds = [error.kind for error in classes if issubclass(error, PersistableError)]
    assert len(set(kinds)) == len(kinds)


def test_users_raise_errors_without_a_message_and_derive_their_own() -> None:
    class TooFewError(exceptions.InvalidPayloadError):
        """An error of a user's."""

    assert str(exceptions.NoPayloadError()) == ""
    assert TooFewError("3").kind == "invalid_payload"


def test_what_is_not_implemented_is_explained() -> None:
    error = ExplainedNotImplementedError("_generate_payload")
    assert isinstance(error, NotImplementedError)
    assert "_generate_payload" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
