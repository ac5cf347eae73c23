"""Files and folders as params: they count by their content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from input_support import canonical, text_step, write

from persistable import InputFile, InputFolder, step
from persistable._cache import cache_folder

_VECTORS = json.loads((Path(__file__).parents[2] / "spec" / "vectors" / "inputs.json").read_text("utf-8"))["cases"]


# --- what counts ------------------------------------------------------------------------------------------------------


def test_a_step_that_is_held_gives_the_payload_of_the_present_content(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    held = text_step(tmp_path, InputFile(path))
    first = held.persist_hash
    assert held.payload == "one"
    write(path, "three")
    assert held.payload == "three"
    assert held.persist_hash != first
    write(path, "one")
    assert held.persist_hash == first
    assert held.payload == "one"


def test_content_and_name_count_and_the_folder_does_not(tmp_path: Path) -> None:
    a = canonical(InputFile(write(tmp_path / "x" / "a.csv", "one")))
    assert a == canonical(InputFile(write(tmp_path / "y" / "a.csv", "one")))
    assert a != canonical(InputFile(write(tmp_path / "z" / "a.csv", "two")))
    assert a != canonical(InputFile(write(tmp_path / "z" / "b.csv", "one")))


def test_a_name_can_be_left_out_or_replaced(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", "one"), write(tmp_path / "b", "one")
    assert canonical(InputFile(a, name=None)) == canonical(InputFile(b, name=None))
    assert canonical(InputFile(a)) == canonical(InputFile(b, name="a"))
    assert canonical(InputFile(a)) != canonical(InputFile(a, name=None))
    assert (InputFile(a).name, InputFile(a, name=None).name) == ("a", None)


def test_a_folder_that_is_renamed_keeps_the_key_of_a_file_in_it(tmp_path: Path) -> None:
    path = write(tmp_path / "x" / "a.csv", "one")
    before = text_step(tmp_path, InputFile(path)).persist_hash
    (tmp_path / "x").rename(tmp_path / "y")
    assert text_step(tmp_path, InputFile(tmp_path / "y" / "a.csv")).persist_hash == before


def test_a_file_that_was_touched_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    before = InputFile(path).digest
    os.utime(path, (1, 1))
    assert InputFile(path).digest == before


def test_other_content_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one")
    os.utime(path, (1, 1))
    before = InputFile(path).digest
    write(path, "two")
    os.utime(path, (1, 1))
    assert InputFile(path).digest != before


def test_writes_through_a_memory_map_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(1000))
    array = np.load(path, mmap_mode="r+")
    array[0] = 1.0
    digests = [InputFile(path).digest]
    for number in range(5):
        array[500] = float(number + 2)
        digests.append(InputFile(path).digest)
    assert len(set(digests)) == 6


def test_a_link_counts_by_its_own_name_and_what_it_leads_to(tmp_path: Path) -> None:
    target = write(tmp_path / "target", "one")
    (tmp_path / "link").symlink_to(target)
    link = InputFile(tmp_path / "link")
    assert (link.name, link.path) == ("link", tmp_path / "link")
    assert link.digest == InputFile(target).digest


def test_a_folder_counts_by_its_name_and_by_the_files_that_match(tmp_path: Path) -> None:
    folder = tmp_path / "x" / "2024"
    a = write(folder / "a.csv", "1")
    write(folder / "b" / "c.csv", "2")
    every = canonical(InputFolder(folder))
    assert every == canonical(InputFolder(folder, "**/*.csv"))
    assert every != canonical(InputFolder(folder, "*.csv"))
    assert every != canonical(InputFolder(folder, name=None))
    folder.parent.rename(tmp_path / "y")
    assert every == canonical(InputFolder(tmp_path / "y" / "2024"))
    a = tmp_path / "y" / "2024" / "a.csv"
    a.rename(a.with_name("d.csv"))
    assert every != canonical(InputFolder(tmp_path / "y" / "2024"))


@pytest.mark.parametrize("case", [case for case in _VECTORS if "value" in case], ids=lambda case: str(case["name"]))
def test_the_vectors_hold_for_files_on_the_disk(tmp_path: Path, case: Any) -> None:
    name = case["value"]["record"]["fields"]["name"].get("text")
    path = tmp_path / (name or "unnamed")
    if "file" in case:
        path.write_bytes(bytes.fromhex(case["file"]))
        assert canonical(InputFile(path, name=name)).hex() == case["canonical"]
        return
    for relative, content in case["files"].items():
        (path / relative).parent.mkdir(parents=True, exist_ok=True)
        (path / relative).write_bytes(bytes.fromhex(content))
    assert canonical(InputFolder(path, name=name)).hex() == case["canonical"]


# --- where they stand -------------------------------------------------------------------------------------------------


def test_inputs_stand_wherever_params_do(tmp_path: Path) -> None:
    path = write(tmp_path / "folder" / "a.csv", "one")
    inputs = [InputFile(path, name="b"), InputFolder(path.parent)]
    held = text_step(tmp_path, InputFile(path), inputs=inputs)
    assert held.payload == "one"
    before = held.persist_hash
    write(path.parent / "new.csv", "two")
    assert held.persist_hash != before


def test_a_step_function_gets_the_input(tmp_path: Path) -> None:
    @step
    def lines(csv: InputFile) -> list[str]:
        assert isinstance(csv, InputFile)
        return Path(csv).read_text("utf-8").splitlines()

    path = write(tmp_path / "a.csv", "one\ntwo")
    assert lines(tmp_path / "data", InputFile(path)).payload == ["one", "two"]
    write(path, "three")
    assert lines(tmp_path / "data", InputFile(path)).payload == ["three"]


def test_people_see_name_and_digest(tmp_path: Path) -> None:
    csv = InputFile(write(tmp_path / "a.csv", "one"))
    held = text_step(tmp_path, csv)
    held.generate()
    shown = json.loads(Path(f"{held.persist_filepath}.params.json").read_text("utf-8"))
    assert shown == held.params_tree == {"csv": {"name": "a.csv", "content": csv.digest}, "more": {}}


# --- what is remembered -----------------------------------------------------------------------------------------------


def digest_in_another_process(path: Path, **variables: str) -> str:
    program = f"from persistable import InputFile; print(InputFile({str(path)!r}).digest)"
    environment = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_digests_are_remembered_in_the_folder_that_the_environment_names(tmp_path: Path) -> None:
    path = max(Path(np.__file__).parent.rglob("*.so"), key=lambda library: library.stat().st_size)
    if time.time() - path.stat().st_ctime < 90:
        pytest.skip("NumPy was installed just now, and only files that did not change lately are remembered")
    cache = tmp_path / "cache"
    first = digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache))
    [remembered] = cache.iterdir()
    assert first in remembered.read_text()
    assert digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache)) == first
    remembered.write_bytes(b"\xff damaged")
    assert digest_in_another_process(path, PERSISTABLE_CACHE_DIR=str(cache)) == first


def test_where_digests_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.delenv("PERSISTABLE_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path("/home/ann/.cache/persistable")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path("/home/ann/.cache/persistable")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/persistable")
    monkeypatch.setenv("PERSISTABLE_CACHE_DIR", "/mine")
    assert cache_folder() == Path("/mine")
    monkeypatch.setenv("PERSISTABLE_CACHE_DIR", "")
    assert cache_folder() is None
    monkeypatch.delenv("PERSISTABLE_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path("/home/ann/Library/Caches/persistable")
