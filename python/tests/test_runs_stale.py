"""Plans and runs tell of what other code made, and generate it again if they are asked to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import persistable
from persistable import Store, _core, exceptions, step

MODULE = """
from persistable import Store, step
import helping

store = Store("data")

@store.step
def first(n: int) -> int:
    open("calls", "a").write(f"first {n}\\n")
    return helping.made(n)

@store.step
def second(first: int) -> int:
    open("calls", "a").write("second\\n")
    return 10 * first
"""
HELPING = """
def made(n):
    return n + 1
"""


class Project:
    """A folder with a pipeline of two modules, each run in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pipeline.py").write_text(MODULE)
        self.edit("n + 1")

    def edit(self, expression: str) -> None:
        (self.folder / "helping.py").write_text(HELPING.replace("n + 1", expression))

    def run(self, code: str) -> list[str]:
        """Returns what a program prints, and the warnings that it gives."""
        source = f"""
import persistable as p
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pipeline import first, second

if __name__ == "__main__":
    steps = [second(first(n)) for n in (1, 2)]
    {code}
"""
        (self.folder / "program.py").write_text(source)
        done = subprocess.run(
            [sys.executable, "-B", "program.py"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return (done.stdout + done.stderr).splitlines()

    def calls(self) -> list[str]:
        """Returns what was generated since the last time."""
        path = self.folder / "calls"
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return sorted(found)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    assert made.run("print(p.run(steps, progress=False).count('generated'))") == ["4"]
    assert made.calls() == ["first 1", "first 2", "second", "second"]
    return made


def test_a_plan_names_what_is_stale_and_why(project: Project) -> None:
    assert "stale" not in "\n".join(project.run("print(p.plan(steps))"))
    project.edit("n + 2")
    told = "\n".join(project.run("print(p.plan(steps)); print([s.stale for s in p.plan(steps)])"))
    assert told.startswith("Plan of 2 steps: 2 present, 0 missing, 2 stale\n")
    assert "stale:\n  second(first=first(…)): made from first(" in told
    assert ": other code made it: helping.made (helping.py:2)" in told
    assert project.run("print(len(p.plan(steps, regenerate_stale=True)))") == ["4"]
    assert project.calls() == []


def test_a_run_warns_of_what_is_there_and_stale(project: Project) -> None:
    project.edit("n + 2")
    told = "\n".join(project.run("print(p.run(steps, progress=False).headline)"))
    assert "CodeChangedWarning: first(" in told
    assert told.count("CodeChangedWarning") == 1
    assert "2 present" in told
    refused = project.run("p.configure(code_change='refuse'); p.run(steps, progress=False, on_error='continue')")
    assert any(line.endswith("RunError: 2 of 2 steps failed:") for line in refused)
    assert "OutdatedPayloadError" in "\n".join(refused)
    ignored = project.run("p.configure(code_change='ignore'); print(p.plan(steps).stale, len(p.run(steps)))")
    assert ignored == ["0 2"]
    assert project.calls() == []


@pytest.mark.parametrize(
    "executor", ["'threads'", "'processes'", "'shared'", "ThreadPoolExecutor(2)", "ProcessPoolExecutor(2)"]
)
def test_what_is_stale_is_generated_again_with_what_was_made_from_it(project: Project, executor: str) -> None:
    project.edit("n + 2")
    again = f"p.run(steps, {executor}, progress=False, regenerate_stale=True)"
    show = "[s.payload for s in steps]"
    told = project.run(f"print({show}); print({again}.count('generated'), {show})")
    assert told[0] == "[20, 30]"  # The old payloads are in memory here, and must not stay there.
    assert "4 [30, 40]" in told
    assert project.calls() == ["first 1", "first 2", "second", "second"]
    assert project.run(f"print({again}, {show})")[-1].endswith("[30, 40]")
    assert project.calls() == []


def test_steps_stay_if_what_they_were_made_from_is_the_same_as_before(project: Project) -> None:
    project.edit("1 + n")
    told = project.run("r = p.run(steps, progress=False, regenerate_stale=True); print(r.headline.split(': ')[1])")
    assert told == ["2 generated, 2 found"]
    assert project.calls() == ["first 1", "first 2"]
    assert project.run("print(p.plan(steps).stale, [s.payload for s in steps])") == ["0 [20, 30]"]


def test_a_changed_input_makes_a_step_stale(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("one")
    store = Store(tmp_path / "data")

    @store.step
    def length(path: Path) -> int:
        return len(path.read_text())

    assert persistable.run(length(file), progress=False).count("generated") == 1
    file.write_text("three")
    assert "input" in str(persistable.plan(length(file)).steps[0].stale)
    with pytest.warns(exceptions.InputChangedWarning):
        persistable.run(length(file), progress=False)
    step = length(file)
    assert persistable.run(step, progress=False, regenerate_stale=True).count("generated") == 1
    assert step.payload == 5


def test_a_warning_that_is_an_error_is_the_failure_of_the_step(project: Project) -> None:
    project.edit("n + 2")
    told = project.run(
        "import warnings; warnings.simplefilter('error', p.exceptions.CodeChangedWarning); p.run(steps, progress=False)"
    )
    assert any("RunError: 2 of 2 steps failed" in line for line in told), "\n".join(told)


def test_no_object_of_a_step_keeps_the_old_payload(project: Project) -> None:
    project.edit("n + 2")
    pairs = "[second(first(1)), first(1), second(first(1))]"
    told = project.run(
        f"steps = {pairs}; [s.tracked_persistable_dependencies for s in steps]; old = [s.payload for s in steps]; "
        "p.run(steps, progress=False, regenerate_stale=True); print(old, [s.payload for s in steps])"
    )
    assert "[20, 2, 20] [30, 3, 30]" in told


@pytest.mark.parametrize("between", ["key", "ignore"])
def test_a_step_in_between_does_not_hide_what_is_stale_below_it(project: Project, between: str) -> None:
    (project.folder / "pipeline.py").write_text(
        MODULE
        + f"""
@store.step(code_change="{between}")
def middle(first: int) -> int:
    return first

@store.step
def top(middle: int) -> int:
    return middle
"""
    )
    more = "from pipeline import middle, top; t = top(middle(first(5)));"
    project.run(f"{more} p.run(t, progress=False)")
    project.edit("n + 2")
    told = "\n".join(project.run(f"{more} print(p.plan(t).stale)"))
    assert told == "1"
    assert "CodeChangedWarning" in "\n".join(project.run(f"{more} p.run(t, progress=False)"))


def test_a_lazy_dependency_that_is_stale_is_generated_again(project: Project) -> None:
    (project.folder / "pipeline.py").write_text(
        MODULE
        + """
import persistable

@store.step
def asking(spare: persistable.Lazy[int]) -> int:
    return spare.payload
"""
    )
    more = "from pipeline import asking; t = asking(first(5));"
    assert project.run(f"{more} p.run(t, progress=False); print(t.payload)") == ["6"]
    project.edit("n + 2")
    again = "p.run(t, progress=False, regenerate_stale=True)"
    assert project.run(f"{more} print({again}.count('generated'), t.payload)") == ["2 7"]


# The worker has imported the module before it was edited, and the program after that.
OLD_WORKER = (
    "import helping, pathlib, importlib; pool = ProcessPoolExecutor(1); "
    "p.run(first(7), pool, progress=False); path = pathlib.Path('helping.py'); "
    "path.write_text(path.read_text().replace('n + 1', 'n + 5')); importlib.reload(helping); "
)


def test_a_worker_with_other_code_is_told(project: Project) -> None:
    told = project.run(f"{OLD_WORKER} p.run(first(8), pool, progress=False)")
    assert any("CodeChangedWarning: first(" in line for line in told), told
    assert any("has other code than this program" in line and "Restart the workers" in line for line in told), told


def test_no_worker_is_blamed_for_what_was_stale_before(project: Project) -> None:
    project.edit("n + 2")
    told = project.run(
        "[step.remove() for step in steps]; pool = ProcessPoolExecutor(1); p.run(steps, pool, progress=False)"
    )
    assert any("CodeChangedWarning: first(" in line for line in told), told
    assert not any("has other code than this program" in line for line in told), told


def test_a_run_that_leaves_nothing_stale_takes_no_result_of_a_worker_with_other_code(project: Project) -> None:
    told = project.run(
        f"{OLD_WORKER}\n"
        "    try:\n"
        "        p.run([first(1), first(8), first(9)], pool, progress=False, regenerate_stale=True)\n"
        "    except p.RunError as error:\n"
        "        print(error.report.count('failed'), 'Restart the workers' in str(error))"
    )
    assert "3 True" in told, told


def test_a_plan_within_a_run_knows_what_is_below(project: Project) -> None:
    told = project.run(
        "t = second(first(9)); seen = []; "
        "p.run(t, progress=False, on_event=lambda event: seen.append(len(p.plan(second(first(9)))) "
        "if event.kind == 'started' else len(p.plan(t)) if event.kind == 'planned' else 0)); print(seen[:2])"
    )
    assert told == ["[2, 2]"]


def test_a_step_in_two_stores_is_two_steps_of_a_plan_each_with_its_own_objects(tmp_path: Path) -> None:
    @step
    def number(n: int) -> int:
        return n

    stores = [Store(tmp_path / name) for name in ("a", "b")]
    one, same, other = number.bind(stores[0])(1), number.bind(stores[0])(1), number.bind(stores[1])(1)
    objects = _core.RunPlan([one, same, other], lambda _: False).objects
    assert [[id(each) for each in found] for found in objects] == [[id(one), id(same)], [id(other)]]
