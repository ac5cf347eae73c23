"""Classes with declared fields or members: data classes, named tuples, enums, attrs and pydantic."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
    Change(
        "a default of a dataclass",
        "@dataclasses.dataclass\nclass C:\n    n: int = 1\n@step\ndef fit(): return C().n\n",
        "n: int = 1",
        "n: int = 2",
        "C.n",
    ),
    Change(
        "a factory of a dataclass",
        """
def make(): return [1]
@dataclasses.dataclass
class C:
    n: list = dataclasses.field(default_factory=make)
@step
def fit(): return C().n
""",
        "[1]",
        "[2]",
        "make",
    ),
    Change(
        "the order of a dataclass's fields",
        "@dataclasses.dataclass\nclass C:\n    a: int\n    b: int\n@step\ndef fit(): return C(1, 2).a\n",
        "    a: int\n    b: int\n",
        "    b: int\n    a: int\n",
        "C",
    ),
    Change(
        "a default of a named tuple",
        "class C(typing.NamedTuple):\n    n: int = 1\n@step\ndef fit(): return C().n\n",
        "n: int = 1",
        "n: int = 2",
        "C.n",
    ),
    Change(
        "a member of an enum",
        "class Color(enum.Enum):\n    RED = 1\n@step\ndef fit(): return [c.value for c in Color]\n",
        "RED = 1",
        "RED = 2",
        "Color",
    ),
    Change(
        "a method of an enum",
        """
class Color(enum.Enum):
    RED = 1
    def shade(self): return "dark"
@step
def fit(): return Color.RED.shade()
""",
        '"dark"',
        '"light"',
        "Color.shade",
    ),
    Change(
        "a default of an attrs class",
        "import attrs\n@attrs.define\nclass C:\n    n: int = 1\n@step\ndef fit(): return C().n\n",
        "n: int = 1",
        "n: int = 2",
        "C.n",
    ),
    Change(
        "a default of a pydantic model",
        "import pydantic\nclass C(pydantic.BaseModel):\n    n: int = 1\n@step\ndef fit(): return C().n\n",
        "n: int = 1",
        "n: int = 2",
        "C.n",
    ),
    Change(
        "the type of a field that pydantic converts to",
        "import pydantic\nclass C(pydantic.BaseModel):\n    n: int = 1\n@step\ndef fit(): return C(n='1').n\n",
        "n: int = 1",
        "n: str = 1",
        "C",
    ),
]
