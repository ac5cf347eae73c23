"""What does not change a result is not told as a change, and leaves the digest of the source alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from code_support import MODES, Workplace, edited, sources_of


class Edit(NamedTuple):
    what: str
    code: str
    old: str
    new: str


BODY = '''
N = 1
def helper(x, y=2):
    """Says what it does."""
    total = x + y
    for index in range(3):
        total += index
    return f"{total}" + "a"
class Model:
    def fit(self): return helper(N)
    def unused(self): return 1
def unrelated(): return 1
@step
def fit():
    return Model().fit()
'''

EDITS = [
    Edit("a comment", BODY, "    total = x + y\n", "    # The sum.\n    total = x + y  # of both\n"),
    Edit("a docstring", BODY, "Says what it does.", "Says something else."),
    Edit("a docstring that is added", BODY, "def fit(self): return", "def fit(self):\n        'Fits.'\n        return"),
    Edit("a docstring that is removed", BODY, '    """Says what it does."""\n', ""),
    Edit("blank lines", BODY, "N = 1\n", "\n\n\n\nN = 1\n\n\n"),
    Edit("the layout", BODY, "total = x + y", "total = (\n        x\n        + y\n    )"),
    Edit("quotes", BODY, '"a"', "'a'"),
    Edit("a text in two parts", BODY, '"a"', '"" "a"'),
    Edit("an f-string in two parts", BODY, 'f"{total}"', 'f"" f"{total}"'),
    Edit("annotations", BODY, "def helper(x, y=2):", "def helper(x: int, y: int = 2) -> str:"),
    Edit("the annotation of a variable", BODY, "total = x + y", "total: int = x + y"),
    Edit("an annotation of the step", BODY, "def fit():", "def fit() -> str:"),
    Edit(
        "the name of a local variable",
        BODY,
        BODY[BODY.index("    total =") : BODY.index("class")],
        """\
    s = x + y
    for i in range(3):
        s += i
    return f"{s}" + "a"
""",
    ),
    Edit("an unrelated function", BODY, "def unrelated(): return 1", "def unrelated(): return 2"),
    Edit("a new function", BODY, "def unrelated()", "def more(): return 1\ndef unrelated()"),
    Edit("an unused method", BODY, "def unused(self): return 1", "def unused(self): return 2"),
    Edit("a method that is removed", BODY, "    def unused(self): return 1\n", ""),
    Edit("a constant that nobody uses", BODY, "N = 1\n", "N = 1\nM = 2\n"),
    Edit("an import that nobody uses", BODY, "N = 1\n", "N = 1\nimport json\n"),
    Edit("how a number is written", BODY, "N = 1\n", "N = 0x1\n"),
    Edit("how a constant is computed", BODY, "N = 1\n", "N = 3 - 2\n"),
    Edit("parentheses", BODY, "total += index", "total += (index)"),
    Edit("`pass`", BODY, "total += index", "total += index; pass"),
    Edit(
        "the order of functions",
        "def a(): return 1\ndef b(): return 2\n@step\ndef fit(): return a() + b()\n",
        "def a(): return 1\ndef b(): return 2\n",
        "def b(): return 2\ndef a(): return 1\n",
    ),
    Edit(
        "the order of methods",
        """
class A:
    def f(self): return 1
    def g(self): return 2
@step
def fit(): return A().f() + A().g()
""",
        "    def f(self): return 1\n    def g(self): return 2\n",
        "    def g(self): return 2\n    def f(self): return 1\n",
    ),
    Edit(
        "the order of imports",
        """
import first
import second
@step
def fit(): return first.f() + second.f()
# --- first.py
def f(): return 1
# --- second.py
def f(): return 2
""",
        "import first\nimport second\n",
        "import second\nimport first\n",
    ),
    Edit(
        "how a function is imported",
        "from helpers import f\n@step\ndef fit(): return f()\n# --- helpers.py\ndef f(): return 1\n",
        "from helpers import f\n",
        "import helpers\nfrom helpers import f\n",
    ),
    Edit(
        "a module of which nothing is used",
        "import helpers as h\n@step\ndef fit(): return h.f()\n# --- helpers.py\ndef f(): return 1\ndef g(): return 1\n",
        "def g(): return 1",
        "def g(): return 2",
    ),
    Edit(
        "a function that is named like an attribute",
        "def mean(): return 1\n@step\ndef fit(): return len('a'.upper())\n",
        "def mean(): return 1",
        "def upper(): return 2",
    ),
    Edit(
        "the variable of a comprehension",
        "@step\ndef fit(): return [x + 1 for x in range(3) if x]\n",
        "x + 1 for x in range(3) if x",
        "y + 1 for y in range(3) if y",
    ),
    Edit(
        "a local variable that a nested function uses",
        "@step\ndef fit():\n    a = 1\n    def inner(): return a\n    return inner()\n",
        "    a = 1\n    def inner(): return a\n",
        "    b = 1\n    def inner(): return b\n",
    ),
    Edit(
        "the name of an exception",
        "@step\ndef fit():\n    try: pass\n    except OSError as error: return error\n",
        "as error: return error",
        "as e: return e",
    ),
    Edit(
        "the order of a set",
        "NAMES = {'a', 'b', 'c'}\n@step\ndef fit(): return NAMES\n",
        "'a', 'b', 'c'",
        "'c', 'b', 'a'",
    ),
    Edit(
        "a validator",
        """
class FitP(Persistable):
    def _generate_payload(self, **untracked): return 1
    def _validate_payload(self, payload): assert payload == 1
    def _post_load(self): pass
""",
        "assert payload == 1",
        "assert payload",
    ),
    Edit(
        "how a decorator is written",
        "@functools.lru_cache(maxsize=None)\ndef helper(): return 1\n@step\ndef fit(): return helper()\n",
        "@functools.lru_cache(maxsize=None)",
        "@functools.lru_cache(\n    maxsize=None,\n)",
    ),
    Edit(
        "a logger",
        "log = logging.getLogger('a')\n@step\ndef fit(): log.debug('x')\n",
        "getLogger('a')",
        "getLogger('b')",
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("edit", EDITS, ids=[edit.what.replace(" ", "-") for edit in EDITS])
def test_an_edit_that_changes_no_result_is_no_change(edit: Edit, mode: str, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, mode)
    before = workplace.run(sources_of(edit.code))
    after = workplace.run(sources_of(edited(edit.code, edit.old, edit.new)))
    assert after.changes_since(before) == []
    assert after.digests()["ast"] == before.digests()["ast"]


def test_the_modes_agree(tmp_path: Path) -> None:
    records = [Workplace(tmp_path, mode).run(sources_of(BODY)) for mode in MODES]
    assert [record.digests() for record in records] == [records[0].digests()] * 3


def test_the_name_of_the_module_does_not_count(tmp_path: Path) -> None:
    before = Workplace(tmp_path, "module").run(sources_of(BODY))
    sources = {"main.py": "from renamed import fit\n", "renamed.py": sources_of(BODY)["main.py"]}
    after = Workplace(tmp_path, "module").run(sources)
    assert after.digests() == before.digests()
