"""Date offsets of pandas as params of their own."""

from __future__ import annotations

import pandas as pd
from pandas.tseries import offsets

from traps.table import agree, differ

TRAPS = [
    agree("an offset is its parts", pd.DateOffset(months=1, days=2), pd.DateOffset(days=2, months=1)),
    differ("how often an offset is applied counts", offsets.MonthEnd(1), offsets.MonthEnd(2)),
    differ("two kinds of offset differ", offsets.MonthEnd(), offsets.MonthBegin()),
    differ("whether an offset normalises counts", offsets.MonthEnd(), offsets.MonthEnd(normalize=True)),
    differ("the parts of an offset count", pd.DateOffset(months=1), pd.DateOffset(months=2)),
    differ("an offset of hours is not a span", offsets.Hour(3), pd.Timedelta(hours=3)),
    differ(
        "the holidays of an offset count",
        offsets.CustomBusinessDay(holidays=["2024-01-01"]),
        offsets.CustomBusinessDay(holidays=["2024-01-02"]),
    ),
]
