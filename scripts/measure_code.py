"""Measures what the record of a step's code costs: the first walk, the source digests, and the check on each hit.

Run it with the release build of the compiled module: `python scripts/measure_code.py`.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from persistable import _core
from persistable import step as make_step
from persistable._code import record_of
from persistable._code.bytecode import _digests, _mentions

FUNCTION = '''
def clean_{n}(table, threshold={n}, *, mode="fast"):
    """Cleans a table."""
    kept = [row for row in table if row and row[0] > LIMIT_{m} + threshold]
    for index, row in enumerate(kept):
        if row in NAMES_{m}:
            kept[index] = helpers_{next}(row, mode=mode)
    try:
        return {{key: value for key, value in zip(NAMES_{m}, kept)}}
    except (ValueError, TypeError) as error:
        raise RuntimeError(f"row {{len(kept)}} of {{mode!r}}") from error
helpers_{n} = clean_{n}
'''


def source(functions: int) -> str:
    parts = ["from persistable import step\n"]
    constants = 40
    for m in range(constants):
        parts.append(f"LIMIT_{m} = {m}\nNAMES_{m} = ['a', 'b', {m}]\n")
    for n in range(functions):
        parts.append(FUNCTION.format(n=n, m=n % constants, next=(n + 1) % functions))
    parts.append("@step\ndef fit(): return clean_0([])\n")
    return "".join(parts)


def best(act: Callable[[], Any], repeats: int, before: Callable[[], Any] = lambda: None) -> float:
    times = []
    for _ in range(repeats):
        before()
        begin = time.perf_counter()
        act()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "measured.py").write_text(source(72))
        sys.path.insert(0, folder)
        fit = importlib.import_module("measured").fit

        def forget() -> None:
            from persistable._code import sources

            _digests.clear()
            _mentions.clear()
            sources._digests.clear()
            sources._files.clear()

        step = fit(folder)
        code = _core.code_of(step)
        assert code is not None
        print(f"{len(code.items())} items, {code.watched_count()} references")
        again: list[Any] = []
        new = lambda: again.append(make_step(fit.function)(folder))  # noqa: E731
        first = best(lambda: _core.code_of(again[-1]), 20, lambda: (forget(), new()))
        second = best(lambda: _core.code_of(again[-1]), 20, new)
        print(f"first walk:  {first * 1e3:.2f} ms")
        print(f"second walk: {second * 1e3:.2f} ms (another step with the same helpers)")
        print(f"sources:     {best(lambda: record_of(fit).full(), 5, forget) * 1e3:.1f} ms (with the walk)")
        rounds = 2000
        check = best(lambda: [_core.code_of(step) for _ in range(rounds)], 10) / rounds
        print(f"check:       {check * 1e6:.1f} µs")


if __name__ == "__main__":
    main()
