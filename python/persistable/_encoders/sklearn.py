"""Estimators, kernels and splitters of scikit-learn, and estimators of others that derive from its base class.

An unfitted estimator is its class and its params. Others that derive from `BaseEstimator` keep to the same contract:
`__init__` only stores its params.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from persistable._core import Value, encode
from persistable._encoders.names import class_name
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]

_OUTPUT = "_sklearn_output_config"


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a class that derives from one of scikit-learn."""
    base: Any = sys.modules.get("sklearn.base")
    if base is not None and issubclass(cls, base.BaseEstimator):
        return _estimator
    kernels: Any = sys.modules.get("sklearn.gaussian_process.kernels")
    if kernels is not None and issubclass(cls, kernels.Kernel):
        return _kernel
    if cls.__module__ == "sklearn.model_selection._split" and hasattr(cls, "get_n_splits"):
        return _splitter
    return None


def _estimator(estimator: Any) -> Value:
    params = _params_of(estimator)
    own = dict(vars(estimator))
    output = own.pop(_OUTPUT, None)
    _refuse_state(estimator, params, own)
    if output:
        params["set_output()"] = output  # Not a name that a param can have.
    return _value("sklearn.BaseEstimator", estimator, params)


def _kernel(kernel: Any) -> Value:
    return _value("sklearn.Kernel", kernel, _params_of(kernel))


def _splitter(splitter: Any) -> Value:
    # It has no `get_params`. Its attributes are what it was made with.
    return _value("sklearn.splitter", splitter, vars(splitter))


def _value(kind: str, of: object, params: dict[str, Any]) -> Value:
    # As an enum with data, so that the path in a refusal is `model.alpha`.
    return Value.enum(kind, _public_name(type(of)), data=Value.record("", list(params.items())))


def _params_of(of: Any) -> dict[str, Any]:
    try:
        return dict(of.get_params(deep=False))
    except Exception as error:
        problem = f"has a get_params() that fails ({type(error).__name__}: {error})"
        raise Refusal(_name_of(of), problem, "let __init__ store each of its arguments under its own name") from error


def _refuse_state(estimator: Any, params: dict[str, Any], own: dict[str, Any]) -> None:
    """Refuses an estimator that holds more than its params: one that was fitted, above all."""
    others = own.keys() - params.keys()
    if not others:
        return
    name = _name_of(estimator)
    fitted = sorted(other for other in others if other.endswith("_") and not other.startswith("_"))
    if fitted:
        raise Refusal(name, f"is fitted (it has `{fitted[0]}`)", "pass an unfitted one: sklearn.base.clone(estimator)")
    # Many of scikit-learn's own set further attributes in `__init__`, which follow from the params.
    try:
        fresh = vars(type(estimator)(**params))
    except Exception:
        fresh = {}
    for other in sorted(others):
        if other not in fresh or not _is_same(own[other], fresh[other]):
            advice = "pass a new one: sklearn.base.clone(estimator)"
            raise Refusal(name, f"has `{other}`, which is not in its get_params()", advice)


def _is_same(left: object, right: object) -> bool:
    if left is right:
        return True
    try:
        return encode(left) == encode(right)
    except Exception:  # What has no form can't be compared either.
        return False


def _public_name(cls: type) -> str:
    """Returns `sklearn.linear_model.Ridge`: scikit-learn moves classes between the private modules below."""
    package = cls.__module__.partition("._")[0]
    if package.partition(".")[0] == "sklearn" and getattr(sys.modules.get(package), cls.__qualname__, None) is cls:
        return f"{package}.{cls.__qualname__}"
    return class_name(cls)


def _name_of(of: object) -> str:
    return f"{type(of).__module__}.{type(of).__qualname__}"
