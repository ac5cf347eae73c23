"""Files that git-annex or DVC replaced by links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import NumberP, NumberParams, artifact_files

from persistable import Store
from persistable.exceptions import NotFetchedError, UnavailableError
from persistable.io import JsonFileIO, PickleFileIO

IOS: list[Any] = [JsonFileIO(), PickleFileIO()]


def annexed(folder: Path, io: Any) -> tuple[NumberP, list[Path]]:
    """Persists a step, and does with its files what `git annex add` does."""
    NumberP(folder, NumberParams(5), None, payload_io=io).generate()
    objects = folder / ".git" / "annex" / "objects"
    objects.mkdir(parents=True)
    moved = []
    for name in artifact_files(folder):
        content = (folder / name).rename(objects / name)
        content.chmod(0o444)
        (folder / name).symlink_to(Path(".git/annex/objects") / name)
        moved.append(content)
    return NumberP(folder, NumberParams(5), None, payload_io=io), moved


@pytest.mark.parametrize("io", IOS)
def test_they_are_loaded_and_stay_links(io: Any, tmp_path: Path) -> None:
    step, _ = annexed(tmp_path, io)
    step.load_generate()
    assert (step.payload, step.generations) == (5, 0)
    assert all((tmp_path / name).is_symlink() for name in artifact_files(tmp_path))


@pytest.mark.parametrize("io", IOS)
@pytest.mark.parametrize("part", ["manifest", "payload"])
def test_where_the_content_was_not_fetched_nothing_is_generated(io: Any, part: str, tmp_path: Path) -> None:
    step, contents = annexed(tmp_path, io)
    is_of_part = {
        "manifest": lambda name: name.endswith(".manifest.json"),
        "payload": lambda name: not name.endswith((".manifest.json", ".params.json")),
    }[part]
    content = next(path for path in contents if is_of_part(path.name))
    elsewhere = content.rename(content.with_name("on another machine"))
    before = sorted(path.name for path in tmp_path.iterdir())
    for load in (step.load, step.load_generate, lambda: step.payload):
        with pytest.raises(NotFetchedError, match="git annex get") as caught:
            load()
        assert isinstance(caught.value, UnavailableError)
        assert not isinstance(caught.value, FileNotFoundError)
    assert step.generations == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not (tmp_path / ".persistable" / "quarantine").exists()
    elsewhere.rename(content)
    step.load_generate()
    assert step.generations == 0


@pytest.mark.parametrize("io", IOS)
def test_who_generates_anew_replaces_the_links_and_not_what_they_lead_to(io: Any, tmp_path: Path) -> None:
    step, contents = annexed(tmp_path, io)
    before = {path: path.read_bytes() for path in contents}
    contents[0].unlink()
    del before[contents[0]]
    step.generate()
    step.reset_payload()
    step.load()
    assert {path: path.read_bytes() for path in before} == before


def test_a_copy_of_what_was_not_fetched_fails_in_the_same_way_as_loading_it(tmp_path: Path) -> None:
    step, contents = annexed(tmp_path / "data", JsonFileIO())
    for content in contents:
        content.unlink()
    with pytest.raises(NotFetchedError, match="git annex get"):
        Store(tmp_path / "data").push(tmp_path / "other")
    assert step.generations == 0
