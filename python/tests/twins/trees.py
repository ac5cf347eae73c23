"""Nested values, as JSON and as MessagePack; text and bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from persistable.io import BytesFileIO, JsonFileIO, MessagePackFileIO, TextFileIO, ZstdFileIO
from twins.twin import given


def _tree(single: float) -> dict[str, Any]:
    return {
        "flag": True,
        "most": 2**64 - 1,
        "least": -(2**63),
        "float": 0.1,
        "whole": 2.0,
        "tiny": 5e-324,
        "negative_zero": -0.0,
        "single": single,
        "text": 'naïve 𝄞 "\\\n\x01\x7f',
        "character": "ß",
        "absent": None,
        "present": "",
        "unit": None,
        "pair": [-2, "two"],
        "list": [0, -1, 127, 128, -129, 65_536, 1 << 40],
        "choices": [
            "Bare",
            {"One": 1.5},
            {"Two": [-1, "b"]},
            {"Named": {"depth": 2, "inner": "Bare"}},
            {"Named": {"depth": 3, "inner": None}},
        ],
        "wrapped": -7,
        "map": {"": [], "a": [1, 255]},
    }


def _json_tree() -> Any:
    # JSON has a single's shortest text, which Python takes for a double.
    return _tree(0.1)


def _message_pack_tree() -> Any:
    return {
        "tree": _tree(float(np.float32(0.1))),
        "infinite": float("-inf"),
        "not_a_number": float("nan"),
        "by_number": {-1: True, 1: False},
        "bytes": b"\x00\xff",
    }


TWINS = dict(
    [
        given("json_tree", JsonFileIO(), _json_tree),
        given("packed_tree", ZstdFileIO(JsonFileIO(), level=9), _json_tree),
        given("message_pack_tree", MessagePackFileIO(), _message_pack_tree),
        given("nothing", MessagePackFileIO(), lambda: None),
        given("many_items", JsonFileIO(), lambda: [[n, n / 10] for n in range(2_500)]),
        given("many_entries", MessagePackFileIO(), lambda: {n: list(range(n % 3)) for n in range(70_001)}),
        given("lines", TextFileIO(), lambda: "naïve 𝄞\r\nsecond\n\nlast \0"),
        given("raw", BytesFileIO(), lambda: bytes(range(256))),
    ]
)
