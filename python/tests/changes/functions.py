"""Functions that a step calls: helpers, closures, lambdas, defaults and partials."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
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
        "recursion",
        "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n == 1\n@step\ndef fit(): return even(3)\n",
        "n == 1",
        "n == 2",
        "odd",
    ),
    Change(
        "a generator",
        "def numbers():\n    yield 1\n@step\ndef fit(): return list(numbers())\n",
        "yield 1",
        "yield 2",
        "numbers",
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
    Change("a lambda", "half = lambda: 1\n@step\ndef fit(): return half()\n", ": 1", ": 2", "half"),
    Change(
        "a lambda in a dict",
        "TABLE = {'a': lambda: 1}\n@step\ndef fit(): return TABLE['a']()\n",
        ": 1}",
        ": 2}",
        "TABLE['a']",
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
        "what a getter gets",
        "import operator\nfirst = operator.itemgetter('a')\n@step\ndef fit(): return first({'a': 1, 'b': 2})\n",
        "itemgetter('a')",
        "itemgetter('b')",
        "first",
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
]
