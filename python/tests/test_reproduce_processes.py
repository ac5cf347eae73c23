"""`reproduce()` generates in another process: what is sent there, and what it tells when that fails."""

from __future__ import annotations

import os
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from reproduce_support import WORDS
from support import NumberP, NumberParams, run

import persistable
from persistable import Persistable, PersistableParams, step
from persistable.exceptions import ReproductionError


@step
def failing_elsewhere(path: str) -> str:
    print("reading now")
    return Path(path).read_text()


@step
def sleeping(n: int) -> int:
    if "PERSISTABLE_REPRODUCING" in os.environ:
        time.sleep(3600)
    return n


def test_an_error_has_the_traceback_and_the_output_of_the_other_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("content")
    reading = failing_elsewhere(tmp_path / "data", path="in.txt")
    reading.generate()
    with pytest.raises(ReproductionError, match=r"(?s)FileNotFoundError.*keep=\[\"cwd\"\].*Traceback") as caught:
        persistable.reproduce(reading)
    assert "reading now" in caught.value.output
    kept = persistable.reproduce(reading, keep=["cwd"])
    assert kept.verdict == "identical"
    assert kept.output == "reading now\n"


def test_a_generation_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = sleeping(tmp_path, n=1)
    slow.generate()
    with pytest.raises(ReproductionError, match=r"was not generated again within 0\.5 s"):
        persistable.reproduce(slow, timeout_seconds=0.5)


def test_functions_in_functions_are_sent_whole(tmp_path: Path) -> None:
    @step
    def local(n: int) -> list[int]:
        return [n, len(WORDS)]

    inner = local(tmp_path, n=3)
    inner.generate()
    assert persistable.reproduce(inner).verdict == "identical"


def test_classes_in_functions_are_sent_whole(tmp_path: Path) -> None:
    @dataclass
    class Local(PersistableParams):
        n: int

    class LocalP(Persistable[Any, Local]):
        def _generate_payload(self, **untracked_payload_params: Any) -> Any:
            return self.params.n + 1

    inner = LocalP(tmp_path, Local(3))
    inner.generate()
    assert persistable.reproduce(inner).verdict == "identical"


SCRIPT = """
    import sys
    from dataclasses import dataclass
    from pathlib import Path
    import persistable
    from persistable import InputFile, InputFolder, Persistable, PersistableParams, step

    @dataclass
    class Point:
        x: int

    @dataclass
    class Params(PersistableParams):
        n: int

    def helper(n):
        return Point(n)

    @step
    def first(n: int):
        return helper(n)

    class SecondP(Persistable):
        def _generate_payload(self, **untracked):
            (point,) = self.tracked_persistable_dependencies
            assert isinstance(point.payload, Point)
            return [point.payload, helper(self.params.n)]

    def main():
        one = first(sys.argv[1], n=1)
        second = SecondP(Path(sys.argv[1]), Params(2), [one])
        second.load_generate()
        found = persistable.reproduce(second)
        assert second.payload == [Point(1), Point(2)]
        print(found.verdict, persistable.reproduce(one).verdict)
"""


@pytest.mark.parametrize("guard", ['if __name__ == "__main__":\n    main()\n', "main()\n"])
def test_steps_of_a_script_are_reproduced(tmp_path: Path, guard: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT) + guard)
    run_script = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]], check=True)"
    told = run(run_script, script, tmp_path / "data")
    assert set(told.split()) <= {"identical", "equal"}
    assert len(told.split()) == 2


def test_steps_of_an_interactive_session_are_reproduced(tmp_path: Path) -> None:
    told = run(textwrap.dedent(SCRIPT) + "main()\n", tmp_path / "data")
    assert set(told.split()) <= {"identical", "equal"}


def test_without_cloudpickle_what_cannot_be_imported_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    without = "import sys; sys.modules['cloudpickle'] = None\n"
    script = tmp_path / "script.py"
    script.write_text(without + textwrap.dedent(SCRIPT) + 'if __name__ == "__main__":\n    main()\n')
    run_script = "import subprocess, sys; subprocess.run([sys.executable, *sys.argv[1:]], check=True)"
    assert set(run(run_script, script, tmp_path / "data").split()) <= {"identical", "equal"}
    code = without + textwrap.dedent(SCRIPT) + "try: main()\nexcept Exception as error: print(repr(error))\n"
    assert "pip install 'persistable[cloudpickle]'" in run(code, tmp_path / "data")


def test_a_reproduction_within_a_reproduction_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSISTABLE_REPRODUCING", "1")
    with pytest.raises(ReproductionError, match="if __name__"):
        persistable.reproduce(NumberP(tmp_path, NumberParams()))
