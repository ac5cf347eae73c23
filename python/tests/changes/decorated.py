"""Functions below decorators, and the decorators."""

from __future__ import annotations

from changes.table import Change

CHANGES = [
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
]
