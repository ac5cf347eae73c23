"""The programs in the documentation run as they are printed, and print what it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from page_process import END
from pages import ON_ENGINES, ROOT, Block, agrees, blocks, pages

pytest.importorskip("numpy")

TESTS = Path(__file__).parent
MOST_PICTURE_BYTES = 60_000
# What a newcomer does once, on a fresh machine. `.ci/run` does it; here only what is named is checked.
ONCE = ("git clone ", "cd ", "pip install ", "make ", "cargo ")


class Page:
    """A reader of a page: a folder, a Python, and a shell."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cells = folder.parent / "cells"
        self.cells.mkdir()
        path = os.pathsep.join([str(folder), *(str(Path(entry).absolute()) for entry in sys.path if entry)])
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "PATH": programs}
        self.environment |= {"HOME": str(folder.parent), "COLUMNS": "100"}
        command = [sys.executable, str(TESTS / "page_process.py")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, text=True, cwd=folder, env=self.environment, **pipes)  # type: ignore[call-overload]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def python(self, block: Block, number: int) -> tuple[bool, str]:
        """Runs a block; tells whether it ended well, and what it printed."""
        cell = self.cells / f"cell_{number}.py"
        cell.write_text(block.code)
        self.process.stdin.write(f"{cell}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(END):
                return line.strip() == f"{END}done", "".join(lines)
            lines.append(line)
        raise AssertionError(f"the process ended: {''.join(lines)}")

    def shell(self, command: str) -> tuple[bool, str]:
        """Runs a command; tells whether it ended well, and what it printed."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", [page for page in pages() if page not in ON_ENGINES])
def test_a_pages_programs_run_and_print_what_it_shows(page: str, tmp_path: Path) -> None:
    run_page(page, tmp_path)


def run_page(page: str, tmp_path: Path) -> None:
    """Runs the programs of a page in a new folder, and compares what they print."""
    folder = tmp_path / "reader"
    folder.mkdir()
    if page in ("README.md", "examples/README.md"):
        (folder / "examples").symlink_to(ROOT / "examples")
    reader = Page(folder)
    try:
        for number, block in enumerate(blocks(page)):
            where = f"{page}:{block.line}"
            if block.file_name is not None:
                (folder / block.file_name).write_text(block.code)
            elif block.language == "python":
                check(where, block.output, *reader.python(block, number))
            elif block.language == "console":
                commands = list(block.commands())
                for command, output in commands:
                    if command.startswith(ONCE):
                        check_named(where, command)
                    else:
                        last = block.output if command == commands[-1][0] else None
                        check(where, output or last, *reader.shell(command))
    finally:
        reader.close()
    for made in folder.glob("pictures/*"):
        kept = (ROOT / page).parent / "pictures" / made.name
        assert kept.exists(), f"{page} does not have the picture {made.name}, which an example makes"
        assert max(kept.stat().st_size, made.stat().st_size) < MOST_PICTURE_BYTES


def test_each_example_runs_on_a_page() -> None:
    commands, files = set(), {}
    for page in pages():
        for block in blocks(page):
            if block.language == "console":
                commands |= {command for command, _ in block.commands()}
            elif block.file_name is not None:
                files[block.file_name] = block.code
    for path in (ROOT / "examples").glob("*.py"):
        assert f"python examples/{path.name}" in commands or files.get(path.name) == path.read_text(), path
    for path in (ROOT / "examples").glob("*.rs"):
        assert f"cargo run --release --example {path.stem}" in commands, path


def check(where: str, shown: str | None, ended_well: bool, printed: str) -> None:
    if shown is None:
        assert ended_well, f"{where} failed, and shows no error:\n{printed}"
    else:
        assert agrees(shown, printed), f"{where} shows\n{shown}\n\nand it printed\n{printed}"


def check_named(where: str, command: str) -> None:
    """Checks that there is what a command names: a target, an example, an extra."""
    words = shlex.split(command)
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), where
    if words[0] == "cargo" and "--example" in words:
        assert (ROOT / "examples" / f"{words[words.index('--example') + 1]}.rs").exists(), where
    for extra in re.findall(r"\[(.*?)\]", command):
        for name in extra.split(","):
            assert re.search(rf"^{name} = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE), where


def test_rust_is_only_on_pages_that_are_compiled() -> None:
    """`crates/persistable/src/lib.rs` compiles these as doctests."""
    with_rust = {page for page in pages() if any(block.language == "rust" for block in blocks(page))}
    assert with_rust <= {"README.md"}


@pytest.mark.parametrize("page", pages())
def test_a_pages_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        assert path.exists(), f"{page} links to {target}"
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), f"{page} links to {target}"


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
