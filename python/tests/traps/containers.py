"""Lists, tuples, sets, mappings and ranges."""

from __future__ import annotations

import functools
import operator
from collections import Counter, OrderedDict, defaultdict, deque
from types import MappingProxyType, SimpleNamespace

from traps.table import agree, differ

_shared = [1, 2]


def _moved() -> OrderedDict[str, int]:
    moved = OrderedDict(a=1, b=2)
    moved.move_to_end("a")
    return moved


TRAPS = [
    differ("a list is not the tuple", [1, 2], (1, 2)),
    differ("an empty list is not None", [], None),
    differ("an empty list is not an empty tuple", [], ()),
    differ("an empty list is not an empty dict", [], {}),
    differ("an empty set is not an empty dict", set(), {}),
    differ("a list of one is not that one", [1], 1),
    differ("a tuple of one is not that one", (1,), 1),
    differ("a list has an order", [1, 2], [2, 1]),
    differ("a list within a list is not flat", [[1], [2]], [[1, 2]]),
    differ("where lists end counts", [[1, 2], [3]], [[1], [2, 3]]),
    differ("where texts end counts", ["ab", "c"], ["a", "bc"]),
    differ("a list of one text is not a list of two", ["a, b"], ["a", "b"]),
    differ("a list with None is not the shorter one", [1, None], [1]),
    differ("a list counts its repeats", [1, 1], [1]),
    differ("a list is not the dict of its positions", ["a"], {0: "a"}),
    differ("a list is not the set", [1, 2], {1, 2}),
    differ("a text is not the list of its letters", "ab", ["a", "b"]),
    agree("a list that is held twice is two equal lists", [_shared, _shared], [[1, 2], [1, 2]]),
    agree("a set has no order", {"a", "b", "c"}, {"c", "b", "a"}),
    agree("a set that shrank is the set", {1, 2, 3} - {3}, {1, 2}),
    agree("a frozenset is the set", frozenset({1, 2}), {1, 2}),
    differ("a set of 1 is not a set of True", {1}, {True}),
    differ("a set of 1 is not a set of 1.0", {1}, {1.0}),
    agree(
        "a set of sets has no order inside either",
        {frozenset("ab"), frozenset("cd")},
        {frozenset("dc"), frozenset("ba")},
    ),
    agree("a dict has no order", {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    agree("a nested dict has no order", {"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}}),
    differ("a key 1 is not a key True", {1: "a"}, {True: "a"}),
    differ("a key 1 is not a key 1.0", {1: "a"}, {1.0: "a"}),
    differ("a key 1 is not a key '1'", {1: "a"}, {"1": "a"}),
    differ("a key None is not a key 'None'", {None: 1}, {"None": 1}),
    differ("a value 1 is not a value True", {"a": 1}, {"a": True}),
    differ("a key with None is not no key", {"a": None}, {}),
    differ("a key is not its value", {"a": "b"}, {"b": "a"}),
    differ("values that change places differ", {"a": 1, "b": 2}, {"a": 2, "b": 1}),
    differ("a nested key is not one with a dot", {"a": {"b": 1}}, {"a.b": 1}),
    differ("a dict is not the list of its pairs", {"a": 1}, [("a", 1)]),
    differ("a dict is not the set of its keys", {"a": None}, {"a"}),
    differ("a key that is a tuple is not two keys", {("a", "b"): 1}, {"a": 1, "b": 1}),
    differ("an OrderedDict is not the dict", OrderedDict(a=1, b=2), {"a": 1, "b": 2}),
    differ("an OrderedDict has an order", OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)),
    differ("an OrderedDict is not the list of its pairs", OrderedDict(a=1), [("a", 1)]),
    differ("an OrderedDict counts with its values", OrderedDict(a=1), OrderedDict(a=2)),
    differ("an empty OrderedDict is not an empty dict", OrderedDict(), {}),
    agree("an OrderedDict's dicts have no order", OrderedDict(a={1: 2, 3: 4}), OrderedDict(a={3: 4, 1: 2})),
    agree("how an OrderedDict got its order does not count", _moved(), OrderedDict(b=2, a=1)),
    differ("a defaultdict is not the dict", defaultdict(list, a=1), {"a": 1}),
    differ("defaultdicts of two defaults differ", defaultdict(list), defaultdict(set)),
    differ("a Counter is not the dict", Counter("a"), {"a": 1}),
    differ("a Counter with a zero is not one without", Counter(a=0), Counter()),
    differ("a deque is not the list", deque([1, 2]), [1, 2]),
    differ("a deque counts with its bound", deque([1], maxlen=2), deque([1])),
    differ("a view of a dict is not the dict", MappingProxyType({"a": 1}), {"a": 1}),
    differ("a namespace is not the dict", SimpleNamespace(a=1), {"a": 1}),
    agree("a namespace has no order", SimpleNamespace(a=1, b=2), SimpleNamespace(b=2, a=1)),
    differ("a range is not the list", range(3), [0, 1, 2]),
    differ("a range is not the tuple of its bounds", range(3), (0, 3, 1)),
    differ("a range counts with its step", range(4), range(0, 4, 2)),
    agree("a range may leave out what is usual", range(3), range(0, 3, 1)),
    differ("a slice is not a range", slice(0, 3, 1), range(0, 3, 1)),
    differ("an open slice is not one from zero", slice(3), slice(0, 3)),
    differ("the ellipsis is not None", ..., None),
    differ("the ellipsis is not its text", ..., "..."),
    differ("a partial is not its function", functools.partial(operator.add), operator.add),
    differ(
        "a partial's argument by position is not one by name",
        functools.partial(dict, [1]),
        functools.partial(dict, a=1),
    ),
    differ(
        "a partial counts with its arguments", functools.partial(operator.add, 1), functools.partial(operator.add, 2)
    ),
]
