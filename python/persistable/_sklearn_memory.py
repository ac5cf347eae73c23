"""What scikit-learn's `memory=` takes, with a store behind it."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from persistable._persistable import Persistable
from persistable._store import DataDir, Store, store_of
from persistable.exceptions import NotCachedWarning, PersistableError, UnsupportedParameterError

__all__ = ["SklearnMemory", "sklearn_memory"]

_ABOUT_MESSAGES = frozenset({"message", "message_clsname", "verbose"})
"""Arguments of scikit-learn's functions that only say what is printed."""


def sklearn_memory(store: DataDir) -> SklearnMemory:
    """Returns what `Pipeline(memory=…)` and other estimators of scikit-learn take, in place of a `joblib.Memory`.

    ```python
    pipeline = make_pipeline(PCA(20), SVC(), memory=sklearn_memory("data"))
    ```

    Each fitted transformer and what it makes of `X` are a result in the store. Its key is made from the function, the
    transformer's class and params, and the content of `X` and `y`. If many processes fit the same transformer, one does
    it. If the code of your own transformer changes, the next load warns.

    If something can't be identified, such as a lambda among the params, a `NotCachedWarning` says so once. Then the
    function runs without the store.
    """
    return SklearnMemory(store_of(store))


class SklearnMemory:
    """Caches calls of functions in a store. `sklearn_memory` makes one."""

    def __init__(self, store: Store) -> None:
        """Takes the store."""
        self.store = store

    @property
    def location(self) -> str:
        """Where the store is. scikit-learn asks for it."""
        return self.store.location

    def cache(
        self, function: Callable[..., Any] | None = None, ignore: Iterable[str] | None = None, **_: Any
    ) -> Callable[..., Any]:
        """Returns a function that gives the same results, and keeps them in the store.

        `ignore` names arguments that are not part of the key. Other options of joblib's have no meaning here.
        """
        ignored = _ABOUT_MESSAGES | frozenset(ignore or ())
        if function is None:
            return lambda function: _Cached(function, self.store, ignored)
        return _Cached(function, self.store, ignored)

    def __repr__(self) -> str:
        return f"sklearn_memory({self.store!r})"

    def __eq__(self, other: object) -> bool:
        return self.store == other.store if isinstance(other, SklearnMemory) else NotImplemented

    def __hash__(self) -> int:
        return hash((SklearnMemory, self.store))


class _Cached:
    def __init__(self, function: Callable[..., Any], store: Store, ignored: frozenset[str]) -> None:
        self._function = function
        self._store = store
        self._ignored = ignored
        self._signature = inspect.signature(function)
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        params = {name: _plain(value) for name, value in bound.arguments.items() if name not in self._ignored}
        name = self._function.__name__.strip("_")
        found = self._step(name, params)
        try:
            found.persist_hash  # noqa: B018
        except UnsupportedParameterError as error:
            import warnings

            message = f"{name} runs without the store, since its call can't be identified: {error}"
            warnings.warn(message, NotCachedWarning, stacklevel=2)
            return self._function(*args, **kwargs)
        with contextlib.suppress(PersistableError):  # It is missing, or the generation below mends it or says why not.
            found.load()
            return found.payload
        # Copies: a transformer is fitted in place.
        step = self._step(name, {name: copy.deepcopy(value) for name, value in params.items()})
        step._call = lambda: self._function(*args, **kwargs)
        return step.payload

    def _step(self, name: str, params: dict[str, Any]) -> _CallP:
        # An argument may have any name, also that of the function's place.
        arguments = {"arguments": params} if "function" in params else params
        return _CallP(self._store, {"function": self._function, **arguments}, None, payload_name=name)


def _plain(value: Any) -> Any:
    """Returns a dict in place of each `Bunch`, in which scikit-learn passes on arguments such as weights."""
    if isinstance(value, dict) and (type(value) is dict or type(value).__name__ == "Bunch"):
        return {name: _plain(member) for name, member in value.items()}
    return value


class _CallP(Persistable[Any, Any]):
    """One call. Its params are the function and its arguments."""

    _call: Callable[[], Any]

    def _generate_payload(self, **untracked_payload_params: Any) -> Any:
        return self._call()
