"""Classes and functions by name."""

from __future__ import annotations

import collections
import math
import operator
import statistics

import numpy as np

from traps.table import agree, differ


def mean(values: list[float]) -> float:
    """Has the name of a function elsewhere."""
    return sum(values) / len(values)


class Model:
    """Has a method of the name of a function."""

    @staticmethod
    def mean(values: list[float]) -> float:
        return mean(values)


class OrderedDict:
    """Has the name of a class elsewhere."""


another_name = mean

TRAPS = [
    differ("a class is not its name", int, "int"),
    differ("a class is not its full name", int, "builtins.int"),
    differ("two classes differ", int, float),
    differ("classes of one name in two modules differ", OrderedDict, collections.OrderedDict),
    differ("a class is not its short name", Model, "Model"),
    differ("the class of None is not None", type(None), None),
    differ("a NumPy type is not Python's", np.float64, float),
    differ("two NumPy types differ", np.float32, np.float64),
    differ("a NumPy type is not its dtype", np.float32, np.dtype("float32")),
    differ("dtypes of two byte orders differ", np.dtype("<f4"), np.dtype(">f4")),
    differ("a dtype with fields is not its first field", np.dtype([("a", "f4")]), np.dtype("f4")),
    differ("dtypes with padding differ from those without", np.dtype("i1,i4", align=True), np.dtype("i1,i4")),
    differ("two dtypes of text differ by their width", np.dtype("U1"), np.dtype("U2")),
    differ("a function is not its name", mean, "mean"),
    differ("functions of one name in two modules differ", mean, statistics.mean),
    differ("a method of a class is not the function of its name", Model.mean, mean),
    differ("a NumPy function is not the function of its name", np.mean, statistics.mean),
    differ("two ufuncs differ", np.sin, np.cos),
    differ("a ufunc is not the function of math", np.sin, math.sin),
    differ("a builtin is not another", min, max),
    differ("a method of a builtin class is not that of another", str.upper, bytes.upper),
    agree("a function by another name is the function", another_name, mean),
    differ("a builtin function is not an operator of its meaning", abs, operator.abs),
]
