"""Modules and packages that a step imports from."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
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
]
