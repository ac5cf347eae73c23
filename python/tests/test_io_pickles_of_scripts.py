"""`PickleFileIO` and the classes of a script: its own program meets them again, another one rebuilds them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from persistable.exceptions import IncompatiblePayloadError
from persistable.io import PickleFileIO

SCRIPT = textwrap.dedent(
    """
    import dataclasses, enum, sys, threading, typing
    from pathlib import Path
    from persistable.io import PickleFileIO

    T = typing.TypeVar("T")
    LOCK = threading.Lock()
    TABLE = list(range(2_000_000))

    class Color(enum.Enum):
        RED = 1
        BLUE = 2

    @dataclasses.dataclass
    class Point:
        x: int
        tags: list = dataclasses.field(default_factory=list)

        def twin(self):
            return Point(self.x)

        def color(self):
            return Color.RED

    class Box(typing.Generic[T]):
        def __init__(self, content):
            self.content = content

    class Locked:
        def go(self):
            with LOCK:
                return helper(1)

    class Tabled:
        def go(self):
            return len(TABLE)

    def helper(x):
        return x + 1

    class Outer:
        class Inner:
            pass

    if __name__ == "__main__":
        payload = {
            "point": Point(1), "class": Point, "color": Color.BLUE, "box": Box[int]([1]), "helper": helper,
            "inner": Outer.Inner(),
        }
        folder = Path(sys.argv[1])
        for name, part in {"payload": payload, "locked": Locked(), "tabled": Tabled()}.items():
            if sys.argv[2] == "save":
                PickleFileIO().save(part, folder / name)
        loaded = PickleFileIO().load(folder / "payload")
        assert type(loaded["point"]) is Point and loaded["class"] is Point and loaded["color"] is Color.BLUE
        assert type(loaded["box"]) is Box and loaded["helper"] is helper and type(loaded["inner"]) is Outer.Inner
        assert type(PickleFileIO().load(folder / "locked")) is Locked
        assert type(PickleFileIO().load(folder / "tabled")) is Tabled
        assert (folder / "tabled").stat().st_size < 1000
    """
)


@pytest.fixture(scope="module")
def of_a_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("script")
    (folder / "script.py").write_text(SCRIPT)
    run(folder / "script.py", folder, "save")
    return folder


def run(*command: Any, code: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *(["-c", code] if code else []), *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_script_run_again_meets_its_own_classes(of_a_script: Path) -> None:
    run(of_a_script / "script.py", of_a_script, "load")
    run(of_a_script, "load", code="import sys; sys.modules['cloudpickle'] = None\n" + SCRIPT)


def test_another_program_gets_the_classes_of_a_script_rebuilt(of_a_script: Path) -> None:
    loaded = PickleFileIO[Any]().load(of_a_script / "payload")
    point = loaded["point"]
    assert type(point) is loaded["class"] and (point.x, point.tags) == (1, [])
    assert dataclasses.fields(point)[0].default is dataclasses.MISSING
    assert type(point.twin()) is type(point) and dataclasses.replace(point, x=2).x == 2
    assert type(point.color()) is type(loaded["color"]) and loaded["color"].name == "BLUE"
    assert loaded["box"].content == [1] and loaded["helper"](1) == 2 and type(loaded["inner"]).__name__ == "Inner"


def test_a_class_that_cannot_be_taken_apart_goes_by_its_name(of_a_script: Path) -> None:
    for name, wanted in (("locked", "Locked"), ("tabled", "Tabled")):
        with pytest.raises(IncompatiblePayloadError, match=wanted):
            PickleFileIO().load(of_a_script / name)


def test_another_program_without_cloudpickle_is_told_what_is_missing(of_a_script: Path) -> None:
    code = """
import sys
sys.modules["cloudpickle"] = None
from pathlib import Path
from persistable.io import PickleFileIO
try:
    PickleFileIO().load(Path(sys.argv[1]))
except ValueError as error:
    print(error)
"""
    assert "pip install 'persistable[cloudpickle]'" in run(of_a_script / "payload", code=code)


def test_what_a_spawned_process_persists_its_parent_loads(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        textwrap.dedent(
            """
            import multiprocessing, sys
            from pathlib import Path
            from persistable.io import PickleFileIO

            class Point:
                pass

            def work(path):
                assert Point.__module__ == "__mp_main__"
                PickleFileIO().save([Point()], path)

            if __name__ == "__main__":
                path = Path(sys.argv[1]) / "x"
                process = multiprocessing.get_context("spawn").Process(target=work, args=(path,))
                process.start()
                process.join()
                assert type(PickleFileIO().load(path)[0]) is Point
            """
        )
    )
    run(tmp_path / "script.py", tmp_path)
