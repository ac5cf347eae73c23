#!/usr/bin/env python3
"""Checks that Markdown is plain English. Exits with 1 and lists what to change.

Rules for each Markdown file of the repository:

- A line has at most 100 columns. Code blocks, tables, and lines that have no space to break at are exempt.
- A sentence has at most 25 words and two commas. At most one sentence in twenty may break this rule.

What counts:

- A sentence ends at `.`, `?`, `!` or `:`, and where its paragraph, list item or heading ends.
- Code in backticks is one word, and so is the address of a link. Sentences in tables are not checked.
- A comma counts if more than three words follow it before the next comma. So "one, two, three and four" is free.

`check-prose.py PATH...` checks only these files.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MOST_COLUMNS, MOST_WORDS, MOST_COMMAS = 100, 25, 2
MOST_WORDS_OF_ITEM = 3
SENTENCES_FOR_EACH_EXCEPTION = 20
STARTS_PARAGRAPH = re.compile(r"^\s*([-*+] |\d+\. |#+ |>)")


class Sentence(NamedTuple):
    line: int
    text: str

    def words(self) -> int:
        return len(self.text.split())

    def commas(self) -> int:
        parts = re.split(r",\s", self.text)[1:]
        return sum(len(part.split()) > MOST_WORDS_OF_ITEM for part in parts)


def prose_of(text: str) -> Iterator[tuple[int, str]]:
    """Yields numbers and lines; empty lines for tables, code blocks and comments."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            yield number, ""
        elif fence or line.lstrip().startswith(("|", "<!--")):
            yield number, ""
        else:
            yield number, line


def paragraphs_of(text: str) -> Iterator[list[tuple[int, str]]]:
    paragraph: list[tuple[int, str]] = []
    for number, line in prose_of(text):
        if paragraph and (not line.strip() or STARTS_PARAGRAPH.match(line)):
            yield paragraph
            paragraph = []
        if line.strip():
            paragraph.append((number, STARTS_PARAGRAPH.sub("", line)))
            if line.lstrip().startswith("#"):
                yield paragraph
                paragraph = []
    yield paragraph


def plain(text: str) -> str:
    """Code becomes one word; of a link its text is left."""
    text = re.sub(r"(`+)(.+?)\1", "code", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", text).translate(str.maketrans("", "", "[]*_"))


def sentences_of(text: str) -> Iterator[Sentence]:
    for paragraph in paragraphs_of(text):
        # Each line begins with its number, which tells where a sentence begins.
        marked = "".join(f"\0{number}\0{line.strip()} " for number, line in paragraph)
        line = paragraph[0][0] if paragraph else 0
        for part in re.split(r"(?<=[.?!:])[)\"”]*[\s]", plain(marked)):
            numbers = re.findall(r"\0(\d+)\0", part)
            line = int(numbers[0]) if part.startswith("\0") else line
            if text := re.sub(r"\0\d+\0", "", part).strip():
                yield Sentence(line, text)
            line = int(numbers[-1]) if numbers else line


def problems_of(path: Path) -> Iterator[str]:
    text = path.read_text()
    for number, line in prose_of(text):
        if len(line) > MOST_COLUMNS and " " in line[:MOST_COLUMNS].strip().lstrip("-*> "):
            yield f"{path}:{number}: {len(line)} columns"
    sentences = list(sentences_of(text))
    long = [s for s in sentences if s.words() > MOST_WORDS or s.commas() > MOST_COMMAS]
    allowed = ceil(len(sentences) / SENTENCES_FOR_EACH_EXCEPTION)
    if len(long) > allowed:
        yield f"{path}: {len(long)} long sentences, {allowed} are allowed. Split some of these:"
        for s in long:
            yield f"{path}:{s.line}: {s.words()} words, {s.commas()} commas: {s.text[:70]}"


def main() -> int:
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in sys.argv[1:]] or [ROOT / name for name in listed.split()]
    problems = [problem.replace(f"{ROOT}/", "") for path in paths if path.exists() for problem in problems_of(path)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
