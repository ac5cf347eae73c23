"""What can't be a param though its library is known: what to pass in its place."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from value_support import refusal_of

_numbers = np.arange(10.0).reshape(-1, 1)


class Remembering(BaseEstimator):  # type: ignore[misc]
    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.seen: list[Any] = []


class TakesAnything(BaseEstimator):  # type: ignore[misc]
    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes


def told(value: object) -> str:
    return str(refusal_of({"model": value}))


def test_a_fitted_estimator_is_refused() -> None:
    message = told(Ridge().fit(_numbers, _numbers))
    assert "`['model']`" in message
    assert "is fitted (it has `coef_`): pass an unfitted one: sklearn.base.clone(estimator)" in message


def test_a_fitted_step_of_a_pipeline_is_named() -> None:
    pipeline = make_pipeline(StandardScaler(), Ridge()).fit(_numbers, _numbers)
    assert "`['model'].steps[0][1]` of type `sklearn.preprocessing._data.StandardScaler` is fitted" in told(pipeline)


@pytest.mark.parametrize(
    "generator", [np.random.RandomState(1), np.random.default_rng(1)], ids=["RandomState", "Generator"]
)
def test_a_random_generator_in_an_estimator_is_refused(generator: Any) -> None:
    message = told(make_pipeline(StandardScaler(), Ridge(random_state=generator)))
    assert "`['model'].steps[1][1].random_state`" in message
    assert "pass the seed" in message


@pytest.mark.parametrize("generator", [random.Random(1), np.random.PCG64(1), np.random.SeedSequence(1)], ids=repr)
def test_a_random_generator_is_refused(generator: Any) -> None:
    assert "pass the seed" in told(generator)


def test_a_lambda_in_an_estimator_is_refused() -> None:
    columns = ColumnTransformer([("log", FunctionTransformer(lambda x: x), ["x"])])
    assert "`['model'].transformers[0][1].func` of type `function` is a lambda" in told(columns)


def test_an_estimator_that_remembers_what_no_param_tells_is_refused() -> None:
    estimator = Remembering()
    estimator.seen.append(1)
    assert "has `seen`, which is not in its get_params()" in told(estimator)


def test_an_estimator_without_named_params_is_refused() -> None:
    assert "has a get_params() that fails" in told(TakesAnything(1))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"a": {"b": "???"}}, "`['model']['a']` of type `DictConfig` has no value at `b` (`???`): set it"),
        ({"a": ["???"]}, "`['model']['a']` of type `ListConfig` has no value at `0` (`???`): set it"),
        ({"a": "${nowhere}"}, "can't be resolved at `a`: Interpolation key 'nowhere' not found"),
    ],
)
def test_a_config_that_is_not_complete_is_refused(config: Any, message: str) -> None:
    assert message in told(OmegaConf.create(config))
