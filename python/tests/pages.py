"""Reads the code out of pages of the documentation, and runs it as a reader would.

- A block of `python` runs in the page's process, after the blocks before it.
- If its first line is a comment with a file name, as in `# sweep.py`, it is written to that file instead.
- In a block of `console`, the commands run in the page's folder. What follows a command is its output.
- A block of `text` is the output of the block before it. An error counts as output.
- An HTML comment that begins with `hidden:` holds Python code that runs and that readers do not see.

`…` in an output stands for anything. How lines are wrapped, the time, and how long it took do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = {"python", "console", "text", "rust", "toml", "ini", "yaml"}
# These show no code to run.
FOR_DEVELOPERS = {f"docs/{name}.md" for name in ("ARCHITECTURE", "DESIGN", "glossary", "performance", "reliability")}
# Its programs run by `make engines` only.
ON_ENGINES = {"docs/guide/clusters.md"}
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^ *```$|^<!-- hidden:\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
_FILE_NAME = re.compile(r"# (\w+\.py)\n")


@dataclass
class Block:
    """Code in a page, and what it shows. `output` is `None` where the page shows none."""

    language: str
    code: str
    line: int
    output: str | None = None

    @property
    def file_name(self) -> str | None:
        """The file that the block is to be written to."""
        named = _FILE_NAME.match(self.code)
        return named[1] if named and self.language == "python" else None

    def commands(self) -> Iterator[tuple[str, str | None]]:
        """Returns the commands of a console, each with the output that follows it."""
        for part in re.split(r"^\$ ", self.code, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command.split("  #")[0].strip(), output.strip() or None


def pages() -> list[str]:
    """Returns the pages of the documentation that users read."""
    places = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    return sorted({str(path.relative_to(ROOT)) for path in places} - FOR_DEVELOPERS)


def blocks(page: str) -> list[Block]:
    """Returns the blocks of a page, outputs attached to the code that they belong to."""
    text = (ROOT / page).read_text()
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["hidden"] is not None:
            found.append(Block("python", match["hidden"], line, None))
            continue
        indent = len(match["indent"])
        code = "".join(part[indent:] or "\n" for part in match["code"].splitlines(keepends=True))
        block = Block(match["language"], code, line)
        if block.language not in LANGUAGES:
            raise ValueError(f"{page}:{line}: nobody knows how to run {block.language!r}")
        if block.language == "text":
            runs = [before for before in found if before.language in ("python", "console")]
            if not runs or runs[-1].output is not None:
                raise ValueError(f"{page}:{line}: this is the output of no code")
            runs[-1].output = code.strip()
        else:
            found.append(block)
    return found


def agrees(shown: str, printed: str) -> bool:
    """Tells whether a page shows what was printed."""
    shown, printed = (
        re.sub(r"\b[\d.]+ (?:µs|ms|s|min|h)\b|\b\d\d:\d\d:\d\d\b", "0 s", text) for text in (shown, printed)
    )
    parts = [re.escape(" ".join(part.split())) for part in shown.split("…")]
    pattern = r"\s*".join(["", r".*?".join(rf"\s*{part}\s*" for part in parts), ""])
    return re.fullmatch(pattern, " ".join(printed.split()), re.DOTALL) is not None
