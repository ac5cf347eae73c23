"""The code of a step itself, and of other steps that it uses."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
    Change("the body", "@step\ndef fit(): return 1\n", "return 1", "return 2", "fit"),
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
    Change("a statement", "@step\ndef fit():\n    x = 1\n    return x\n", "x = 1", "x = 1; x += 1", "fit"),
    Change(
        "the order of calls",
        "def a(): pass\ndef b(): pass\n@step\ndef fit(): a(); b()\n",
        "a(); b()",
        "b(); a()",
        "fit",
    ),
    Change("a constant in the code", "@step\ndef fit(): return 0.1\n", "0.1", "0.10000000000000002", "fit"),
    Change("the sign of zero", "@step\ndef fit(): return 0.0\n", "0.0", "-0.0", "fit"),
    Change("the text of an f-string", "@step\ndef fit(): return f'a{1}'\n", "a{1}", "b{1}", "fit"),
    Change("a named argument", "def g(a=1, b=1): pass\n@step\ndef fit(): return g(a=3)\n", "a=3", "b=3", "fit"),
    Change(
        "a comprehension",
        "@step\ndef fit(): return [x * 1 for x in range(3)]\n",
        "x * 1",
        "x * 2",
        "fit",
    ),
]
