"""The record of the environment of a generation: complete, the same for the same process, silent about people."""

from __future__ import annotations

import getpass
import json
import os
import platform
import socket
import subprocess
import textwrap
from pathlib import Path

import pytest
from support import NumberP, NumberParams, run

from persistable import _core
from persistable._environment import describe_environment, environment_json

# However slow the machine is, the record is complete.
PATIENT = """
from persistable._environment import _record, environment_json, prepare
_record.LONGEST_WAIT_SECONDS = _record.LONGEST_FORK_WAIT_SECONDS = 300
"""
TELL = PATIENT + "print(environment_json())\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "src" / "script.py").write_text(TELL)
    return folder


def told_in(folder: Path) -> dict[str, object]:
    code = "import os, sys; os.chdir(sys.argv[1])\n" + TELL
    record: dict[str, object] = json.loads(run(code, folder))
    return record


def test_it_tells_interpreter_platform_and_imported_distributions() -> None:
    record = json.loads(run("import numpy\n" + TELL))
    assert record["language"] == "Python"
    assert record["python"] == {"implementation": "CPython", "version": platform.python_version()}
    assert record["platform"]["machine"] == platform.machine()
    import numpy

    assert record["distributions"]["numpy"] == numpy.__version__
    assert "pandas" not in record["distributions"]
    assert "incomplete" not in record
    assert record["blas"]["name"]


def test_it_is_canonical_and_the_same_in_two_processes() -> None:
    code = "import numpy\n" + TELL
    first, second = run(code, PYTHONHASHSEED="1"), run(code, PYTHONHASHSEED="2")
    assert first == second == json.dumps(json.loads(first), sort_keys=True, separators=(",", ":"))


def test_what_is_imported_later_is_in_later_records() -> None:
    code = """
        import json
        before = environment_json()
        assert environment_json() == before
        import msgpack, attr
        after = json.loads(environment_json())["distributions"]
        print(sorted(after.keys() - json.loads(before)["distributions"].keys()))
    """
    assert run(PATIENT + textwrap.dedent(code)) == "['attrs', 'msgpack']"


def test_distributions_are_found_whose_modules_have_other_names() -> None:
    record = json.loads(run("import dateutil\n" + TELL))
    assert "python-dateutil" in record["distributions"]


def test_it_names_no_host_no_user_and_no_path(repository: Path) -> None:
    text = json.dumps(told_in(repository))
    names = {socket.gethostname(), str(repository), str(Path.cwd()), "/"}
    if len(getpass.getuser()) > 4:  # Others may be part of a word.
        names.add(getpass.getuser())
    assert not [name for name in names if name in text]


def test_it_tells_the_revision_and_whether_the_tree_was_dirty(repository: Path) -> None:
    assert told_in(repository)["git"] == {"revision": None, "dirty": False}
    git(repository, "add", "src")
    git(repository, "commit", "--quiet", "-m", "First")
    revision = git(repository, "rev-parse", "HEAD")
    (repository / "data.csv").write_text("not tracked")
    assert told_in(repository / "src")["git"] == {"revision": revision, "dirty": False}
    (repository / "src" / "script.py").write_text("print()")
    assert told_in(repository)["git"] == {"revision": revision, "dirty": True}


def test_the_revision_is_that_of_the_script_wherever_it_runs(repository: Path, tmp_path: Path) -> None:
    git(repository, "add", "src")
    git(repository, "commit", "--quiet", "-m", "First")
    code = "import os, runpy, sys; os.chdir(sys.argv[2]); runpy.run_path(sys.argv[1], run_name='__main__')"
    record = json.loads(run(code, repository / "src" / "script.py", tmp_path))
    assert record["git"]["revision"] == git(repository, "rev-parse", "HEAD")


def test_without_a_work_tree_or_without_git_nothing_is_said_of_it(tmp_path: Path, repository: Path) -> None:
    assert "git" not in told_in(tmp_path)
    code = "import os, sys; os.chdir(sys.argv[1]); os.environ['PATH'] = ''\n" + TELL
    assert "git" not in json.loads(run(code, repository))


def test_a_monitor_that_the_repository_names_is_not_run(repository: Path) -> None:
    mark = repository / "ran"
    git(repository, "add", "src")
    monitor = repository / "monitor.sh"
    monitor.write_text(f"#!/bin/sh\ntouch {mark}\n")
    monitor.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(monitor))
    assert "git" in told_in(repository)
    assert not mark.exists()


def test_a_record_that_could_not_be_completed_in_time_says_so(repository: Path) -> None:
    slow = repository / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nread line < pipe\n")
    slow.chmod(0o755)
    os.mkfifo(repository / "pipe")
    code = """
        import json, os, sys
        os.chdir(sys.argv[1])
        os.environ["PATH"] = f"{sys.argv[1]}/bin:{os.environ['PATH']}"
        from persistable._environment import environment_json
        first = json.loads(environment_json())
        print(first.get("incomplete"), "git" in first, first["python"]["implementation"])
        open("pipe", "w").close()
    """
    assert run(code, repository) == "True False CPython"


def test_a_forked_child_tells_what_its_parent_would(repository: Path) -> None:
    code = """
        import os, sys
        os.chdir(sys.argv[1])
        prepare()
        child = os.fork()
        told = environment_json()
        if child == 0:
            open("child", "w").write(told)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert open("child").read() == told
        print("incomplete" in told)
    """
    assert run(PATIENT + textwrap.dedent(code), repository) == "False"


def test_it_is_in_the_manifest_and_among_the_records(tmp_path: Path) -> None:
    number = NumberP(tmp_path, NumberParams(5))
    number.generate()
    manifest = json.loads(_core.manifest(number) or "")
    record = tmp_path / ".persistable" / "records" / f"{manifest['provenance']['environment']}.json"
    assert json.loads(record.read_text())["python"] == json.loads(environment_json())["python"]


def test_it_is_described_for_people() -> None:
    record = {
        "environment": 1,
        "language": "Python",
        "python": {"implementation": "CPython", "version": "3.11.7"},
        "platform": {"libc": "glibc 2.36", "machine": "x86_64", "system": "Linux"},
        "distributions": {"numpy": "2.4.6", "PyYAML": "6.0.4"},
        "blas": {"name": "openblas", "version": "0.3"},
        "git": {"revision": "55e072ac7e0447987a850f78e868a14301b00ae5", "dirty": True},
        "of_later_versions": ["a", "b"],
    }
    assert describe_environment(json.dumps(record)) == [
        ("Python", "CPython 3.11.7"),
        ("platform", "Linux x86_64, glibc 2.36"),
        ("git", "55e072ac7e04, with changes"),
        ("BLAS", "openblas 0.3"),
        ("numpy", "2.4.6"),
        ("PyYAML", "6.0.4"),
        ("of later versions", "a, b"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "1"])
def test_what_is_not_a_record_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        describe_environment(text)


def test_a_record_of_a_rust_program_is_described() -> None:
    text = '{"environment":1,"language":"Rust","arch":"x86_64","debug_assertions":true,"os":"linux"}'
    assert describe_environment(text) == [("arch", "x86_64"), ("debug assertions", "yes"), ("os", "linux")]
