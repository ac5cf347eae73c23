"""Numbers from a global generator that nobody seeded warn; a generator that was seeded never does."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

from persistable import Persistable, configure
from persistable._checks.mersenne import State, was_drawn_from
from persistable._checks.randomness import RandomWatch
from persistable._own_thread import OwnThread
from persistable.exceptions import UnseededRandomnessWarning


@pytest.fixture(autouse=True)
def _leave_the_generators_as_they_are() -> Iterator[None]:
    python, numpy = random.getstate(), np.random.get_state()
    yield
    random.setstate(python)
    np.random.set_state(numpy)


class Drawn(Persistable[Any, Any]):
    """A step that does what it is given."""

    def __init__(self, data_dir: Path, run: Callable[[], object], name: str = "drawn") -> None:
        super().__init__(data_dir, None, payload_name=name)
        self.run = run

    def _generate_payload(self) -> Any:
        return self.run()


def watched(step: Any) -> list[str]:
    """Returns what is said of the generators while a step is generated."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with RandomWatch(step):
            step._generate_payload()
    assert {each.category for each in caught} <= {UnseededRandomnessWarning}
    return [str(each.message) for each in caught]


def seeded_numpy(seed: Any, count: int) -> None:
    np.random.seed(seed)
    np.random.randn(count)


UNSEEDED: dict[str, tuple[Callable[[], object], str]] = {
    "one number of NumPy": (lambda: np.random.random(), "NumPy's"),
    "many numbers of NumPy": (lambda: np.random.random(100_000), "NumPy's"),
    "normal deviates of NumPy": (lambda: np.random.randn(1_001), "NumPy's"),
    "integers of NumPy": (lambda: np.random.randint(0, 10, 7), "NumPy's"),
    "a permutation of NumPy": (lambda: np.random.shuffle(np.arange(1_000)), "NumPy's"),
    "one number of Python": (lambda: random.random(), "Python's"),
    "many numbers of Python": (lambda: [random.random() for _ in range(2_000)], "Python's"),
    "normal deviates of Python": (lambda: [random.gauss(0, 1) for _ in range(701)], "Python's"),
    "a shuffled list": (lambda: random.shuffle(list(range(10))), "Python's"),
}


@pytest.mark.parametrize(("run", "whose"), UNSEEDED.values(), ids=UNSEEDED.keys())
def test_drawing_without_a_seed_warns(tmp_path: Path, run: Callable[[], object], whose: str) -> None:
    (said,) = watched(Drawn(tmp_path, run))
    assert said.startswith(f"drawn drew from {whose} global random generator without a seed")
    assert "random_state=" in said
    assert "`self.rng`" in said


@pytest.mark.parametrize("position", [0, 1, 311, 623, 624])
def test_it_is_noticed_wherever_in_a_block_the_generator_is(tmp_path: Path, position: int) -> None:
    np.random.seed(5)
    np.random.bytes(4 * (624 + position))
    for words in (1, 623, 624, 625, 10_000):
        assert len(watched(Drawn(tmp_path, lambda words=words: np.random.bytes(4 * words)))) == 1


def test_the_second_of_a_pair_of_normal_deviates_counts(tmp_path: Path) -> None:
    np.random.seed(1)
    np.random.randn()
    assert len(watched(Drawn(tmp_path, lambda: np.random.randn()))) == 1


def test_each_second_normal_deviate_is_noticed_too(tmp_path: Path) -> None:
    # NumPy makes two at a time, and keeps the other one beside the state.
    assert watched(Drawn(tmp_path, lambda: None)) == []
    for _ in range(4):
        assert len(watched(Drawn(tmp_path, lambda: np.random.randn()))) == 1
        assert watched(Drawn(tmp_path, lambda: None)) == []


def test_a_normal_deviate_that_seeding_left_is_noticed_after_a_step_met_the_same_state_without(tmp_path: Path) -> None:
    np.random.seed(0)
    np.random.randn(2)
    assert watched(Drawn(tmp_path, lambda: None)) == []
    np.random.seed(0)
    np.random.randn()
    assert len(watched(Drawn(tmp_path, lambda: np.random.randn()))) == 1


def with_state_put_back() -> None:
    state = np.random.get_state(), random.getstate()
    np.random.seed(3)
    np.random.random(10)
    random.random()
    np.random.set_state(state[0])
    random.setstate(state[1])


SEEDED: dict[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "an integer for NumPy": lambda: seeded_numpy(100, 1_000),
    "a list for NumPy": lambda: seeded_numpy([1, 2], 10),
    "seeded and not used": lambda: np.random.seed(1),
    "an integer for Python": lambda: (random.seed(7), random.random()),
    "a state for NumPy": lambda: (np.random.set_state(np.random.RandomState(5).get_state()), np.random.random()),
    "a state for Python": lambda: (random.setstate(random.Random(5).getstate()), random.random()),
    "a state that is put back": with_state_put_back,
    "generators of its own": lambda: (np.random.default_rng(0).random(), random.Random(0).random()),
    "a legacy generator of its own": lambda: np.random.RandomState(0).random(5),
}


@pytest.mark.parametrize("run", SEEDED.values(), ids=SEEDED.keys())
def test_a_seed_of_the_steps_own_does_not_warn(tmp_path: Path, run: Callable[[], object]) -> None:
    assert watched(Drawn(tmp_path, run)) == []


@pytest.mark.parametrize("counts", [(10, 20), (20, 10), (10, 10), (11, 5_000), (0, 1)])
def test_steps_that_use_one_seed_do_not_warn(tmp_path: Path, counts: tuple[int, int]) -> None:
    # The second state is then one that drawing from the first would have led to.
    for count in counts:
        assert watched(Drawn(tmp_path, lambda count=count: seeded_numpy(42, count))) == []

        def run(count: int = count) -> None:
            random.seed(42)
            for _ in range(count):
                random.gauss(0, 1)

        assert watched(Drawn(tmp_path, run)) == []


def test_what_a_script_seeded_before_does_not_count(tmp_path: Path) -> None:
    np.random.seed(0)
    assert len(watched(Drawn(tmp_path, lambda: np.random.random()))) == 1


def test_a_watch_changes_no_number(tmp_path: Path) -> None:
    def draws() -> list[float]:
        return [np.random.random(), np.random.randn(), np.random.randn(), random.random(), random.gauss(0, 1)]

    np.random.seed(1)
    random.seed(1)
    expected = draws()
    np.random.seed(1)
    random.seed(1)
    found: list[float] = []
    watched(Drawn(tmp_path, lambda: found.extend(draws())))
    assert found == expected


def test_what_a_dependency_draws_is_not_said_of_the_step_that_asked_for_it(tmp_path: Path) -> None:
    inner_said: list[str] = []
    inner = Drawn(tmp_path, lambda: np.random.random(1_000), "inner")
    outer = Drawn(tmp_path, lambda: inner_said.extend(watched(inner)), "outer")
    assert watched(outer) == []
    assert [said.split()[0] for said in inner_said] == ["inner"]


def test_what_a_step_draws_around_a_dependency_is_its_own(tmp_path: Path) -> None:
    seeding = Drawn(tmp_path, lambda: seeded_numpy(1, 10), "seeding")
    before = Drawn(tmp_path, lambda: (np.random.random(), watched(seeding)), "before")
    after = Drawn(tmp_path, lambda: (watched(seeding), np.random.random()), "after")
    assert [said.split()[0] for said in watched(before)] == ["before"]
    assert [said.split()[0] for said in watched(after)] == ["after"]


def test_a_step_that_seeded_before_it_asks_for_a_dependency_does_not_warn(tmp_path: Path) -> None:
    seeding = Drawn(tmp_path, lambda: seeded_numpy(1, 10), "seeding")
    outer = Drawn(tmp_path, lambda: (np.random.seed(2), watched(seeding), np.random.random()), "outer")
    assert watched(outer) == []


def test_a_generation_that_fails_is_not_warned_of_and_ends_the_watch(tmp_path: Path) -> None:
    original = random.seed

    def fail() -> None:
        random.random()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        watched(Drawn(tmp_path, fail))
    assert random.seed is original
    assert watched(Drawn(tmp_path, lambda: None)) == []


def test_random_seed_is_itself_again_afterwards(tmp_path: Path) -> None:
    original = random.seed
    inner = Drawn(tmp_path, lambda: random.seed(1), "inner")
    watched(Drawn(tmp_path, lambda: watched(inner), "outer"))
    assert random.seed is original


def test_the_generator_that_replaced_the_global_one_is_not_watched(tmp_path: Path) -> None:
    usual = np.random.get_bit_generator()
    np.random.set_bit_generator(np.random.PCG64(0))
    try:
        assert watched(Drawn(tmp_path, lambda: np.random.random())) == []
    finally:
        np.random.set_bit_generator(usual)


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    step = Drawn(tmp_path, lambda: np.random.random())
    configure(unseeded="ignore")
    try:
        assert watched(step) == []
    finally:
        configure(unseeded=None)


def test_a_filter_may_make_an_error_of_it(tmp_path: Path) -> None:
    step = Drawn(tmp_path, lambda: random.random())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnseededRandomnessWarning), RandomWatch(step):
            step._generate_payload()
    assert watched(Drawn(tmp_path, lambda: None)) == []


def test_it_works_without_numpy_and_does_not_import_it() -> None:
    program = """
import random, sys, warnings
from pathlib import Path
from tempfile import mkdtemp
from persistable import Persistable
from persistable._checks.randomness import RandomWatch
step = Persistable(Path(mkdtemp()), None, payload_name="drawn")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with RandomWatch(step):
        [random.random() for _ in range(2_000)]
    assert len(caught) == 1, caught
    with RandomWatch(step):
        random.seed(1), random.random()
    assert len(caught) == 1, caught
assert "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_numpy_that_a_step_imports_first_is_not_warned_of_for_what_its_import_draws() -> None:
    program = """
import sys, warnings
from pathlib import Path
from tempfile import mkdtemp
from persistable import Persistable
from persistable._checks.randomness import RandomWatch
warnings.simplefilter("error")
with RandomWatch(Persistable(Path(mkdtemp()), None, payload_name="drawn")):
    import numpy as np
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# NumPy imports its generators when they are first asked for, which is often in the first step that draws.
@pytest.mark.parametrize(
    ("draw", "count"),
    [
        ("np.random.rand()", 1),
        ("np.random.rand(100_000)", 1),
        ("np.random.rand(); Nothing(folder, None).payload", 1),
        ("np.random.seed(1); np.random.rand()", 0),
        ("np.random.set_state(np.random.RandomState(1).get_state()); np.random.rand()", 0),
        ("np.random.default_rng(1).random()", 0),
    ],
)
def test_numpy_that_a_step_imports_first_and_draws_from_is_watched(draw: str, count: int) -> None:
    program = f"""
import warnings
from pathlib import Path
from tempfile import mkdtemp
from persistable import Persistable
folder = Path(mkdtemp())
class Nothing(Persistable):
    def _generate_payload(self):
        return 0
class Drawn(Persistable):
    def _generate_payload(self):
        import numpy as np
        {draw}
        return 1
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    Drawn(folder, None).payload
found = [each for each in caught if each.category.__name__ == "UnseededRandomnessWarning"]
assert len(found) == {count}, caught
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(("count", "is_warned"), [(1, False), (2_000, True)])
def test_a_few_numbers_are_no_proof_if_another_thread_ran(tmp_path: Path, count: int, is_warned: bool) -> None:
    begin, done, end = threading.Event(), threading.Event(), threading.Event()

    def draw() -> None:
        begin.wait()
        for _ in range(count):
            random.random()
        done.set()
        end.wait()

    def run() -> None:
        begin.set()
        done.wait()

    # As the threads of Dask's workers do, before they connect again.
    thread = threading.Thread(target=draw)
    thread.start()
    try:
        said = watched(Drawn(tmp_path, run))
    finally:
        end.set()
        thread.join()
    assert bool(said) == is_warned


def test_a_thread_of_this_package_hides_no_draw(tmp_path: Path) -> None:
    has_run, end = threading.Event(), threading.Event()

    def work() -> None:
        sum(range(100_000))
        has_run.set()
        end.wait()

    thread = OwnThread(work, "test")

    def run() -> None:
        thread.start()
        has_run.wait()
        random.random()

    try:
        said = watched(Drawn(tmp_path, run))
    finally:
        end.set()
        thread.join()
    assert len(said) == 1


def test_finding_out_gives_up_in_time() -> None:
    drawn = random.Random(1).getstate()[1]
    other = random.Random(2).getstate()[1]
    before, after = State(drawn[:624], drawn[624], None), State(other[:624], other[624], None)
    assert not was_drawn_from(before, after, 0.0)
