"""Text, bytes, paths and what looks like them."""

from __future__ import annotations

import array
import ipaddress
import re
import uuid
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import numpy as np

from traps.table import agree, differ

_uuid = uuid.UUID("67e55044-10b1-426f-9247-bb680e5fe0c8")

TRAPS = [
    differ("text is not its bytes", "a", b"a"),
    differ("empty text is not None", "", None),
    differ("empty text is not empty bytes", "", b""),
    differ("text keeps its case", "a", "A"),
    differ("text keeps its spaces", "a", "a "),
    differ("text keeps its line ends", "a\n", "a\r\n"),
    differ("composed and decomposed letters differ", "\u00e9", "e\u0301"),
    differ("letters that look alike differ", "a", "\u0430"),
    differ("a zero character does not end a text", "a\0b", "a"),
    differ("a full-width letter is not the letter", "\uff21", "A"),
    agree("a NumPy text is the text", np.str_("a"), "a"),
    agree("NumPy bytes are the bytes", np.bytes_(b"a"), b"a"),
    differ("bytes are not a bytearray", b"a", bytearray(b"a")),
    differ("bytes are not a view of them", b"a", memoryview(b"a")),
    differ("a bytearray is not a view of it", bytearray(b"a"), memoryview(bytearray(b"a"))),
    agree("a view of every other byte is the view of a copy", memoryview(b"abcd")[::2], memoryview(b"ac")),
    differ("views of two formats differ", memoryview(b"a"), memoryview(b"a").cast("b")),
    differ("views of two shapes differ", memoryview(b"abcd"), memoryview(b"abcd").cast("B", (2, 2))),
    differ("bytes are not the list of their numbers", b"\x01", [1]),
    differ("bytes with a zero at the end differ from those without", b"a\0", b"a"),
    differ("an array of bytes is not the bytes", array.array("B", b"a"), b"a"),
    differ("Python arrays of two types differ", array.array("i", [1]), array.array("d", [1])),
    differ("a Python array is not a NumPy array", array.array("d", [1]), np.array([1.0])),
    differ("a path is not its text", Path("a"), "a"),
    differ("a relative path is not the absolute one", Path("a"), Path("/a")),
    differ("a path keeps its dots", Path("a/../b"), Path("b")),
    differ("a path keeps its case", Path("a"), Path("A")),
    differ("two components are not one with a backslash", PurePosixPath("a/b"), PurePosixPath("a\\b")),
    agree("a path may be spelt with a separator at its end", Path("a/b/"), Path("a/b")),
    agree("a path may be spelt with a dot", Path("./a/./b"), Path("a/b")),
    agree("a path may be spelt with two separators", Path("a//b"), Path("a/b")),
    agree("no path is the present folder", Path(), Path("./")),
    agree("a pure path is the path", PurePath("a/b"), Path("a/b")),
    agree("a path is the same path on Windows", PureWindowsPath("a\\b"), PurePosixPath("a/b")),
    differ("a UUID is not its text", _uuid, str(_uuid)),
    differ("a UUID is not its number", _uuid, _uuid.int),
    differ("a UUID is not its bytes", _uuid, _uuid.bytes),
    agree("a UUID may be spelt in any way", _uuid, uuid.UUID("{67E5504410B1426F9247BB680E5FE0C8}")),
    differ("a pattern is not its text", re.compile("a"), "a"),
    differ("patterns with other flags differ", re.compile("a"), re.compile("a", re.IGNORECASE)),
    differ("a pattern for text is not one for bytes", re.compile("a"), re.compile(b"a")),
    differ("an address is not its number", ipaddress.ip_address("0.0.0.1"), 1),
    differ("an address is not a network of one", ipaddress.ip_address("1.2.3.4"), ipaddress.ip_network("1.2.3.4")),
    differ("addresses of two versions differ", ipaddress.ip_address("0.0.0.1"), ipaddress.ip_address("::1")),
]
