"""Global values: numbers, containers, paths and objects."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
    Change("a number", "N = 1\n@step\ndef fit(): return N\n", "N = 1", "N = 2", "N"),
    Change("a number's type", "N = 1\n@step\ndef fit(): return N\n", "N = 1", "N = 1.0", "N"),
    Change("a list", "NAMES = ['a']\n@step\ndef fit(): return NAMES\n", "['a']", "['a', 'b']", "NAMES"),
    Change("a set", "NAMES = {'a'}\n@step\ndef fit(): return NAMES\n", "{'a'}", "{'a', 'b'}", "NAMES"),
    Change("a pattern", "P = re.compile('a')\n@step\ndef fit(): return P.match('a')\n", "'a')\n@", "'b')\n@", "P"),
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
]
