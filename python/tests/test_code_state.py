"""What the code itself assigns or changes is state. It makes no difference whether it is warm or cold."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from code_support import MODES, Workplace, edited, names_of, sources_of


class Case(NamedTuple):
    what: str
    code: str
    warm: str


CASES = [
    Case(
        "a counter of a class",
        """
class M:
    instances = 0
    def __init__(self): M.instances += 1
@step
def fit(): return M()
""",
        "M()",
    ),
    Case(
        "a counter of a class that is named by its object",
        """
class M:
    calls = 0
    others = 0
    def f(self):
        type(self).calls += 1
        self.__class__.others += 1
@step
def fit(): return M().f()
""",
        "M().f()",
    ),
    Case(
        "a counter of a class below",
        """
class Base:
    calls = 0
    def f(self): type(self).calls = self.calls + 1
class M(Base): pass
@step
def fit(): return M().f()
""",
        "M().f(); Base().f()",
    ),
    Case(
        "a registry of a class",
        """
class M:
    registry = {}
    seen = []
    @classmethod
    def of(cls, name):
        cls.seen.append(name)
        if name not in cls.registry: cls.registry[name] = cls()
        return cls.registry[name]
@step
def fit(): return M.of("a")
""",
        "M.of('a')",
    ),
    Case(
        "the only object of a class",
        """
class M:
    _only = None
    def __new__(cls):
        if cls._only is None: cls._only = super().__new__(cls)
        return cls._only
@step
def fit(): return M()
""",
        "M()",
    ),
    Case(
        "an attribute that is filled late",
        """
class Session: pass
class Client:
    def __init__(self, url):
        self.url = url
        self._session = None
    @property
    def session(self):
        if self._session is None: self._session = Session()
        return self._session
client = Client("here")
@step
def fit(): return client.session
""",
        "client.session",
    ),
    Case(
        "an attribute that is not there before it is filled",
        """
class Client:
    def get(self):
        if not hasattr(self, "_got"): self._got = {"a": [1]}
        return self._got
clients = {"a": [Client()]}
@step
def fit(): return clients["a"][0].get()
""",
        "clients['a'][0].get()",
    ),
    Case(
        "an attribute that other code fills",
        """
class Client: pass
client = Client()
client.n = 0
def used(): client.n += 1
@step
def fit(): return used()
""",
        "used()",
    ),
    Case(
        "a default that is added to in place",
        "@step\ndef fit(seen=[]):\n    seen += [1]\n    return 1\n",
        "fit.function()",
    ),
    Case("a counter of a function", "def f(): f.calls += 1\nf.calls = 0\n@step\ndef fit(): return f()\n", "f()"),
    Case(
        "a counter in a wrapper",
        """
def counted(f):
    @functools.wraps(f)
    def wrapper(*args):
        wrapper.calls += 1
        return f(*args)
    wrapper.calls = 0
    return wrapper
@counted
def f(): return 1
@step
def fit(): return f()
""",
        "f()",
    ),
    Case(
        "the cache of a decorator",
        """
def memo(f):
    cache = {}
    count = 0
    def wrapper(n):
        nonlocal count
        count += 1
        if n not in cache: cache[n] = f(n)
        return cache[n]
    return wrapper
@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
@step
def fit(): return fib(5)
""",
        "fib(7)",
    ),
    Case(
        "the cache of a decorator that is a class",
        """
class memo:
    def __init__(self, f): self.f, self.cache = f, {}
    def __call__(self, n):
        cache = self.cache
        if n not in cache: cache[n] = self.f(n)
        return cache[n]
@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
@step
def fit(): return fib(5)
""",
        "fib(7)",
    ),
    Case(
        "a default that is changed",
        """
def fib(n, memo={}, *, seen=set()):
    seen.add(n)
    if n not in memo: memo[n] = n if n < 2 else fib(n - 1) + fib(n - 2)
    return memo[n]
@step
def fit(): return fib(5)
""",
        "fib(7)",
    ),
    Case(
        "names of another module",
        """
import helpers
def used():
    helpers.N += 1
    helpers.LOG.append(1)
@step
def fit(): return used(), helpers.N, helpers.LOG
# --- helpers.py
LOG = []
N = 0
""",
        "used()",
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_state_is_no_item_whether_it_is_warm_or_cold(tmp_path: Path, case: Case, mode: str) -> None:
    cold = Workplace(tmp_path, mode)
    before = cold.run(sources_of(case.code))
    warm = Workplace(tmp_path, mode).run(sources_of(_warmed(case)))
    assert warm.changes_since(before) == []
    assert before.changes_since(warm) == []
    assert warm.key_digest() == before.key_digest()
    exec(case.warm, cold.namespace)
    assert cold.record().changes_since(before) == []
    assert cold.record().key_digest() == before.key_digest()


def _warmed(case: Case) -> str:
    main, mark, rest = case.code.partition("# --- ")
    return f"{main}{case.warm}\n{mark}{rest}"


class Kept(NamedTuple):
    what: str
    code: str
    old: str
    new: str
    name: str


KEPT = [
    Kept("a list that is read", "L = [1, 2]\n@step\ndef fit(): return [x + 1 for x in L]\n", "1, 2", "1, 3", "L"),
    Kept(
        "an item of a dict that is read",
        "C = {'a': 1}\n@step\ndef fit():\n    x = C['a']\n    x += 1\n    return x\n",
        "'a': 1",
        "'a': 2",
        "C",
    ),
    Kept(
        "texts of a list that are lengthened",
        "P = ['a']\n@step\ndef fit():\n    for p in P:\n        p += 'x'\n    return p\n",
        "['a']",
        "['b']",
        "P",
    ),
    Kept(
        "a list that is copied and changed then",
        "L = [1]\n@step\ndef fit():\n    own = list(L)\n    own.append(2)\n    own[0] = 3\n    return own\n",
        "[1]",
        "[2]",
        "L",
    ),
    Kept(
        "what a name of another module has at first",
        """
import helpers
@step
def fit():
    helpers.C["b"] = 1
    return helpers.C["a"]
# --- helpers.py
C = {"a": 1}
""",
        '"a": 1',
        '"a": 2',
        "helpers.C",
    ),
    Kept(
        "a default that is copied and changed then",
        "def f(x, y=[1]):\n    y = list(y)\n    y.append(x)\n    return y\n@step\ndef fit(): return f(1)\n",
        "y=[1]",
        "y=[2]",
        "f.y",
    ),
    Kept(
        "a number that is added to under another name",
        "N = 1\n@step\ndef fit():\n    n = N\n    n += 1\n    return n\n",
        "N = 1",
        "N = 2",
        "N",
    ),
    Kept(
        "an attribute of a class that its objects assign for themselves",
        "class M:\n    depth = 1\n    def deepen(self): self.depth += 1; return self\n@step\ndef fit(): M().deepen()\n",
        "depth = 1",
        "depth = 2",
        "M.depth",
    ),
    Kept(
        "what an object is made with",
        """
class M:
    def __init__(self, n): self._set(n)
    def _set(self, n): self.n = n
    def double(self): return self.n * 2
m = M(1)
@step
def fit(): return m.double()
""",
        "M(1)",
        "M(2)",
        "m",
    ),
    Kept(
        "an attribute that another class assigns",
        """
class Other:
    def set(self): self.n = 1
class M:
    def __init__(self, n): self.n = n
m = M(1)
@step
def fit(): Other().set(); return m.n
""",
        "M(1)",
        "M(2)",
        "m",
    ),
    Kept(
        "an attribute that is assigned to an object of the function's own",
        """
class M: n = 1
m = M()
m.n = 1
@step
def fit():
    own = M()
    own.n = 3
    return own.n + m.n
""",
        "m.n = 1",
        "m.n = 2",
        "m",
    ),
    Kept(
        "what classes register when they are defined",
        """
class Base:
    known = {}
    def __init_subclass__(cls): Base.known[cls.__name__] = cls
class A(Base):
    def f(self): return 1
@step
def fit(): return Base.known["A"]().f()
""",
        "return 1",
        "return 2",
        "A.f",
    ),
    Kept(
        "what a decorator registers",
        """
KNOWN = {}
def register(f):
    KNOWN[f.__name__] = f
    return f
@register
def a(): return 1
@step
def fit(): return KNOWN["a"]()
""",
        "return 1",
        "return 2",
        "a",
    ),
    Kept(
        "the methods of what is state",
        """
class Cache(dict):
    def __missing__(self, key): return 1
CACHE = Cache()
@step
def fit():
    CACHE["a"] = CACHE["b"]
    return CACHE["a"]
""",
        "return 1",
        "return 2",
        "Cache.__missing__",
    ),
    Kept(
        "an object with a method that is named like one of a list",
        """
class Adder:
    def __init__(self, n): self.n = n
    def add(self, x): return x + self.n
adder = Adder(1)
@step
def fit(): return adder.add(1)
""",
        "Adder(1)",
        "Adder(2)",
        "adder",
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.what)
def test_what_is_only_read_stays_an_item(tmp_path: Path, kept: Kept, mode: str) -> None:
    before = Workplace(tmp_path, mode).run(sources_of(kept.code))
    after = Workplace(tmp_path, mode).run(sources_of(edited(kept.code, kept.old, kept.new)))
    assert names_of(after.changes_since(before)) == {kept.name}


def test_state_is_listed_as_unseen(tmp_path: Path) -> None:
    code = "class M:\n    n = 0\n@step\ndef fit(): M.n += 1\n"
    assert Workplace(tmp_path, "module").run(sources_of(code)).record.unseen == [
        "M.n: left out, since the code itself changes it"
    ]
