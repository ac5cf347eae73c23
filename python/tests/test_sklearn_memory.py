"""scikit-learn's `memory=` with a store behind it: as with `joblib.Memory`, and by content."""

from __future__ import annotations

import copy
import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn")

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from persistable import Store, sklearn_memory
from persistable.exceptions import NotCachedWarning

FITS: list[str] = []


class Shift(TransformerMixin, BaseEstimator):
    """A transformer that leaves a mark for each fit."""

    def __init__(self, by: float = 1.0) -> None:
        self.by = by

    def fit(self, X: Any, y: Any = None) -> Shift:  # noqa: N803
        FITS.append(f"fit by {self.by}")
        self.mean_ = np.asarray(X).mean(axis=0)
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        return X - self.mean_ + self.by


@pytest.fixture(autouse=True)
def no_fits() -> None:
    FITS.clear()


X = np.random.default_rng(0).normal(size=(40, 5))
Y = (X[:, 0] > 0).astype(int)


def pipeline(memory: Any, by: float = 1.0) -> Pipeline:
    return make_pipeline(Shift(by), PCA(2, random_state=0), LogisticRegression(), memory=memory)


def test_a_transformer_is_fitted_once_for_equal_content(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path)
    plain = pipeline(None).fit(X, Y).predict(X)
    FITS.clear()
    first = pipeline(memory).fit(X, Y)
    again = pipeline(sklearn_memory(Store(tmp_path))).fit(X.copy(), Y.copy())
    assert FITS == ["fit by 1.0"]
    assert (first.predict(X) == plain).all()
    assert (again.predict(X) == plain).all()
    assert (again[0].mean_ == first[0].mean_).all()


@pytest.mark.parametrize("changed", ["X", "y", "param"])
def test_other_content_or_params_are_another_fit(tmp_path: Path, changed: str) -> None:
    memory = sklearn_memory(tmp_path)
    pipeline(memory).fit(X, Y)
    x, y = X.copy(), Y.copy()
    if changed == "X":
        x[0, 0] += 1
    if changed == "y":
        y[0] = 1 - y[0]
    pipeline(memory, by=2.0 if changed == "param" else 1.0).fit(x, y)
    assert len(FITS) == 2


def test_what_is_loaded_may_be_changed_in_place(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path)
    for _ in range(2):
        steps = [("shift", Shift()), ("scale", StandardScaler(copy=False)), ("model", LogisticRegression())]
        Pipeline(steps, memory=memory).fit(X.copy(), Y)
    assert FITS == ["fit by 1.0"]


def test_what_has_no_identity_runs_without_the_store_and_says_so(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path / "data")
    doubled = make_pipeline(FunctionTransformer(lambda x: 2 * x), LogisticRegression(), memory=memory)
    with pytest.warns(NotCachedWarning, match=r"fit_transform_one.* runs without the store.*lambda"):
        doubled.fit(X, Y)
    assert doubled.predict(X).shape == Y.shape


def test_it_is_copied_and_pickled_cheaply(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path)
    assert copy.deepcopy(memory) == memory
    assert len(pickle.dumps(memory)) < 1000
    pickle.loads(pickle.dumps(clone(pipeline(memory)))).fit(X, Y)
    pipeline(memory).fit(X, Y)
    assert FITS == ["fit by 1.0"]
    assert memory.location == str(tmp_path)


def test_other_estimators_take_it_too(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotCachedWarning)
        labels = [AgglomerativeClustering(3, memory=memory).fit_predict(X) for _ in range(2)]
    assert (labels[0] == labels[1]).all()
    assert len(list(tmp_path.glob("*.manifest.json"))) == 1


def test_any_function_can_be_cached(tmp_path: Path) -> None:
    cached = sklearn_memory(tmp_path).cache(np.linalg.norm)
    assert cached(X) == cached(X) == np.linalg.norm(X)
    assert len(list(tmp_path.glob("*.manifest.json"))) == 1


def test_what_is_found_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = sklearn_memory(tmp_path)
    pipeline(memory).fit(X, Y)

    copied: list[Any] = []
    deepcopy = copy.deepcopy

    def note(value: Any, *others: Any) -> Any:
        copied.append(value)
        return deepcopy(value, *others)

    monkeypatch.setattr(copy, "deepcopy", note)
    pipeline(memory).fit(X, Y)
    assert FITS == ["fit by 1.0"]
    assert not any(isinstance(value, np.ndarray) for value in copied)


def _added(function: int, n: int) -> int:
    return function + n


def _multiplied(function: int, n: int) -> int:
    return function * n


def test_an_argument_may_be_called_function(tmp_path: Path) -> None:
    memory = sklearn_memory(tmp_path)
    _multiplied.__name__ = _added.__name__
    assert [memory.cache(each)(2, 3) for each in (_added, _multiplied, _added)] == [5, 6, 5]
