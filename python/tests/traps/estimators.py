"""Estimators, kernels and splitters of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.gaussian_process.kernels import RBF
from sklearn.model_selection import KFold
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler

from traps.table import agree, differ


class Shrunk(BaseEstimator):  # type: ignore[misc]
    def __init__(self, amount: Any = 1, inner: Any = None) -> None:
        self.amount = amount
        self.inner = inner
        self.doubled = [amount, amount]


_scaler = StandardScaler()

TRAPS = [
    agree("an estimator is its params", StandardScaler(), StandardScaler(copy=True, with_mean=True)),
    agree("a clone is the estimator", Shrunk(2, _scaler), clone(Shrunk(2, _scaler))),
    differ("a param of an estimator counts", _scaler, StandardScaler(with_mean=False)),
    differ("a param of an estimator counts with its kind", Shrunk(1), Shrunk(1.0)),
    differ("two classes of estimators with equal params differ", MaxAbsScaler(), FunctionTransformer()),
    differ("an estimator is not its class", _scaler, StandardScaler),
    differ("an estimator is not its params alone", _scaler, _scaler.get_params()),
    differ("an estimator inside another counts", Shrunk(inner=_scaler), Shrunk(inner=MaxAbsScaler())),
    differ(
        "an estimator's seed counts",
        FeatureUnion([("a", Shrunk(inner=0))]),
        FeatureUnion([("a", Shrunk(inner=1))]),
    ),
    differ("a function of an estimator counts", FunctionTransformer(np.log1p), FunctionTransformer(np.expm1)),
    differ("what an estimator gives out counts", _scaler, StandardScaler().set_output(transform="pandas")),
    agree(
        "what an estimator gives out counts by its setting",
        StandardScaler().set_output(transform="pandas"),
        StandardScaler().set_output(transform="pandas"),
    ),
    differ("a param of a kernel counts", RBF(1.0), RBF(2.0)),
    agree("a kernel is its params", RBF(1.0), RBF()),
    differ("a splitter's seed counts", KFold(5, shuffle=True, random_state=1), KFold(5, shuffle=True, random_state=2)),
    agree("a splitter is its params", KFold(5), KFold(n_splits=5)),
]
