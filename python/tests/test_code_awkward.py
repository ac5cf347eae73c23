"""No object makes the record of a step's code fail, and what can't be seen is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from code_support import MODES, Workplace, names_of, sources_of

AWKWARD = {
    "a loop of wrappers": "def f(): pass\nf.__wrapped__ = f\nX = f",
    "two wrappers of each other": "def f(): pass\ndef g(): pass\nf.__wrapped__ = g\ng.__wrapped__ = f\nX = f",
    "a list in itself": "X = []\nX.append(X)",
    "a dict in itself": "X = {}\nX['x'] = X",
    "objects that know each other": "class A: pass\nX = A()\nX.other = A()\nX.other.other = X",
    "a chain of objects": "class A: pass\nX = None\nfor _ in range(1000):\n    a = A()\n    a.x = X\n    X = a",
    "lists that are shared a lot": "X = [1]\nfor _ in range(60): X = [X, X]",
    "a hundred thousand numbers": "X = list(range(100_000))",
    "a long text": "X = 'x' * 3_000_000",
    "a function of NumPy": "import numpy\nX = numpy.add",
    "an array of two megabytes": "import numpy\nX = numpy.zeros(1 << 18)",
    "a vectorised function": "import numpy\nX = numpy.vectorize(lambda x: x)",
    "a random generator": "import random\nX = random.Random(1)",
    "a frame": "import pandas\nX = pandas.DataFrame({'a': [1]})",
    "an iterator": "X = iter([1])",
    "a generator": "X = (x for x in range(3))",
    "a metaclass": "class M(type):\n    def __getattr__(cls, name): raise RuntimeError\nclass X(metaclass=M): pass",
    "slots": "class A:\n    __slots__ = ('a', 'b')\nX = A()\nX.a = 1",
    "a property of C": "X = type(lambda: 1).__code__",
    "an alias": "X = list[int]",
    "an alias of typing": "X = typing.Dict[str, typing.List[int]]",
    "a type variable": "X = typing.TypeVar('X')",
    "a new type": "X = typing.NewType('X', int)",
    "a protocol": "class X(typing.Protocol):\n    def f(self) -> int: ...",
    "a lock": "import threading\nX = threading.Lock()",
    "a thread's own values": "import threading\nX = threading.local()",
    "a context variable": "import contextvars\nX = contextvars.ContextVar('x')",
    "an open file": "X = open('/dev/null')\nX.close()",
    "standard output": "import sys\nX = sys.stdout",
    "a module": "import json as X",
    "a module with lazy attributes": """
import types
X = types.ModuleType("lazy")
def _lazy(name): raise RuntimeError(name)
X.__getattr__ = _lazy""",
    "an object whose attributes raise": "class A:\n    def __getattribute__(self, name): raise RuntimeError\nX = A()",
    "an object that can't be compared": """
class A:
    def __eq__(self, other): raise RuntimeError
    __hash__ = None
X = A()""",
    "an object that can't be shown": "class A:\n    def __repr__(self): raise RuntimeError\nX = [A()]",
    "a class that lies about its module": "class X: pass\nX.__module__ = 3",
    "a class of a module that there is not": "class X: pass\nX.__module__ = 'nowhere'",
    "a function of a module that there is not": "def X(): pass\nX.__module__ = None",
    "code that was made by exec": "exec('def X(): return 1')",
    "a partial of a method": "X = functools.partial(str.upper, 'a')",
    "a weak reference": "import weakref\nclass A: pass\n_a = A()\nX = weakref.ref(_a)",
    "an object with a weak key": "import weakref\nX = weakref.WeakKeyDictionary()",
    "a deque": "X = collections.deque([1, lambda: 1])",
    "a default dict": "X = collections.defaultdict(lambda: 1)",
    "a lone surrogate": "X = '\\ud800'",
    "a very large number": "X = 10 ** 5000",
    "a very large number in the code": "def X(): return 1" + "0" * 4000 + "0" * 250,
    "an enum of functions": "class X(enum.Enum):\n    A = functools.partial(len)\n    B = 1",
    "a flag": "class X(enum.Flag):\n    A = 1\n    B = 2",
    "a dataclass with slots": "@dataclasses.dataclass\nclass X:\n    __slots__ = ('a',)\n    a: int",
    "a class with an odd order of bases": "class X(type):\n    def mro(cls): return [cls, type, object]",
    "a class in itself": "class X: pass\nX.me = X\nX.f = lambda self: X",
    "a cell without a value": "def make():\n    def f(): return late\n    if False: late = 1\n    return f\nX = make()",
    "a coroutine": "async def X(): return 1",
    "an event loop's future": "import concurrent.futures\nX = concurrent.futures.Future()",
    "a subprocess": "import subprocess\nX = subprocess.Popen",
    "an exception": "X = ValueError('a')",
    "a mock": "import unittest.mock\nX = unittest.mock.MagicMock()",
    "an object that answers to every name": "class A:\n    def __getattr__(self, name): return self\nX = A()",
    "a range, a slice and an ellipsis": "X = [range(3), slice(1, 2), ..., NotImplemented]",
    "a path and dates": "import pathlib, datetime\nX = [pathlib.Path('a'), datetime.date(2020, 1, 1)]",
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # A coroutine that nobody awaits.
@pytest.mark.parametrize("what", AWKWARD, ids=[what.replace(" ", "-") for what in AWKWARD])
def test_no_object_makes_a_record_fail(what: str, tmp_path: Path) -> None:
    place = Workplace(tmp_path, "module")
    code = f"{AWKWARD[what]}\n@step\ndef fit(): return X\n"
    record = place.run(sources_of(code))
    assert "fit" in names_of(record.items())
    assert not any(unseen.startswith("all of it") for unseen in record.record.unseen), record.record.unseen
    assert place.record().quick() == record.quick()
    assert Workplace(tmp_path, "module").run(sources_of(code)).changes_since(record) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("code", "unseen"),
    [
        ("@step\ndef fit(): return getattr(len, 'x')\n", "getattr in fit"),
        ("@step\ndef fit(): return eval('1')\n", "eval in fit"),
        ("import importlib\n@step\ndef fit(): return importlib.import_module('json')\n", "import_module in fit"),
        ("import io\nX = io.StringIO('')\n@step\ndef fit(): return X\n", "X: objects of type _io.StringIO"),
        ("X = 'x' * 3_000_000\n@step\ndef fit(): return X\n", "X: it is larger than 1 MiB"),
        (
            "@step\ndef fit():\n    import broken\n# --- broken.py\n1 / 0\n",
            "broken, imported in fit: ZeroDivisionError",
        ),
    ],
)
def test_what_is_not_seen_is_said(code: str, unseen: str, mode: str, tmp_path: Path) -> None:
    record = Workplace(tmp_path, mode).run(sources_of(code))
    assert any(text.startswith(unseen) for text in record.record.unseen), record.record.unseen


def test_a_module_of_five_thousand_functions_is_walked(tmp_path: Path) -> None:
    functions = "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(5000))
    record = Workplace(tmp_path, "module").run(sources_of(f"{functions}def f5000(): pass\n@step\ndef fit(): f0()\n"))
    assert len(record.items()) == 5002


def test_a_walk_ends_at_ten_thousand_items(tmp_path: Path) -> None:
    functions = "".join(f"def f{n}(): return f{n + 1}()\n" for n in range(11_000))
    record = Workplace(tmp_path, "module").run(sources_of(f"{functions}def f11000(): pass\n@step\ndef fit(): f0()\n"))
    assert record.record.unseen == ["more than 10000 functions and constants"]


def test_libraries_are_not_walked(tmp_path: Path) -> None:
    code = "import json, numpy\n@step\ndef fit(): return json.dumps(numpy.mean([1]).item())\n"
    record = Workplace(tmp_path, "module").run(sources_of(code))
    assert names_of(record.items()) == {"fit"}
    assert record.record.libraries() >= {"numpy"}


# --- whose code it is ------------------------------------------------------------------------------------------------

INSTALLED = """
from {package} import clean
{options}
def fit(): return clean()
# --- site-packages/{package}/__init__.py
def clean(): return 1
"""


def items_of_installed(tmp_path: Path, package: str, options: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    code = INSTALLED.format(package=package, options=options)
    return names_of(Workplace(tmp_path, "module").run(sources_of(code)).items())


def test_an_installed_package_is_not_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert items_of_installed(tmp_path, "installed_a", "@step", monkeypatch) == {"fit"}


def test_an_installed_package_is_walked_if_it_is_tracked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = items_of_installed(tmp_path, "installed_b", "@step(code_track=['installed_b'])", monkeypatch)
    assert items == {"fit", "installed_b.clean"}
    from persistable._code.places import Places

    file = str(tmp_path / "site-packages" / "installed_b" / "__init__.py")
    assert not Places("main").is_users("installed_b", file)
    assert Places("main", ("installed_b",)).is_users("installed_b.deep", file)
    assert Places("installed_b.steps").is_users("installed_b", file)


def test_a_package_that_was_installed_from_a_directory_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "site-packages" / "installed_c-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "direct_url.json").write_text('{"url": "file:///home/me/proj", "dir_info": {}}')
    (info / "RECORD").write_text("installed_c/__init__.py,sha256=x,1\ninstalled_c-1.0.dist-info/RECORD,,\n")
    items = items_of_installed(tmp_path, "installed_c", "@step", monkeypatch)
    assert items == {"fit", "installed_c.clean"}


def test_a_package_from_a_directory_may_have_another_name_than_its_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("my-project", "other"):
        info = tmp_path / "site-packages" / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "RECORD").write_text("installed_d/__init__.py,sha256=x,1\n")
    info = tmp_path / "site-packages" / "my_project-1.0.dist-info"
    (info / "direct_url.json").write_text('{"url": "file:///home/me/proj", "dir_info": {}}')
    items = items_of_installed(tmp_path, "installed_d", "@step", monkeypatch)
    assert items == {"fit", "installed_d.clean"}
