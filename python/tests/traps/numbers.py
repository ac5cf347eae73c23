"""Numbers: Python's and NumPy's."""

from __future__ import annotations

import enum
from decimal import Decimal
from fractions import Fraction

import numpy as np

from traps.table import agree, differ


class Level(enum.IntEnum):
    LOW = 1
    BOTTOM = 1
    HIGH = 2


class Grade(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Word(str, enum.Enum):
    RED = "red"


class Reordered:
    """Has the same colours in another order and with other values."""

    class Colour(enum.Enum):
        BLUE = 1
        RED = 2

    Colour.__qualname__ = "Colour"


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4
    ALL = 7


class Mask(enum.IntFlag):
    READ = 1
    WRITE = 2


_quiet_nan = float("nan")
_nan_with_payload = np.array([0x7FF8000000000123], np.uint64).view(np.float64)[0]
_negative_nan = np.array([0xFFF8000000000000], np.uint64).view(np.float64)[0]

TRAPS = [
    differ("True is not 1", True, 1),
    differ("False is not 0", False, 0),
    differ("False is not None", False, None),
    differ("0 is not None", 0, None),
    differ("1 is not 1.0", 1, 1.0),
    differ("True is not 1.0", True, 1.0),
    differ("1.0 is not 1+0j", 1.0, 1 + 0j),
    differ("1 is not the text of it", 1, "1"),
    differ("0.0 is not -0.0", 0.0, -0.0),
    differ("0j is not -0j", complex(0, 0.0), complex(0, -0.0)),
    differ("1+2j is not 2+1j", 1 + 2j, 2 + 1j),
    differ("an int is not its negative", 5, -5),
    differ("ints that round to the same float differ", 2**53, 2**53 + 1),
    differ("an int beyond floats is not its neighbour", 10**400, 10**400 + 1),
    differ("-1 is not the unsigned number of its bits", -1, 2**64 - 1),
    differ("256 is not 1 with more zeros", 256, 1),
    differ("0.1 + 0.2 is not 0.3", 0.1 + 0.2, 0.3),
    differ("the smallest float is not zero", 5e-324, 0.0),
    differ("infinity is not minus infinity", float("inf"), float("-inf")),
    differ("infinity is not NaN", float("inf"), _quiet_nan),
    differ("NaN is not None", _quiet_nan, None),
    differ("NaN is not the text nan", _quiet_nan, "nan"),
    agree("any NaN is any other NaN", _quiet_nan, float("-nan")),
    agree("the payload of a NaN does not count", _quiet_nan, _nan_with_payload),
    agree("the sign of a NaN does not count", _quiet_nan, _negative_nan),
    differ("a float of 32 bits is not the decimal it was written as", np.float32(0.1), 0.1),
    agree("a float of 32 bits is the float of 64 bits that it equals", np.float32(0.1), float(np.float32(0.1))),
    agree("a float of 16 bits is the float of 64 bits that it equals", np.float16(0.5), 0.5),
    agree("a NumPy int is the int", np.int8(5), 5),
    agree("NumPy ints of two widths are one int", np.int16(5), np.uint64(5)),
    agree("a NumPy bool is the bool", np.bool_(True), True),
    differ("a NumPy bool is not 1", np.bool_(True), 1),
    differ("a NumPy int is not the float", np.int64(5), np.float64(5)),
    agree("a NumPy float is the float", np.float64(0.1), 0.1),
    agree("a NumPy complex is the complex", np.complex64(1 + 2j), 1 + 2j),
    differ("Decimal 1.5 is not Decimal 1.50", Decimal("1.5"), Decimal("1.50")),
    differ("Decimal 1.5 is not the float", Decimal("1.5"), 1.5),
    differ("Decimal 1 is not the int", Decimal(1), 1),
    differ("Decimal 0 is not Decimal -0", Decimal("0"), Decimal("-0")),
    differ("Decimal 10 is not Decimal 1E+1", Decimal("10"), Decimal("1E+1")),
    agree("Decimal 1E1 is Decimal 1e+01", Decimal("1E1"), Decimal("1e+01")),
    agree("zeros that lead a Decimal do not count", Decimal("0001.5"), Decimal("1.5")),
    differ("Decimal NaN is not the float NaN", Decimal("NaN"), _quiet_nan),
    differ("Decimal infinity is not minus infinity", Decimal("Infinity"), Decimal("-Infinity")),
    differ("a Fraction is not the float it equals", Fraction(1, 2), 0.5),
    differ("a whole Fraction is not the int", Fraction(2, 1), 2),
    differ("a Fraction is not the pair of its numbers", Fraction(1, 2), (1, 2)),
    differ("a Fraction is not its inverse", Fraction(2, 3), Fraction(3, 2)),
    agree("a Fraction is reduced", Fraction(2, 4), Fraction(1, 2)),
    differ("a member of an IntEnum is not its int", Level.LOW, 1),
    differ("a member of a text enum is not its text", Word.RED, "red"),
    differ("a member of an enum is not its name", Colour.RED, "RED"),
    differ("members of one enum differ", Colour.RED, Colour.BLUE),
    differ("members of two enums with one name and value differ", Level.LOW, Grade.LOW),
    agree("an alias is the member", Level.BOTTOM, Level.LOW),
    agree("a member's value does not count, nor where it stands", Colour.RED, Reordered.Colour.RED),
    differ("one flag is not another", Access.READ, Access.WRITE),
    differ("two flags are not one of them", Access.READ | Access.WRITE, Access.READ),
    agree("flags have no order", Access.READ | Access.WRITE, Access.WRITE | Access.READ),
    agree("the name of many flags is all of them", Access.ALL, Access.READ | Access.WRITE | Access.RUN),
    differ("no flag is not None", Access(0), None),
    differ("no flag is not a flag", Access(0), Access.READ),
    differ("an IntFlag is not its int", Mask.READ, 1),
    differ("flags of two enums differ", Mask.READ, Access.READ),
    differ("bits without a name count", Mask.READ | Mask(8), Mask.READ),
]
