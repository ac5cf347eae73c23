"""Classes that a step uses: methods, bases and attributes."""

from __future__ import annotations

import sys

from changes.table import Change

CHANGES = [
    Change(
        "a method of a class",
        "class Model:\n    def fit(self): return 1\n@step\ndef fit(): return Model().fit()\n",
        "return 1",
        "return 2",
        "Model.fit",
    ),
    Change(
        "an argument of a partial method",
        """
class Model:
    def scale(self, factor): return factor
    fit = functools.partialmethod(scale, 1)
@step
def fit(): return Model().fit()
""",
        "(scale, 1)",
        "(scale, 2)",
        "Model.fit",
    ),
    Change(
        "the function of a partial method",
        """
class Model:
    fit = functools.partialmethod(lambda self, x: x + 1, x=1)
@step
def fit(): return Model().fit()
""",
        "x + 1",
        "x + 2",
        "Model.fit.func",
    ),
    Change(
        "an argument of a partial in a static method",
        """
class Model:
    fit = staticmethod(functools.partial(max, 1))
@step
def fit(): return Model().fit(0)
""",
        "(max, 1)",
        "(max, 2)",
        "Model.fit",
    ),
    Change(
        "an argument of a partial in a property",
        """
def scaled(factor, model): return factor
class Model:
    fit = property(functools.partial(scaled, 1))
@step
def fit(): return Model().fit
""",
        "(scaled, 1)",
        "(scaled, 2)",
        "Model.fit",
    ),
    Change(
        "the factory of a defaultdict",
        """
TABLE = collections.defaultdict(lambda: 1, {"a": 2})
@step
def fit(): return TABLE["a"]
""",
        "lambda: 1",
        "lambda: 3",
        "TABLE.default_factory",
    ),
    Change(
        "a default of a dataclass that a call makes",
        """
Model = dataclasses.make_dataclass("Model", [("x", int, 1)])
@step
def fit(): return Model().x
""",
        "int, 1)",
        "int, 2)",
        "Model.x" if sys.version_info >= (3, 12) else "types.Model.x",
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
        "an attribute by its name in a text",
        "class M:\n    def fit(self): return 1\n@step\ndef fit(): return getattr(M(), 'fit')()\n",
        "return 1",
        "return 2",
        "M.fit",
    ),
]
