"""Runs of one step in a data folder and in layers over that folder: two steps of a plan, which share a lease."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from run_steps import marked

import persistable
from persistable import Store, _core


class Stores:
    """A folder, a folder above it, and both as layers."""

    def __init__(self, path: Path) -> None:
        self.folder, self.above, self.marks = (path / name for name in ("folder", "above", "marks"))
        for folder in (self.folder, self.above, self.marks):
            folder.mkdir()
        self.layers = Store.layers(self.above, self.folder)

    def step(self, where: str) -> Any:
        return marked(getattr(self, where), folder=str(self.marks))

    def generated(self) -> int:
        return len(list(self.marks.iterdir()))


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("order", [("folder", "layers"), ("layers", "folder")], ids="-".join)
@pytest.mark.parametrize("there", [(), ("above",), ("folder",)], ids=lambda there: "-".join(there) or "nowhere")
def test_each_is_looked_for_in_its_own_store(
    stores: Stores, there: tuple[str, ...], order: tuple[str, str], executor: str
) -> None:
    for where in there:
        stores.step(where).generate()
    before = stores.generated()
    is_there = {"folder": "folder" in there, "layers": bool(there)}

    steps = [stores.step(where) for where in order]
    states = [row.state for row in persistable.plan(steps)]
    assert states == ["present" if is_there[where] else "ready" for where in order]

    report = persistable.run(steps, executor, workers=2, progress=False)
    expected = 0 if is_there["folder"] else 1
    assert stores.generated() - before == expected
    assert report.count("generated") == expected
    stores.step("folder").load()
    stores.step("layers").load()


def test_a_group_sync_of_the_folder_is_none_of_the_layers(stores: Stores) -> None:
    folder, layers = stores.step("folder"), stores.step("layers")
    if _core.group_sync_of([folder]) is None:
        pytest.skip("this file system can't be synced as a whole")
    assert _core.group_sync_of([folder, layers]) is None
    assert _core.group_sync_of([layers, folder]) is None
