"""Configs of OmegaConf, as they are when they are resolved.

The order of keys does not count, and neither do flags such as read-only.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable

from persistable._core import Value
from persistable._encoders.names import record_name
from persistable._encoders.refusal import Refusal

if TYPE_CHECKING:
    from persistable._encoders.registry import Encoder

__all__ = ["encoder_of"]


def encoder_of(cls: type) -> Encoder | None:
    """Returns the encoder of a config, or of a node that holds one value."""
    omegaconf: Any = sys.modules["omegaconf"]
    if cls is omegaconf.DictConfig:
        return _dict
    if cls is omegaconf.ListConfig:
        return _list
    return _node if issubclass(cls, omegaconf.Node) and cls.__module__.startswith("omegaconf.") else None


# Each is an enum with data, so that the path in a refusal is `config['a']['b']`.


def _dict(config: Any) -> Value:
    config = _resolved(config)
    items = None if config._is_none() else {key: _child(config, key) for key in config}
    cls = sys.modules["omegaconf"].OmegaConf.get_type(config)
    kind = "dict" if cls in (None, dict) else record_name(cls)
    return Value.enum("omegaconf.DictConfig", kind, data=items)


def _list(config: Any) -> Value:
    config = _resolved(config)
    items = None if config._is_none() else [_child(config, at) for at in range(len(config))]
    return Value.enum("omegaconf.ListConfig", "list", data=items)


def _node(node: Any) -> Value:
    return Value.enum("omegaconf.Node", type(node).__name__, data=_resolved(node)._value())


def _resolved(node: Any) -> Any:
    if node._is_interpolation():
        node = _told(node, "", node._dereference_node)
    if node._is_missing():
        raise Refusal(type(node).__name__, "is missing (`???`)", "set it")
    return node


def _child(config: Any, key: Any) -> Any:
    return _told(config, f" at `{key}`", lambda: config[key])


def _told(node: Any, where: str, look: Callable[[], Any]) -> Any:
    errors: Any = sys.modules["omegaconf"].errors
    try:
        return look()
    except errors.MissingMandatoryValue as error:
        raise Refusal(type(node).__name__, f"has no value{where} (`???`)", "set it") from error
    except errors.OmegaConfBaseException as error:
        told = str(error).partition("\n")[0]
        raise Refusal(
            type(node).__name__, f"can't be resolved{where}: {told}", "set the value that it refers to"
        ) from error
