"""Configs of OmegaConf, and network types of pydantic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pydantic
from omegaconf import OmegaConf

from traps.table import agree, differ


@dataclass
class Training:
    rate: float = 0.1


def _url(kind: Any, text: str) -> Any:
    return pydantic.TypeAdapter(kind).validate_python(text)


_config = OmegaConf.create({"a": 1, "b": {"c": [1, "${a}"]}})

TRAPS = [
    agree("a config is what it resolves to", _config, OmegaConf.create({"b": {"c": [1, 1]}, "a": 1})),
    differ("a value in a config counts", _config, OmegaConf.create({"a": 1, "b": {"c": [1, 2]}})),
    differ("a config is not a dict", OmegaConf.create({"a": 1}), {"a": 1}),
    differ("a list of a config is not a list", OmegaConf.create([1]), [1]),
    differ("a config of a class is not one of a dict", OmegaConf.structured(Training), OmegaConf.create({"rate": 0.1})),
    agree(
        "a config of a class is what it resolves to",
        OmegaConf.structured(Training),
        OmegaConf.structured(Training(rate=0.1)),
    ),
    differ("a URL is not its text", _url(pydantic.HttpUrl, "http://a.b/"), "http://a.b/"),
    agree("a URL is normalised", _url(pydantic.HttpUrl, "http://a.b"), _url(pydantic.HttpUrl, "HTTP://A.b/")),
    differ("two kinds of URL differ", _url(pydantic.HttpUrl, "http://a.b/"), _url(pydantic.AnyUrl, "http://a.b/")),
    differ(
        "a host of several counts",
        _url(pydantic.PostgresDsn, "postgres://u@h,g/d"),
        _url(pydantic.PostgresDsn, "postgres://u@h,f/d"),
    ),
]
