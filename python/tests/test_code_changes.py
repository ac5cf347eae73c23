"""Whatever a step runs of the user's own code is noticed when it changes, and is told by its name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from code_support import MODES, Workplace, edited, names_of, sources_of


class Change(NamedTuple):
    what: str
    code: str
    old: str
    new: str
    told: str
    """The item that the change is told of."""


CHANGES = [
    Change("the body", "@step\ndef fit(): return 1\n", "return 1", "return 2", "fit"),
    Change(
        "a helper",
        "def helper(): return 1\n@step\ndef fit(): return helper()\n",
        "return 1",
        "return 2",
        "helper",
    ),
    Change(
        "a helper of a helper",
        "def deep(): return 1\ndef helper(): return deep()\n@step\ndef fit(): return helper()\n",
        "return 1",
        "return 2",
        "deep",
    ),
    Change(
        "a method of the step",
        """
class FitP(Persistable):
    def _generate_payload(self, **untracked): return self.half()
    def half(self): return 1
""",
        "return 1",
        "return 2",
        "FitP.half",
    ),
    Change(
        "the generator of a class",
        "class FitP(Persistable):\n    def _generate_payload(self, **untracked): return 1\n",
        "return 1",
        "return 2",
        "FitP._generate_payload",
    ),
    Change(
        "a method of a class",
        "class Model:\n    def fit(self): return 1\n@step\ndef fit(): return Model().fit()\n",
        "return 1",
        "return 2",
        "Model.fit",
    ),
    Change(
        "an initialiser",
        "class Model:\n    def __init__(self): self.x = 1\n@step\ndef fit(): return Model().x\n",
        "self.x = 1",
        "self.x = 2",
        "Model.__init__",
    ),
    Change(
        "a base class",
        """
class Base:
    def fit(self): return 1
class Model(Base): pass
@step
def fit(): return Model().fit()
""",
        "return 1",
        "return 2",
        "Base.fit",
    ),
    Change(
        "which class is the base",
        """
class A:
    def fit(self): return 1
class B:
    def fit(self): return 1
class Model(A): pass
@step
def fit(): return Model().fit()
""",
        "Model(A)",
        "Model(B)",
        "Model",
    ),
    Change(
        "what super() calls",
        """
class Base:
    def fit(self): return 1
class Model(Base):
    def fit(self): return super().fit() + 1
@step
def fit(): return Model().fit()
""",
        "return 1",
        "return 2",
        "Base.fit",
    ),
    Change(
        "an operator",
        "class Metre:\n    def __add__(self, other): return 1\n@step\ndef fit(): return Metre() + Metre()\n",
        "return 1",
        "return 2",
        "Metre.__add__",
    ),
    Change(
        "a call of an object",
        "class Scale:\n    def __call__(self): return 1\nscale = Scale()\n@step\ndef fit(): return scale()\n",
        "return 1",
        "return 2",
        "Scale.__call__",
    ),
    Change(
        "a property",
        """
class Model:
    @property
    def depth(self): return 1
@step
def fit(): return Model().depth
""",
        "return 1",
        "return 2",
        "Model.depth",
    ),
    Change(
        "a cached property",
        """
class Model:
    @functools.cached_property
    def depth(self): return 1
@step
def fit(): return Model().depth
""",
        "return 1",
        "return 2",
        "Model.depth",
    ),
    Change(
        "a static method",
        """
class Model:
    @staticmethod
    def depth(): return 1
@step
def fit(): return Model.depth()
""",
        "return 1",
        "return 2",
        "Model.depth",
    ),
    Change(
        "a class method",
        """
class Model:
    @classmethod
    def depth(cls): return 1
@step
def fit(): return Model.depth()
""",
        "return 1",
        "return 2",
        "Model.depth",
    ),
    Change(
        "a class attribute",
        "class Model:\n    depth = 1\n@step\ndef fit(): return Model().depth\n",
        "depth = 1",
        "depth = 2",
        "Model.depth",
    ),
    Change(
        "a metaclass",
        """
class Meta(type):
    def __call__(cls): return 1
class Model(metaclass=Meta): pass
@step
def fit(): return Model()
""",
        "return 1",
        "return 2",
        "Meta.__call__",
    ),
    Change(
        "a descriptor",
        """
class Constant:
    def __get__(self, owner, kind): return 1
class Model:
    depth = Constant()
@step
def fit(): return Model().depth
""",
        "return 1",
        "return 2",
        "Constant.__get__",
    ),
    Change(
        "a function in a closure",
        """
def make():
    def helper(): return 1
    def fit(): return helper()
    return fit
fit = step(make())
""",
        "return 1",
        "return 2",
        "make.helper",
    ),
    Change(
        "a class in a closure",
        """
def make():
    class Model:
        def fit(self): return 1
    def fit(): return Model().fit()
    return fit
fit = step(make())
""",
        "return 1",
        "return 2",
        "make.Model.fit",
    ),
    Change(
        "a value in the closure of a helper",
        """
def make(threshold):
    def helper(): return threshold
    return helper
helper = make(1)
@step
def fit(): return helper()
""",
        "make(1)",
        "make(2)",
        "make.helper.threshold",
    ),
    Change(
        "a nested function",
        "@step\ndef fit():\n    def inner(): return 1\n    return inner()\n",
        "return 1",
        "return 2",
        "fit",
    ),
    Change(
        "a class in a function",
        "@step\ndef fit():\n    class Inner:\n        x = 1\n    return Inner.x\n",
        "x = 1",
        "x = 2",
        "fit",
    ),
    Change(
        "a global in a nested function",
        "N = 1\n@step\ndef fit():\n    def inner(): return N\n    return inner()\n",
        "N = 1",
        "N = 2",
        "N",
    ),
    Change("a lambda", "half = lambda: 1\n@step\ndef fit(): return half()\n", ": 1", ": 2", "half"),
    Change(
        "a lambda in a dict",
        "TABLE = {'a': lambda: 1}\n@step\ndef fit(): return TABLE['a']()\n",
        ": 1}",
        ": 2}",
        "TABLE['a']",
    ),
    Change(
        "a comprehension",
        "@step\ndef fit(): return [x * 1 for x in range(3)]\n",
        "x * 1",
        "x * 2",
        "fit",
    ),
    Change(
        "a generator",
        "def numbers():\n    yield 1\n@step\ndef fit(): return list(numbers())\n",
        "yield 1",
        "yield 2",
        "numbers",
    ),
    Change(
        "a default",
        "def helper(x=1): return x\n@step\ndef fit(): return helper()\n",
        "x=1",
        "x=2",
        "helper.x",
    ),
    Change(
        "a default of a keyword",
        "def helper(*, x=1): return x\n@step\ndef fit(): return helper()\n",
        "x=1",
        "x=2",
        "helper.x",
    ),
    Change(
        "a default that is computed",
        "N = 1\ndef helper(x=N): return x\n@step\ndef fit(): return helper()\n",
        "N = 1",
        "N = 2",
        "helper.x",
    ),
    Change(
        "an argument of a partial",
        "def helper(x): return x\nhalf = functools.partial(helper, 1)\n@step\ndef fit(): return half()\n",
        "helper, 1",
        "helper, 2",
        "half",
    ),
    Change(
        "the function of a partial",
        "def helper(x): return x + 1\nhalf = functools.partial(helper, 1)\n@step\ndef fit(): return half()\n",
        "x + 1",
        "x + 2",
        "helper",
    ),
    Change(
        "a cached function",
        "@functools.lru_cache\ndef helper(): return 1\n@step\ndef fit(): return helper()\n",
        "return 1",
        "return 2",
        "helper",
    ),
    Change(
        "an own decorator",
        """
def twice(function):
    @functools.wraps(function)
    def wrapper(): return function() * 2
    return wrapper
@twice
def helper(): return 1
@step
def fit(): return helper()
""",
        "* 2",
        "* 3",
        "helper@wrapper",
    ),
    Change(
        "a function below an own decorator",
        """
def twice(function):
    @functools.wraps(function)
    def wrapper(): return function() * 2
    return wrapper
@twice
def helper(): return 1
@step
def fit(): return helper()
""",
        "return 1",
        "return 2",
        "helper",
    ),
    Change(
        "a function below a decorator without wraps",
        """
def twice(function):
    def wrapper(): return function() * 2
    return wrapper
@twice
def helper(): return 1
@step
def fit(): return helper()
""",
        "return 1",
        "return 2",
        "helper",
    ),
    Change(
        "a decorator's argument",
        """
def times(n):
    def decorate(function):
        def wrapper(): return function() * n
        return wrapper
    return decorate
@times(2)
def helper(): return 1
@step
def fit(): return helper()
""",
        "times(2)",
        "times(3)",
        "times.decorate.wrapper.n",
    ),
    Change(
        "a function below a decorator of the standard library",
        """
import contextlib
@contextlib.contextmanager
def opened():
    yield 1
@step
def fit():
    with opened() as x: return x
""",
        "yield 1",
        "yield 2",
        "opened",
    ),
    Change(
        "an implementation for a type",
        """
@functools.singledispatch
def show(x): return "any"
@show.register
def _(x: int): return "1"
@step
def fit(): return show(1)
""",
        'return "1"',
        'return "2"',
        "_",
    ),
    Change("a number", "N = 1\n@step\ndef fit(): return N\n", "N = 1", "N = 2", "N"),
    Change("a number's type", "N = 1\n@step\ndef fit(): return N\n", "N = 1", "N = 1.0", "N"),
    Change("a list", "NAMES = ['a']\n@step\ndef fit(): return NAMES\n", "['a']", "['a', 'b']", "NAMES"),
    Change("a set", "NAMES = {'a'}\n@step\ndef fit(): return NAMES\n", "{'a'}", "{'a', 'b'}", "NAMES"),
    Change("a pattern", "P = re.compile('a')\n@step\ndef fit(): return P.match('a')\n", "'a')\n@", "'b')\n@", "P"),
    Change("a constant in the code", "@step\ndef fit(): return 0.1\n", "0.1", "0.10000000000000002", "fit"),
    Change("the sign of zero", "@step\ndef fit(): return 0.0\n", "0.0", "-0.0", "fit"),
    Change("the text of an f-string", "@step\ndef fit(): return f'a{1}'\n", "a{1}", "b{1}", "fit"),
    Change("a named argument", "def g(a=1, b=1): pass\n@step\ndef fit(): return g(a=3)\n", "a=3", "b=3", "fit"),
    Change("a statement", "@step\ndef fit():\n    x = 1\n    return x\n", "x = 1", "x = 1; x += 1", "fit"),
    Change(
        "the order of calls",
        "def a(): pass\ndef b(): pass\n@step\ndef fit(): a(); b()\n",
        "a(); b()",
        "b(); a()",
        "fit",
    ),
    Change(
        "a function in a dict",
        "def a(): return 1\nTABLE = {'a': a}\n@step\ndef fit(): return TABLE['a']()\n",
        "return 1",
        "return 2",
        "a",
    ),
    Change(
        "which function stands in a dict",
        "def a(): return 1\ndef b(): return 2\nTABLE = {'x': a, 'y': b}\n@step\ndef fit(): return TABLE['x']()\n",
        "'x': a, 'y': b",
        "'x': b, 'y': a",
        "TABLE",
    ),
    Change(
        "a function deep in containers",
        "def a(): return 1\nTABLE = [{'x': (a,)}]\n@step\ndef fit(): return TABLE[0]['x'][0]()\n",
        "return 1",
        "return 2",
        "a",
    ),
    Change(
        "a class in a list",
        "class A:\n    def fit(self): return 1\nALL = [A]\n@step\ndef fit(): return ALL[0]().fit()\n",
        "return 1",
        "return 2",
        "A.fit",
    ),
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
        "an attribute of an object",
        "class Config:\n    def __init__(self, n): self.n = n\nconfig = Config(1)\n@step\ndef fit(): return config.n\n",
        "Config(1)",
        "Config(2)",
        "config",
    ),
    Change(
        "the class of an object",
        "class Model:\n    def fit(self): return 1\nmodel = Model()\n@step\ndef fit(): return model.fit()\n",
        "return 1",
        "return 2",
        "Model.fit",
    ),
    Change(
        "an object with slots",
        """
class Config:
    __slots__ = ("n",)
    def __init__(self, n): self.n = n
config = Config(1)
@step
def fit(): return config.n
""",
        "Config(1)",
        "Config(2)",
        "config",
    ),
    Change(
        "an object of a subclass of dict",
        "class Config(dict): pass\nconfig = Config(n=1)\n@step\ndef fit(): return config['n']\n",
        "n=1",
        "n=2",
        "config",
    ),
    Change(
        "a bound method",
        """
class Model:
    def __init__(self, n): self.n = n
    def fit(self): return self.n
run = Model(1).fit
@step
def fit(): return run()
""",
        "Model(1)",
        "Model(2)",
        "run",
    ),
    Change(
        "a function of an imported module",
        "from helpers import clean\n@step\ndef fit(): return clean()\n# --- helpers.py\ndef clean(): return 1\n",
        "return 1",
        "return 2",
        "helpers.clean",
    ),
    Change(
        "an attribute of a module",
        "import helpers\n@step\ndef fit(): return helpers.clean()\n# --- helpers.py\ndef clean(): return 1\n",
        "return 1",
        "return 2",
        "helpers.clean",
    ),
    Change(
        "a constant of a module",
        "import helpers as h\n@step\ndef fit(): return h.N\n# --- helpers.py\nN = 1\n",
        "N = 1",
        "N = 2",
        "helpers.N",
    ),
    Change(
        "a constant that a function of a module uses",
        "import helpers\n@step\ndef fit(): return helpers.f()\n# --- helpers.py\nN = 1\ndef f(): return N\n",
        "N = 1",
        "N = 2",
        "helpers.N",
    ),
    Change(
        "a module in a package",
        """
import proj.deep.helpers
@step
def fit(): return proj.deep.helpers.clean()
# --- proj/__init__.py
# --- proj/deep/__init__.py
# --- proj/deep/helpers.py
def clean(): return 1
""",
        "return 1",
        "return 2",
        "proj.deep.helpers.clean",
    ),
    Change(
        "what a package hands on",
        """
from proj import clean
@step
def fit(): return clean()
# --- proj/__init__.py
from .helpers import clean
# --- proj/helpers.py
def clean(): return 1
""",
        "return 1",
        "return 2",
        "proj.helpers.clean",
    ),
    Change(
        "an import in the body",
        """
@step
def fit():
    from helpers import clean
    return clean()
# --- helpers.py
def clean(): return 1
""",
        "return 1",
        "return 2",
        "helpers.clean",
    ),
    Change(
        "a module that is imported in the body",
        """
@step
def fit():
    import proj.helpers
    return proj.helpers.clean()
# --- proj/__init__.py
# --- proj/helpers.py
def clean(): return 1
""",
        "return 1",
        "return 2",
        "proj.helpers.clean",
    ),
    Change(
        "a relative import in the body of a helper",
        """
from proj.helpers import clean
@step
def fit(): return clean()
# --- proj/__init__.py
# --- proj/helpers.py
def clean():
    from . import deep
    return deep.wash()
# --- proj/deep.py
def wash(): return 1
""",
        "return 1",
        "return 2",
        "proj.deep.wash",
    ),
    Change(
        "an attribute by its name in a text",
        "class M:\n    def fit(self): return 1\n@step\ndef fit(): return getattr(M(), 'fit')()\n",
        "return 1",
        "return 2",
        "M.fit",
    ),
    Change(
        "another step that is used",
        "@step\ndef other(): return 1\n@step\ndef fit(): return other('data').payload\n",
        "return 1",
        "return 2",
        "other",
    ),
    Change(
        "a class of steps that is used",
        """
class OtherP(Persistable):
    def _generate_payload(self, **untracked): return 1
@step
def fit(): return OtherP('data', None).payload
""",
        "return 1",
        "return 2",
        "OtherP._generate_payload",
    ),
    Change(
        "the initialiser of a step",
        """
class FitP(Persistable):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.factor = 1
    def _generate_payload(self, **untracked): return self.factor
""",
        "self.factor = 1",
        "self.factor = 2",
        "FitP.__init__",
    ),
    Change(
        "a function of a module that is an attribute",
        """
import helpers
class Model:
    tools = helpers
    def fit(self): return self.tools.clean()
@step
def fit(): return Model().fit()
# --- helpers.py
def clean(): return 1
""",
        "return 1",
        "return 2",
        "helpers.clean",
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
    Change(
        "what a getter gets",
        "import operator\nfirst = operator.itemgetter('a')\n@step\ndef fit(): return first({'a': 1, 'b': 2})\n",
        "itemgetter('a')",
        "itemgetter('b')",
        "first",
    ),
    Change(
        "a setting of an estimator",
        """
class Estimator:
    def __init__(self, **params): self.params = params
    def get_params(self, deep=True): return self.params
estimator = Estimator(alpha=1)
@step
def fit(): return estimator.get_params()
""",
        "alpha=1",
        "alpha=2",
        "estimator",
    ),
    Change(
        "a path elsewhere",
        "import pathlib\nDATA = pathlib.Path('/data/a')\n@step\ndef fit(): return DATA\n",
        "/data/a",
        "/data/b",
        "DATA",
    ),
    Change(
        "a path beside the code",
        "import os\nDATA = os.path.abspath('a')\n@step\ndef fit(): return DATA\n",
        "abspath('a')",
        "abspath('b')",
        "DATA",
    ),
    Change(
        "recursion",
        "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n == 1\n@step\ndef fit(): return even(3)\n",
        "n == 1",
        "n == 2",
        "odd",
    ),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("change", CHANGES, ids=[change.what.replace(" ", "-") for change in CHANGES])
def test_a_change_is_noticed_and_told_by_its_name(change: Change, mode: str, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, mode)
    before = workplace.run(sources_of(change.code))
    again = workplace.run(sources_of(change.code))
    after = workplace.run(sources_of(edited(change.code, change.old, change.new)))
    assert again.changes_since(before) == []
    assert change.told in names_of(after.changes_since(before))
    assert after.quick() != before.quick()
    assert after.digests()["ast"] != before.digests()["ast"]
    assert again.digests() == before.digests()


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the match statement came with Python 3.10")
def test_a_pattern_that_is_matched_is_noticed(tmp_path: Path) -> None:
    code = "@step\ndef fit():\n    match [1, 2]:\n        case [1, x]: return x\n"
    workplace = Workplace(tmp_path, "module")
    before = workplace.run(sources_of(code))
    after = workplace.run(sources_of(edited(code, "[1, x]", "[x, 2]")))
    assert names_of(after.changes_since(before)) == {"fit"}
